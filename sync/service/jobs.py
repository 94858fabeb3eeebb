"""What the service does: a table of its jobs, and the ping to a watchdog elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from pydantic import SecretStr

from sync import logs
from sync.office import OpenOffice
from sync.service.stopping import Stop

PING_SECONDS = 10
_REDIRECTS = 3
_REMIND_SECONDS = 60
_REFUSED = 400

Step = Callable[[], None]
"""Called between two steps of a job: keeps the heartbeat going, and raises Stopped where the service is to end."""

Job = Callable[[OpenOffice, Stop, Step], Sequence[str]]
"""Works on an office that was just opened; gives what went wrong although the job went on. Looks at the stop, or calls
the step, between two steps of its own."""


def look_for_reports(office: OpenOffice, stop: Stop, step: Step) -> Sequence[str]:
    """One pass."""
    from sync import passes

    result = passes.run(office, progress=lambda _what, _done, _of: step(), wait=stop.wait)
    logs.event("pass", received=result.received, new=result.new, problems=len(result.problems))
    return result.problems


def send_notices(office: OpenOffice, stop: Stop, _step: Step) -> Sequence[str]:
    """Sends the notices that are due, for at most a minute at a time."""
    from sync import reminding

    told = reminding.remind(office, stop=stop.is_set, wait=stop.wait, seconds=_REMIND_SECONDS)
    left = {status: told.outcomes[status] for status in told.outcomes}
    sent = left.pop("sent", 0) + left.pop("written", 0)
    logs.event("remind", sent=sent, failed=sum(left.values()), waiting=told.limited, problems=len(told.problems))
    return told.problems


JOBS: Mapping[str, Job] = {"pass": look_for_reports, "remind": send_notices}
"""The jobs by name, in the order of their first run. `<name>_minutes` of [service] is how often each one runs."""


def ping(url: SecretStr) -> None:
    """Fetches `url`, which is a secret, so that a watchdog sees that a pass went well. Never raises."""
    import requests

    try:
        with requests.Session() as session:
            session.max_redirects = _REDIRECTS
            # Streamed: the answer's body is of no interest, however long it is.
            answer = session.get(url.get_secret_value(), timeout=PING_SECONDS, stream=True)
            answer.close()
    except Exception as error:  # whatever a strange address brings about: the watchdog will tell
        logs.event("ping_failed", logging.WARNING, error=type(error).__name__)
    else:
        if answer.status_code >= _REFUSED:
            logs.event("ping_failed", logging.WARNING, code=answer.status_code)
