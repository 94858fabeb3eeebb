"""An address for OAuth 2 access tokens on loopback, which checks what it is asked as Google and Microsoft do."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

Answer = tuple[int, Any]
"""HTTP status and what is sent as JSON; bytes are sent as they are."""
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass
class TokenServer:
    """The address is `url` while the context is open. `answer` makes the answer to a checked form."""

    answer: Callable[[dict[str, str]], Answer]
    asked: list[dict[str, str]] = field(default_factory=list)
    """The forms that came."""

    def __post_init__(self) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = False
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), name="tokens", daemon=True)

    @property
    def url(self) -> str:
        """For [mail] token_url."""
        return f"http://127.0.0.1:{self._http.server_port}/token"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                form = dict(parse_qsl(body.decode()))
                server.asked.append(form)
                self._send(*server.answer(form))

            def _send(self, status: int, content: Any) -> None:
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                if status in {301, 302, 307, 308}:
                    self.send_header("Location", server.url)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


@dataclass(frozen=True)
class Microsoft:
    """The refresh-token grant: each refresh token that is good gives an access token and the next refresh token."""

    client_id: str
    good: dict[str, tuple[str, str]]
    """Refresh token → access token, next refresh token ("" for none)."""
    expires_in: int = 3600

    def __call__(self, form: dict[str, str]) -> Answer:
        scope = "https://outlook.office.com/SMTP.Send offline_access"
        if form.get("grant_type") != "refresh_token" or form.get("scope") != scope:
            return 400, {"error": "unsupported_grant_type"}
        if form.get("client_id") != self.client_id:
            return 400, {
                "error": "invalid_client",
                "error_description": "AADSTS700016: no such application\r\nTrace: 1",
            }
        if form.get("refresh_token") not in self.good:
            return 400, {"error": "invalid_grant", "error_description": f"AADSTS70008: {form.get('refresh_token')}"}
        token, renewed = self.good[form["refresh_token"]]
        more = {"refresh_token": renewed} if renewed else {}
        return 200, {"token_type": "Bearer", "access_token": token, "expires_in": self.expires_in, **more}


class GoogleAccount:
    """A service account with a key of its own: `key_file` is its JSON, and calling it checks the signed grant."""

    email = "may-gui-thu@du-an.iam.gserviceaccount.com"

    def __init__(self, subject: str, token: str) -> None:
        self._subject = subject
        self._token = token
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def key_file(self) -> str:
        """What Google gives out as the account's key."""
        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        known = {"type": "service_account", "client_email": self.email, "private_key": pem.decode()}
        return json.dumps({**known, "private_key_id": "1", "token_uri": "https://oauth2.googleapis.com/token"})

    def __call__(self, form: dict[str, str]) -> Answer:
        if form.get("grant_type") != JWT_GRANT:
            return 400, {"error": "unsupported_grant_type"}
        claims = self._claims(form["assertion"])
        if claims is None:
            return 400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        expected = {"iss": self.email, "sub": self._subject, "scope": "https://mail.google.com/"}
        if any(claims.get(name) != value for name, value in expected.items()):
            return 401, {"error": "unauthorized_client", "error_description": "Client is unauthorized"}
        return 200, {"access_token": self._token, "expires_in": 3599, "token_type": "Bearer"}

    def _claims(self, assertion: str) -> dict[str, Any] | None:
        signed, _dot, signature = assertion.rpartition(".")
        try:
            self._key.public_key().verify(_decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return None
        claims: dict[str, Any] = json.loads(_decoded(signed.partition(".")[2]))
        return claims


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
