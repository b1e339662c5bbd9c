"""The dashboard as a user starts it, in a real browser that may talk to this machine only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.chromium import LAUNCH_ARGS, chromium_path
from tests.browser.server import running_app


@pytest.fixture(scope="session")
def app_url(demo_store: Path) -> Iterator[str]:
    """`driftloop app` on a free port, over the demo."""
    with running_app(demo_store) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium_path()
    assert path is not None, "No Chromium or Chrome: run python -m tests.browser.chromium."
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=LAUNCH_ARGS)
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile; a request to anywhere but this machine fails the test."""
    opened = browser.new_context(viewport={"width": 1280, "height": 1100}, accept_downloads=True)
    elsewhere: list[str] = []

    def watch(url: str) -> None:
        if urlsplit(url).scheme in {"http", "https", "ws", "wss"} and urlsplit(url).hostname != "localhost":
            elsewhere.append(url)

    opened.on("request", lambda request: watch(request.url))
    opened.on("page", lambda page: page.on("websocket", lambda opened_socket: watch(opened_socket.url)))
    yield opened
    opened.close()
    assert not elsewhere, f"the page asked the network for {elsewhere}"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures go: the README's folder where DRIFTLOOP_PICTURES names it."""
    folder = Path(os.environ.get("DRIFTLOOP_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
