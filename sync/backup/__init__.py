"""Backups: one ZIP that holds what an office cannot make again, verified when it is written and before it is used.

A backup holds the ledger (as one SQLite file, whatever database it is kept in), the archive, the control workbook, the
settings, the workspace's secret and other small state, letter templates and letters that wait to be sent by hand. So it
is as private as the workspace. The inbox is not stored twice: it is built again from the ledger's sightings and the
archive. What passes write again (consolidated workbooks, returned copies) is left out.
"""

from sync.backup.checking import verify
from sync.backup.manifest import BackupBusy, BackupError
from sync.backup.restoring import RestoreResult, restore
from sync.backup.writing import BackupResult, backup

__all__ = ["BackupBusy", "BackupError", "BackupResult", "RestoreResult", "backup", "restore", "verify"]
