"""Signing in, in a real browser, at a provider of the test's own: who comes in, where they land, what they may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Download, Page, expect

from driftcore import compare, ingest, log_eval, make_frame, open_store
from driftcore.testing import make_world, moved
from driftcore.workflows.share import keep_view, share_token, signing_secret
from tests.browser.dashboard import downloaded_ids, open_page, settle, wait_for_map
from tests.browser.oidc import CLIENT_ID, CLIENT_SECRET, Provider, Visitor, running_provider
from tests.browser.server import free_port, running_app

PICKED = {"reference": "week 1", "current": "week 2", "color": "shift"}
QUERY = "reference=week+1&current=week+2&color=shift"
VISITORS = (
    Visitor(name="editor", claims={"email": "Ada@Example.org", "email_verified": True}),
    Visitor(name="viewer", claims={"email": "bob@example.org", "email_verified": True}),
    # says the editor's address, which the provider has not seen mail read at
    Visitor(name="pretender", claims={"email": "ada@example.org", "email_verified": False}),
    Visitor(name="stranger", claims={"email": "eve@elsewhere.org", "email_verified": True}),
)
ACCESS = """
[access]
editors = ["ada@example.org"]
viewers = ["@example.org"]
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three checkpoints, compared and drawn; `concept 0` goes to `concept 1`, and a span says so."""
    path = tmp_path_factory.mktemp("sign-in") / "store.lance"
    world = make_world(n_concepts=6, n_per_concept=30)
    stored = open_store(path)
    for number, share in enumerate((0.0, 0.2, 0.4), start=1):
        vectors = moved(world, 0, toward=1, share=share) if share else world.vectors
        columns = {"id": world.sample_ids, "label": world.labels, "embedding": vectors}
        ingest(stored, columns, checkpoint=f"week {number}")
        log_eval(stored, {"id": world.sample_ids, "prediction": world.labels}, checkpoint=f"week {number}")
        if share:
            compare(stored, "week 1", f"week {number}")
    make_frame(stored, "week 1")
    return path


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider(VISITORS) as provider:
        yield provider


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the dashboard is started."""
    return tmp_path_factory.mktemp("configured")


@pytest.fixture(scope="module")
def url(store: Path, provider: Provider, folder: Path) -> Iterator[str]:
    """The dashboard with sign-in, configured as docs/sign-in.md says."""
    port = free_port()
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "secrets.toml").write_text(
        f"""
        [auth]
        redirect_uri = "http://localhost:{port}/oauth2callback"
        cookie_secret = "a secret of the test, long enough"
        client_id = "{CLIENT_ID}"
        client_secret = "{CLIENT_SECRET}"
        server_metadata_url = "{provider.url}/.well-known/openid-configuration"
        """
    )
    (folder / "driftloop.toml").write_text(ACCESS)
    with running_app(store, port=port, folder=folder) as address:
        yield address


def test_a_deep_link_is_where_it_leads_after_signing_in(context: BrowserContext, url: str) -> None:
    page = context.new_page()
    open_page(page, f"{url}/map?{QUERY}")
    # nothing of the store before
    assert page.get_by_role("heading", level=1).all_inner_texts() == ["Driftloop"]
    assert page.get_by_role("link", name="Spans").count() == 0
    assert page.get_by_text("week 2").count() == 0

    press_sign_in(page, "viewer")
    page.wait_for_url("**/map?*", timeout=30_000)
    wait_for_map(page)
    chosen = parse_qs(urlsplit(page.url).query)
    assert {name: chosen[name] for name in PICKED} == {name: [value] for name, value in PICKED.items()}
    # and not again: from now on the overview is the overview
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible(timeout=30_000)
    open_page(page, url)
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible(timeout=30_000)


def test_a_choice_on_the_default_page_survives_too(context: BrowserContext, url: str) -> None:
    page = context.new_page()
    open_page(page, f"{url}/?reference=week+1&current=week+2")
    press_sign_in(page, "editor")
    # the newest checkpoint is the default
    page.wait_for_url("**current=week+2*", timeout=30_000)
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible(timeout=30_000)


def test_a_viewer_sees_everything_and_is_offered_nothing_to_save_or_export(context: BrowserContext, url: str) -> None:
    page = signed_in(context, url, "viewer")
    for name in ("map", "spans", "checkpoints"):
        open_page(page, f"{url}/{name}?{QUERY}")
        expect(page.get_by_role("heading", name=name.capitalize(), exact=True)).to_be_visible(timeout=30_000)
        for button in ("Export CSV", "Save as span"):
            assert page.get_by_role("button", name=button).count() == 0
    assert says_account(page) == "bob@example.org"
    expect(page.get_by_text("Viewer: may look")).to_be_visible()


def test_a_viewer_copies_the_address_and_keeps_nothing_in_the_store(
    context: BrowserContext, url: str, store: Path
) -> None:
    page = signed_in(context, url, "viewer")
    before = open_store(store).views.all()
    open_page(page, f"{url}/map?{QUERY}")
    wait_for_map(page)
    page.get_by_role("button", name="Copy link").click()
    settle(page)
    link = page.locator('[data-testid="stCode"]').inner_text().strip()
    assert link.startswith(f"{url}/map?")
    assert parse_qs(urlsplit(link).query)["current"] == ["week 2"]
    assert page.get_by_role("button", name="Make a read-only link").count() == 0
    assert open_store(store).views.all() == before


