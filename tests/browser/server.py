"""`driftloop app` as a user starts it, in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running_app(
    store: Path,
    *,
    port: int | None = None,
    folder: Path | None = None,
    said: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """The address of the dashboard, started in `folder`; what it prints goes into the file `said`."""
    with running_server(store, port=port, folder=folder, said=said, environment=environment) as (url, _):
        yield url


@contextmanager
def running_server(
    store: Path,
    *,
    port: int | None = None,
    folder: Path | None = None,
    said: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[tuple[str, int]]:
    """The address of the dashboard and the number of its process."""
    number = free_port() if port is None else port
    command = [str(Path(sys.executable).parent / "driftloop"), "app", "--store", str(store), "--port", str(number)]
    with Path(os.devnull if said is None else said).open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
    url = f"http://localhost:{number}"
    try:
        _wait_until_healthy(url, process)
        yield url, process.pid
    finally:
        os.killpg(process.pid, 15)
        process.wait(timeout=20)


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, "driftloop app ended by itself"
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    raise AssertionError("driftloop app did not answer within 90 s")
