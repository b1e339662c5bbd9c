"""The dashboard as a user starts it, in a real browser that may talk to this machine only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from driftcore import open_store
from driftcore.workflows.cluster_events import cluster_events
from driftcore.workflows.corridor import make_corridor
from driftcore.workflows.triage import accept
from tests.browser.chromium import LAUNCH_ARGS, chromium_path
from tests.browser.server import running_app

Scheme = Literal["light", "dark"]


@pytest.fixture(scope="session")
def app_url(demo_store: Path) -> Iterator[str]:
    """`driftloop app` on a free port, over the demo."""
    with running_app(demo_store) as url:
        yield url


@pytest.fixture(scope="session")
def lived_in(demo_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The demo after somebody worked with it: a corridor measured, clusters looked at, spans accepted."""
    path = tmp_path_factory.mktemp("lived") / "demo.lance"
    shutil.copytree(demo_store, path)
    store = open_store(path)
    make_corridor(store, "2026-W01", ("cancel", "refund"))
    cluster_events(store, "2026-W01", "2026-W12")
    accept(store, [span.span_id for span in store.spans.all() if span.current == "2026-W12" and span.origin == "found"])
    with running_app(path) as url:
        yield url, path


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium_path()
    assert path is not None, "No Chromium or Chrome: run python -m tests.browser.chromium."
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=LAUNCH_ARGS)
        yield opened
        opened.close()


@pytest.fixture
def open_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Fresh browser profiles of any size and colour scheme; a request to anywhere but this machine fails the test."""
    elsewhere: list[str] = []
    opened: list[BrowserContext] = []

    def watch(url: str) -> None:
        if urlsplit(url).scheme in {"http", "https", "ws", "wss"} and urlsplit(url).hostname != "localhost":
            elsewhere.append(url)

    def fresh(*, width: int = 1280, height: int = 1100, scheme: Scheme = "light") -> BrowserContext:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True
        )
        context.on("request", lambda request: watch(request.url))
        context.on("page", lambda page: page.on("websocket", lambda opened_socket: watch(opened_socket.url)))
        opened.append(context)
        return context

    yield fresh
    for context in opened:
        context.close()
    assert not elsewhere, f"the page asked the network for {elsewhere}"


@pytest.fixture
def context(open_context: Callable[..., BrowserContext]) -> BrowserContext:
    """A fresh browser profile as wide as a laptop."""
    return open_context()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures go: the folder that DRIFTLOOP_PICTURES names, else nowhere that lasts."""
    folder = Path(os.environ.get("DRIFTLOOP_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
