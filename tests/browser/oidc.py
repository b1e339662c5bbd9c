"""A small OpenID Connect provider on localhost: as much of one as signing in needs, and as strict.

It shows a page with a link for each person, hands out one code at each press, and trades a code once, for the client
and the address that it was made for and against the PKCE verifier, for an id token signed with RS256.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "driftloop", "the client's secret in a test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Someone with an account at the provider; `claims` go into the id token as they are."""

    name: str
    claims: Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Provider:
    """The provider's address, and what it remembers."""

    url: str
    visitors: Sequence[Visitor]
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "test", "use": "sig"}))
    # what was asked for, under the code that was made for it
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "end_session_endpoint": f"{self.url}/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        }

    def choose(self, asked: dict[str, str]) -> str:
        """The page on which a person says who they are."""
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert "email" in asked["scope"].split()
        links = (
            f'<li><a href="/approve?{html.escape(urlencode({**asked, "as": visitor.name}))}">{visitor.name}</a></li>'
            for visitor in self.visitors
        )
        return f"<!doctype html><title>Provider</title><h1>Who are you?</h1><ul>{''.join(links)}</ul>"

    def approve(self, asked: dict[str, str]) -> str:
        """Back to the dashboard with a code."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def trade(self, given: dict[str, str], authorization: str) -> dict[str, Any]:
        """An id token for a code."""
        kind, _, encoded = authorization.partition(" ")
        assert (kind, base64.b64decode(encoded).decode()) == ("Basic", f"{CLIENT_ID}:{CLIENT_SECRET}")
        asked = self.codes.pop(given["code"])
        assert given["grant_type"] == "authorization_code"
        assert given["redirect_uri"] == asked["redirect_uri"]
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        visitor = next(visitor for visitor in self.visitors if visitor.name == asked["as"])
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "sub": visitor.name, "iat": now, "exp": now + 600}
        token = jwt.encode(
            {"alg": "RS256", "kid": "test"}, {**claims, "nonce": asked["nonce"], **visitor.claims}, self.key
        )
        return {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 600, "id_token": token}


class _Server(ThreadingHTTPServer):
    """The provider behind HTTP; a browser keeps connections open, which must not hold up the end."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, visitors: Sequence[Visitor]) -> None:
        super().__init__(("localhost", 0), _Answers)
        self.provider = Provider(url=f"http://localhost:{self.server_port}", visitors=visitors)


class _Answers(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        provider, asked, path = self.server.provider, *self._asked()
        if path == "/.well-known/openid-configuration":
            self._send_json(provider.metadata())
        elif path == "/jwks":
            self._send_json({"keys": [provider.key.as_dict(private=False)]})
        elif path == "/authorize":
            self._send(200, provider.choose(asked).encode(), "text/html")
        elif path == "/approve":
            self._send_on(provider.approve(asked))
        elif path == "/end":
            self._send_on(asked["post_logout_redirect_uri"])
        else:
            self._send(404, b"", "text/plain")

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._send_json(self.server.provider.trade(_fields(content), self.headers["Authorization"]))

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests' output is not a log."""

    def _asked(self) -> tuple[dict[str, str], str]:
        address = urlsplit(self.path)
        return _fields(address.query), address.path

    def _send_json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), "application/json")

    def _send_on(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.end_headers()

    def _send(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _fields(text: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(text).items()}


@contextmanager
def running_provider(visitors: Sequence[Visitor]) -> Iterator[Provider]:
    """A provider on a free port."""
    with _Server(visitors) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.provider
        server.shutdown()
        thread.join()
