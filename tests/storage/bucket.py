"""A bucket on this machine: moto's server, which counts what it is asked for, and can be away."""

from __future__ import annotations

import contextlib
import io
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

KEYS = {"aws_access_key_id": "nobody", "aws_secret_access_key": "a-secret-of-nobody", "region": "us-east-1"}

Environ = dict[str, Any]


def free_port() -> int:
    """A port that no client is given: a client that knocks at a closed one of those may end up talking to itself."""
    for port in random.SystemRandom().sample(range(20_000, 30_000), 100):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise RuntimeError("no free port")


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing of a request."""


class Bucket:
    """A server with one bucket; what lies in it stays when the server goes and comes back."""

    def __init__(self, name: str = "bucket") -> None:
        self.name = name
        self._app = DomainDispatcherApplication(create_backend_app)
        # moto looks whether a key is there and writes it in two steps: a race in it would be no race of ours
        self._one_writes = threading.Lock()
        self._server: BaseWSGIServer | None = None
        self._port = free_port()
        self._left: int | None = None
        self._going: threading.Thread | None = None
        self.asked: list[str] = []
        self.come()
        who = f"AWS4-HMAC-SHA256 Credential={KEYS['aws_access_key_id']}/20260101/us-east-1/s3/aws4_request"
        httpx.put(f"{self.endpoint}/{name}", headers={"Authorization": who}).raise_for_status()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def options(self) -> dict[str, str]:
        return {**KEYS, "endpoint": self.endpoint, "allow_http": "true"}

    @property
    def environment(self) -> dict[str, str]:
        """The same for whoever reads the environment."""
        return {
            "AWS_ACCESS_KEY_ID": KEYS["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": KEYS["aws_secret_access_key"],
            "AWS_REGION": KEYS["region"],
            "AWS_ENDPOINT": self.endpoint,
            "AWS_ALLOW_HTTP": "true",
        }

    def come(self) -> None:
        """Answer, at the same address as before."""
        with self._one_writes:
            going, self._left, self._going = self._going, None, None
        if going is not None:
            going.join()
        if self._server is None:
            self._server = self._bound()
            threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _bound(self) -> BaseWSGIServer:
        """A server at this port, which may still be given back by the one before."""
        for _ in range(50):
            with contextlib.suppress(SystemExit), contextlib.redirect_stderr(io.StringIO()):
                return make_server("127.0.0.1", self._port, self._answer, threaded=True, request_handler=Quiet)
            time.sleep(0.05)
        raise RuntimeError(f"port {self._port} is not given back")

    def go(self) -> None:
        """Refuse every connection from now on."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def go_after(self, n: int) -> None:
        """Answer `n` requests more, then be gone."""
        self._left = n

    @contextmanager
    def counted(self) -> Iterator[Counter[str]]:
        """How often it was asked for what, meanwhile."""
        before, count = len(self.asked), Counter[str]()
        yield count
        count.update(line.split(" ")[0] for line in self.asked[before:])

    def _answer(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                with self._one_writes:
                    if self._left is not None and self._going is None:
                        self._going = threading.Thread(target=self.go)
                        self._going.start()
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
                raise ConnectionAbortedError
        if KEYS["aws_access_key_id"] not in environ.get("HTTP_AUTHORIZATION", ""):
            start("403 Forbidden", [("Content-Type", "application/xml")])
            return [b"<Error><Code>InvalidAccessKeyId</Code><Message>Unknown.</Message></Error>"]
        self.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}")
        if environ["REQUEST_METHOD"] == "GET" or environ["REQUEST_METHOD"] == "HEAD":
            return self._app(environ, start)
        with self._one_writes:
            return self._app(environ, start)
