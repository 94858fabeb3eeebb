"""The one kind of error that a user can mend. Everything else that is raised is a mistake of ours."""


class MendableError(Exception):
    """The message says where, what is wrong and what to do; commands show it without a traceback."""


class Busy(MendableError):
    """Somebody else is at the same work in the same place; commands end with the status for that."""
