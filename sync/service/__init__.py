"""The service, `baocao run`: looks for reports and for notices that are due until it is asked to end.

It remembers nothing that matters: each job opens the office anew and works from the ledger, so a service that is killed
and started again goes on where it was.
"""

from sync.service.jobs import JOBS, Job
from sync.service.loop import run
from sync.service.stopping import Stop, Stopped, asked_by_signals
from sync.service.ticking import Clock

__all__ = ["JOBS", "Clock", "Job", "Stop", "Stopped", "asked_by_signals", "run"]
