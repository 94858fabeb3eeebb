"""The headers of every answer. xlwings Server adds those that OWASP recommends, without a content security policy."""

from __future__ import annotations

from collections.abc import Iterable

EXCEL_ON_THE_WEB = (
    *("https://*.officeapps.live.com", "https://*.office.com", "https://*.office365.com", "https://*.microsoft.com"),
    *("https://*.cloud.microsoft", "https://*.sharepoint.com", "https://onedrive.live.com", "https://*.live.com"),
)
"""Pages that Excel on the web shows the task pane in."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        # Office.js sets styles on elements of its own.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        f"frame-ancestors 'self' {' '.join(EXCEL_ON_THE_WEB)}",
    )
)
_ALWAYS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"strict-transport-security": b"max-age=31536000",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=()",
}
_NEVER = (b"server",)


def with_ours(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """`headers` of an answer with ours, which go before others of the same name."""
    kept = [(name, value) for name, value in headers if name.lower() not in (*_ALWAYS, *_NEVER)]
    return [*kept, *_ALWAYS.items()]
