"""Where the store is: the flag, else DRIFTLOOP_STORE, else driftloop.toml, else ./driftloop.lance."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.road import driftloop, driftloop_process, write_parquet


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a file to ingest and nothing set."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRIFTLOOP_STORE", raising=False)
    write_parquet(tmp_path / "samples.parquet", {"id": ["a", "b"], "embedding": [[1.0, 2.0], [3.0, 4.0]]})
    return tmp_path


def stores(folder: Path) -> set[str]:
    """The stores that an ingest made."""
    return {path.name for path in folder.iterdir() if path.is_dir()}


def ingest(*arguments: str) -> None:
    assert driftloop(*arguments).code == 0


INGEST = ("ingest", "samples.parquet", "--checkpoint", "wk0")


def test_with_nothing_said_the_store_is_driftloop_lance_in_the_working_folder(folder: Path) -> None:
    ingest(*INGEST)

    assert stores(folder) == {"driftloop.lance"}


def test_driftloop_toml_names_another(folder: Path) -> None:
    (folder / "driftloop.toml").write_text('store = "from-file"\n')

    ingest(*INGEST)

    assert stores(folder) == {"from-file"}


def test_the_environment_goes_before_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "driftloop.toml").write_text('store = "from-file"\n')
    monkeypatch.setenv("DRIFTLOOP_STORE", "from-environment")

    ingest(*INGEST)

    assert stores(folder) == {"from-environment"}


@pytest.mark.parametrize(
    "command", [(*INGEST, "--store", "from-flag"), ("--store", "from-flag", *INGEST)], ids=["behind", "before"]
)
def test_the_flag_goes_before_everything_on_either_side_of_the_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    (folder / "driftloop.toml").write_text('store = "from-file"\n')
    monkeypatch.setenv("DRIFTLOOP_STORE", "from-environment")

    ingest(*command)

    assert stores(folder) == {"from-flag"}


@pytest.mark.parametrize("content", ["store = ", "store = 3"], ids=["not TOML", "not a text"])
def test_a_settings_file_that_is_wrong_is_named_in_one_line(folder: Path, content: str) -> None:
    (folder / "driftloop.toml").write_text(content)

    done = driftloop("checkpoints")

    assert done.code == 2
    assert "driftloop.toml" in done.complaint


def test_a_process_in_another_folder_has_another_default_store(folder: Path) -> None:
    ingest(*INGEST)
    (folder / "elsewhere").mkdir()

    assert driftloop_process("checkpoints", cwd=folder).code == 0
    done = driftloop_process("checkpoints", cwd=folder / "elsewhere")
    assert done.code == 2
    assert "No store at '" in done.complaint and "elsewhere/driftloop.lance'" in done.complaint


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[access]\neditors = ["ada"]', "access.editors.0: 'ada' is neither an e-mail address nor a domain"),
        ('[access]\nviewers = ["ada@"]', "access.viewers.0: 'ada@' is neither"),
        ('[access]\neditors = ["ada@example.org", "a@b@c"]', "access.editors.1: 'a@b@c' is neither"),
        ('[access]\neditors = ["ada @example.org"]', "access.editors.0: 'ada @example.org' is neither"),
        ('[access]\neditors = "ada@example.org"', "access.editors: "),
        # read as no list of viewers, it would let everybody look
        ('[access]\nviewer = ["@example.org"]', "access.viewer: "),
    ],
)
def test_a_wrong_rule_of_access_is_named_in_one_line_before_the_dashboard_starts(
    folder: Path, content: str, words: str
) -> None:
    (folder / "driftloop.toml").write_text(content)

    done = driftloop("app")

    assert done.code == 2
    assert words in done.complaint
    assert len(done.complaint.strip().splitlines()) == 1


def test_a_variable_that_is_no_list_of_rules_is_named_in_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTLOOP_ACCESS", "ada@example.org")

    done = driftloop("checkpoints")

    assert done.code == 2
    assert "access" in done.complaint
