"""Roles, through app.py and through scripts of a few lines: nobody yet, viewer, editor, guest, and without sign-in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from driftcore import compare, ingest, log_eval, make_frame, open_store
from driftcore.errors import NotAllowedError
from driftcore.settings import bundled
from driftcore.testing import make_world, moved
from driftcore.ui._access import only_for_editors, require_editor

PAGES = ("overview", "map", "spans", "checkpoints")
ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@elsewhere.org"
ACCESS = '[access]\neditors = ["ada@example.org"]\nviewers = ["@example.org"]\n'
WRITING = {"Save as span", "Export CSV", "Compare them now", "Compute the map now", "Make a read-only link"}
Open = Callable[..., AppTest]
Ask = Callable[..., AppTest]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three checkpoints, of which the last is not compared; a span."""
    path = tmp_path_factory.mktemp("access") / "store.lance"
    world = make_world(n_concepts=8, n_per_concept=30)
    stored = open_store(path)
    for number, share in enumerate((0.1, 0.25, 0.3), start=1):
        columns = {"id": world.sample_ids, "label": world.labels, "embedding": moved(world, 0, toward=1, share=share)}
        ingest(stored, columns, checkpoint=f"week {number}")
        log_eval(stored, {"id": world.sample_ids, "prediction": world.labels}, checkpoint=f"week {number}")
    compare(stored, "week 1", "week 2")
    make_frame(stored, "week 1")
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Path) -> Path:
    """Where the dashboard is started; its rules are in `driftloop.toml`."""
    (tmp_path / "driftloop.toml").write_text(ACCESS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRIFTLOOP_STORE", str(store))
    return tmp_path


@pytest.fixture
def open_page(folder: Path) -> Open:
    def opened(page: str, user: dict[str, object], **query: str) -> AppTest:
        app = AppTest.from_file(str(bundled("app.py")), default_timeout=180)
        app.user = user
        if page != "overview":
            app.switch_page(f"pages/{page}.py")
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return opened


@pytest.fixture
def ask(folder: Path) -> Ask:
    """Run a few lines as someone; they answer with `st.text`."""

    def asked(script: Callable[[], None], user: dict[str, object]) -> AppTest:
        app = AppTest.from_function(script, default_timeout=60)
        app.user = user
        return app.run()

    return asked


def who(email: str | None, **claims: object) -> dict[str, object]:
    """The claims of someone who signed in."""
    told = {} if email is None else {"email": email}
    return {"is_logged_in": True, **told, **claims}


def said(app: AppTest) -> str:
    """The one error of a page, as it is read."""
    (error,) = app.error
    return error.value.replace("\\", "")


NOBODY: dict[str, object] = {"is_logged_in": False}
LOCAL: dict[str, object] = {}


@pytest.mark.parametrize("page", PAGES)
def test_before_signing_in_there_is_one_button_and_nothing_of_the_store(open_page: Open, page: str) -> None:
    app = open_page(page, NOBODY, reference="week 1", current="week 2")
    assert not app.exception
    assert [button.label for button in app.button] == ["Sign in"]
    assert [title.value for title in app.title] == ["Driftloop"]
    assert not app.selectbox
    assert not app.dataframe
    assert not app.metric


def test_before_signing_in_the_store_is_not_even_opened(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTLOOP_STORE", str(tmp_path / "nowhere"))
    app = open_page("overview", NOBODY)
    assert not app.error
    assert open_page("overview", who(ADA)).error[0].value.startswith("No store at")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("current", ["week 2", "week 3"], ids=["compared", "not compared"])
def test_a_viewer_finds_every_page_and_nothing_that_writes(open_page: Open, page: str, current: str) -> None:
    app = open_page(page, who(BOB), reference="week 1", current=current)
    assert not app.exception
    assert not app.error
    assert [title.value for title in app.title] == [page.capitalize()]
    assert not {button.label for button in (*app.button, *app.get("download_button"))} & WRITING


def test_an_editor_finds_what_a_viewer_does_not(open_page: Open) -> None:
    app = open_page("map", who(ADA), reference="week 1", current="week 3")
    assert "Compare them now" in {button.label for button in app.button}


def test_who_is_on_no_list_is_told_whom_to_ask(open_page: Open) -> None:
    app = open_page("map", who(EVE))
    assert "may not open this dashboard: ask whoever runs this dashboard" in said(app)
    assert [button.label for button in app.button] == ["Sign out"]
    assert not app.title


@pytest.mark.parametrize("verified", [False, "false", None, 0])
def test_an_address_that_nobody_vouches_for_counts_for_nothing(open_page: Open, verified: object) -> None:
    app = open_page("map", who(ADA, email_verified=verified))
    assert said(app) == "Your account has no e-mail address that is verified: verify it, and sign in again."
    assert not app.title


@pytest.mark.parametrize("verified", [True, "true"])
def test_an_address_that_is_vouched_for_counts(open_page: Open, verified: object) -> None:
    app = open_page("checkpoints", who(ADA, email_verified=verified))
    assert [title.value for title in app.title] == ["Checkpoints"]


def test_rules_without_sign_in_open_the_dashboard_to_nobody(open_page: Open) -> None:
    # a secrets file in the wrong folder would otherwise make everybody an editor
    app = open_page("overview", LOCAL)
    assert "sign-in is not configured" in said(app)
    assert not app.title


def test_a_secrets_file_that_is_cut_off_opens_the_dashboard_to_nobody(open_page: Open, folder: Path) -> None:
    # Streamlit goes on as if there were none, and without sign-in
    (folder / "driftloop.toml").unlink()
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "secrets.toml").write_text("[auth")
    app = open_page("overview", LOCAL)
    assert "secrets.toml cannot be read" in said(app)
    assert not app.title


def test_without_rules_and_without_sign_in_whoever_is_here_is_an_editor(open_page: Open, folder: Path) -> None:
    (folder / "driftloop.toml").unlink()
    app = open_page("map", LOCAL, reference="week 1", current="week 3")
    assert not app.error
    buttons = {button.label for button in app.button}
    assert "Compare them now" in buttons
    assert "Sign out" not in buttons


def test_without_rules_everybody_who_signed_in_looks_and_nobody_edits(open_page: Open, folder: Path) -> None:
    (folder / "driftloop.toml").unlink()
    app = open_page("map", who(EVE), reference="week 1", current="week 3")
    assert [title.value for title in app.title] == ["Map"]
    assert not {button.label for button in app.button} & WRITING


def test_a_wrong_rule_is_said_in_one_line(open_page: Open, folder: Path) -> None:
    (folder / "driftloop.toml").write_text('[access]\neditors = ["ada"]')
    app = open_page("overview", who(ADA))
    assert "access.editors.0" in said(app)
    assert not app.title


def _may_edit() -> None:
    import streamlit as st

    from driftcore.errors import NotAllowedError
    from driftcore.ui._access import may_edit

    try:
        st.text(may_edit())
    except NotAllowedError:
        st.text("refused")


@pytest.mark.parametrize(
    ("user", "answer"), [(who(ADA), "True"), (who(BOB), "False"), (who(EVE), "refused"), (NOBODY, "refused")]
)
def test_editors_may_edit_and_viewers_may_not(ask: Ask, user: dict[str, object], answer: str) -> None:
    assert ask(_may_edit, user).text[0].value == answer


def _guest_may_edit() -> None:
    from datetime import UTC, datetime, timedelta

    import streamlit as st

    from driftcore.records import Camera, SharedView, View
    from driftcore.ui._access import may_edit
    from driftcore.ui._guest import admit

    now = datetime.now(UTC)
    view = View(view_id="x", page="map", choices=(), steps=(), camera=Camera(), behind=(), created_at=now)
    admit(SharedView(view=view, until=now + timedelta(days=1)))
    st.text(may_edit())


@pytest.mark.parametrize("user", [NOBODY, who(ADA), LOCAL], ids=["nobody", "an editor", "without sign-in"])
def test_a_guest_of_a_share_link_may_not_edit_whoever_it_is(ask: Ask, user: dict[str, object]) -> None:
    assert ask(_guest_may_edit, user).text[0].value == "False"


def _force_everything() -> None:
    import streamlit as st

    from driftcore.errors import NotAllowedError
    from driftcore.ui._access import require_editor
    from driftcore.ui._reading import current_store
    from driftcore.workflows.compare import compare

    for action in (
        lambda: require_editor("save spans"),
        lambda: current_store().pin("week 1"),
        lambda: compare(current_store(), "week 1", "week 3"),
    ):
        try:
            action()
        except NotAllowedError as error:
            st.text(str(error))


def test_a_viewer_who_forces_an_action_is_refused_where_the_action_is(ask: Ask, store: Path) -> None:
    n_reports = len(open_store(store).reports.all())
    told = [line.value for line in ask(_force_everything, who(BOB)).text]
    assert told[0].startswith("bob@example.org may look, but not save spans: ask whoever runs this dashboard")
    assert ["reading only" in line for line in told[1:]] == [True, True]
    assert len(open_store(store).reports.all()) == n_reports


def test_nobody_reads_the_store_before_signing_in_however_the_page_is_asked_for(ask: Ask) -> None:
    told = [line.value for line in ask(_force_everything, NOBODY).text]
    assert told == ["Nobody is signed in: open the page anew and sign in."] * 3


def _leave_a_download() -> None:
    import streamlit as st

    from driftcore.ui._access import only_for_editors

    st.session_state["left"] = only_for_editors("export", lambda: b"rows")


def test_a_download_is_refused_to_a_viewer_when_its_content_is_made(ask: Ask) -> None:
    # called here as Streamlit does it, outside of any session
    left = ask(_leave_a_download, who(BOB)).session_state["left"]
    with pytest.raises(NotAllowedError, match="but not export"):
        left()


def test_a_download_ends_with_the_right_to_it(ask: Ask, folder: Path) -> None:
    left = ask(_leave_a_download, who(ADA)).session_state["left"]
    assert left() == b"rows"
    (folder / "driftloop.toml").write_text('[access]\nviewers = ["ada@example.org"]')
    with pytest.raises(NotAllowedError, match="but not export"):
        left()


def test_outside_of_a_session_nobody_is_taken_for_an_editor() -> None:
    with pytest.raises(NotAllowedError, match="Nobody is known"):
        require_editor("export")
    with pytest.raises(NotAllowedError, match="Nobody is known"):
        only_for_editors("export", lambda: b"rows")
