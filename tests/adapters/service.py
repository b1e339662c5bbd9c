"""A training service on localhost: strict about signatures, and as wrong in its answers as a test wants it."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyarrow as pa
import pyarrow.parquet as pq

from driftcore.errors import NotAllowedError
from driftcore.signing import verify

SECRET = "a secret for tests only"


def parquet(ids, n_dims=2):
    table = pa.table(
        {
            "sample_id": list(ids),
            "vector": [[float(row), *[1.0] * (n_dims - 1)] for row in range(len(ids))],
            "prediction": ["refund"] * len(ids),
            "confidence": [0.5] * len(ids),
        }
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


class Script:
    """What the service answers: `asked` to the request, then each of `told`, and files by path."""

    def __init__(self, *, asked, told=(), files=None):
        self.asked, self.told, self.files = asked, list(told), files or {}
        self.requests, self.ids, self.refused, self.n_polls = [], [], [], 0

    def answer(self, method, path, body):
        """Status code and content; a number in the script is a status code without content."""
        if method == "POST":
            self.requests.append(json.loads(body))
            said = self.asked.pop(0) if isinstance(self.asked, list) else self.asked
        elif path in self.files:
            return 200, self.files[path]
        else:
            said = self.told.pop(0) if len(self.told) > 1 else self.told[0]
            self.n_polls += 1
        if isinstance(said, int):
            return said, b""
        return 200, said if isinstance(said, bytes) else json.dumps(said).encode()


@contextmanager
def serving(script: Script) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.take("POST")

        def do_GET(self):
            self.take("GET")

        def take(self, method):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            try:
                script.ids.append(verify(SECRET, body, dict(self.headers.items())))
                code, content = script.answer(method, self.path, body)
            except NotAllowedError as refused:
                script.refused.append(str(refused))
                code, content = 401, b""
            self.send_response(code)
            if code in (301, 302, 307):
                self.send_header("location", "/elsewhere")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/train"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