def test_an_editor_exports(context: BrowserContext, url: str, store: Path, tmp_path: Path) -> None:
    page = signed_in(context, url, "editor")
    span = open_store(store).spans.all()[0]
    open_page(page, f"{url}/spans?span={span.span_id}")
    assert set(downloaded_ids(page, tmp_path)) == set(span.sample_ids)
    # the provider writes the address in capitals, the settings do not
    assert says_account(page) == "Ada@Example.org"
    expect(page.get_by_text("Editor: may save")).to_be_visible()


def test_an_export_is_refused_to_an_editor_who_has_become_a_viewer_since_the_page_was_opened(
    context: BrowserContext, url: str, store: Path, folder: Path
) -> None:
    page = signed_in(context, url, "editor")
    open_page(page, f"{url}/spans?span={open_store(store).spans.all()[0].span_id}")
    downloads: list[Download] = []
    page.on("download", lambda download: downloads.append(download))
    (folder / "driftloop.toml").write_text(ACCESS.replace("ada@", "nobody@"))
    try:
        # the button of before is still there: a download makes no rerun
        page.get_by_role("button", name="Export CSV").click()
        expect(page.get_by_text("Failed to generate file")).to_be_visible(timeout=30_000)
    finally:
        (folder / "driftloop.toml").write_text(ACCESS)
    assert downloads == []


def test_an_address_that_the_provider_does_not_vouch_for_opens_nothing(context: BrowserContext, url: str) -> None:
    page = context.new_page()
    open_page(page, url)
    press_sign_in(page, "pretender")
    expect(page.get_by_role("alert")).to_contain_text("no e-mail address that is verified", timeout=30_000)
    assert page.get_by_role("heading").count() == 0


def test_who_is_on_no_list_is_told_whom_to_ask_and_may_sign_in_as_another(context: BrowserContext, url: str) -> None:
    page = context.new_page()
    open_page(page, f"{url}/map?{QUERY}")
    press_sign_in(page, "stranger")
    expect(page.get_by_role("alert")).to_contain_text("eve@elsewhere.org may not open this dashboard", timeout=30_000)
    assert page.get_by_role("link", name="Spans").count() == 0
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=30_000)
    settle(page)
    # what was asked for at first is still known
    press_sign_in(page, "viewer")
    page.wait_for_url("**/map?*current=week+2*", timeout=30_000)


def test_signing_out_closes_the_dashboard_for_this_browser(context: BrowserContext, url: str) -> None:
    page = signed_in(context, url, "viewer")
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=30_000)
    open_page(page, f"{url}/spans")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=30_000)
    assert page.get_by_role("heading", name="Spans").count() == 0


def test_a_share_link_opens_its_view_without_signing_in_and_nothing_else(
    context: BrowserContext, url: str, store: Path
) -> None:
    stored = open_store(store)
    view = keep_view(stored, "map", {key: [value] for key, value in PICKED.items()})
    until = datetime.now(UTC) + timedelta(days=1)
    token = share_token(view.view_id, signing_secret(stored, None), until=until)
    page = context.new_page()
    open_page(page, f"{url}/map?share={token}")
    wait_for_map(page)
    expect(page.get_by_text("read-only")).to_be_visible()
    assert page.get_by_role("button", name=re.compile("Account|Sign|Copy link|Export")).count() == 0
    # the same browser without the link, and with one that is wrong
    open_page(page, f"{url}/map")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=30_000)
    open_page(page, f"{url}/map?share={token[:-3]}abc")
    expect(page.get_by_role("alert")).to_contain_text("not valid", timeout=30_000)
    assert page.get_by_role("heading").count() == 0


@pytest.mark.parametrize(("address", "warns"), [("0.0.0.0", True), ("127.0.0.1", False)])
def test_listening_to_more_than_this_machine_without_sign_in_is_said_where_it_was_started(
    context: BrowserContext, store: Path, tmp_path: Path, address: str, warns: bool
) -> None:
    printed = tmp_path / "printed"
    listens = {"STREAMLIT_SERVER_ADDRESS": address}
    with running_app(store, folder=tmp_path, said=printed, environment=listens) as open_to_all:
        page = context.new_page()
        open_page(page, f"{open_to_all}/checkpoints")
        expect(page.get_by_role("heading", name="Checkpoints", exact=True)).to_be_visible(timeout=60_000)
        open_page(page, f"{open_to_all}/spans")
        expect(page.get_by_role("heading", name="Spans", exact=True)).to_be_visible(timeout=60_000)
    warnings = [line for line in printed.read_text().splitlines() if line.startswith("Warning")]
    assert len(warnings) == int(warns)
    assert all("without sign-in: whoever reaches it may read" in line for line in warnings)


def signed_in(context: BrowserContext, url: str, name: str) -> Page:
    page = context.new_page()
    open_page(page, url)
    press_sign_in(page, name)
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible(timeout=60_000)
    settle(page)
    return page


def press_sign_in(page: Page, name: str) -> None:
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=name, exact=True).click(timeout=30_000)


def says_account(page: Page) -> str:
    page.get_by_role("button", name="Account").click()
    return page.locator('[data-testid="stPopoverBody"] [data-testid="stText"]').inner_text()
