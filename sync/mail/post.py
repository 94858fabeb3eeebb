"""What it means to post a letter: the interface of the ways in which letters leave, and the outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from types import TracebackType
from typing import Literal, Protocol, Self

from sync.errors import MendableError

Status = Literal["sent", "written", "temporary", "permanent", "unknown"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter at one address.

    sent: the server took it. written: it lies in the outbox as a file. temporary: to be tried again later. permanent:
    refused for good. unknown: the connection was lost after the letter was on its way, so it may have arrived. `code`
    is the server's; `reason` is one line without secrets.
    """

    status: Status
    code: int | None = None
    reason: str = ""


class PostUnavailable(MendableError):
    """No letter can be posted now: no connection, a certificate that does not fit, a login that is refused.

    The message is one clear line. `temporary` tells whether trying again by itself makes sense.
    """

    def __init__(self, message: str, *, temporary: bool = True) -> None:
        super().__init__(message)
        self.temporary = temporary


class Post(Protocol):
    """A way for letters to leave. It connects when the first letter is sent, not before."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def send(
        self,
        message: EmailMessage,
        sender: str,
        addresses: Sequence[str],
        on_its_way: Callable[[Mapping[str, Outcome]], None],
    ) -> Mapping[str, Outcome]:
        """Sends `message` to each of `addresses`; the outcome of each.

        `on_its_way` is called once, before the first byte of the letter itself leaves, with the outcomes of addresses
        that were refused already: from there until this returns, a crash leaves the others' outcome unknown. It is not
        called where no address is left. Raises PostUnavailable where nothing was attempted for any address.
        """
        ...
