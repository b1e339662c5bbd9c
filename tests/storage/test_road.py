"""The road from files to a report on a bucket: by the command, and on the pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from driftcore.settings import bundled
from driftcore.testing import moved
from driftcore.workflows.make_frame import make_frame
from tests.cli.road import MOVED, N_SAMPLES, SHARE, TOWARD, WORLD, driftloop, ingest, predictions_file, snapshot_file
from tests.storage.bucket import Bucket

Open = Callable[..., AppTest]


@pytest.fixture
def filled(bucket: Bucket, uri: str, tmp_path: Path) -> str:
    """Two weeks with evals, ingested by the command; a concept moves toward another."""
    after = moved(WORLD, MOVED, toward=TOWARD, share=SHARE)
    for week, vectors in enumerate((WORLD.vectors, after)):
        file = snapshot_file(tmp_path / f"wk{week}.parquet", vectors)
        done = ingest(file, f"wk{week}", week + 1, uri, "--no-compare")
        assert done.code == 0 and f"stored {N_SAMPLES} samples" in done.out
        evaluated = predictions_file(tmp_path / f"eval{week}.parquet")
        assert driftloop("evaluate", evaluated, "--checkpoint", f"wk{week}", "--store", uri, "--no-compare").code == 0
    return uri


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    def opened(uri: str, page: str = "", **query: str) -> AppTest:
        monkeypatch.setenv("DRIFTLOOP_STORE", uri)
        app = AppTest.from_file(str(bundled("app.py")), default_timeout=120)
        app.query_params.update(query)
        app.run()
        return app.switch_page(f"pages/{page}.py").run() if page else app

    return opened


def said(app: AppTest) -> str:
    assert not app.exception, app.exception
    return "\n".join(str(each.value) for each in (*app.markdown, *app.metric, *app.caption, *app.error, *app.info))


def test_the_command_goes_the_whole_road(filled: str, tmp_path: Path) -> None:
    answer = driftloop("compare", "wk0", "wk1", "--store", filled, "--json").json
    assert answer["n_samples"] == N_SAMPLES
    assert [span["concept"] for span in answer["spans"]] == [WORLD.names[MOVED]]

    stored = driftloop("checkpoints", "--store", filled, "--json").json
    assert [(each["checkpoint"], each["accuracy"]) for each in stored] == [("wk0", 1.0), ("wk1", 1.0)]

    page = tmp_path / "report.html"
    assert driftloop("report", "wk0", "wk1", "--html", page, "--store", filled).code == 0
    assert WORLD.names[MOVED] in page.read_text()

    again = ingest(tmp_path / "wk1.parquet", "wk1", 2, filled, "--no-compare")
    assert again.code == 0 and "was stored already" in again.out


def test_the_pages_show_what_is_in_the_bucket_and_one_line_when_it_is_away(
    bucket: Bucket, filled: str, open_page: Open
) -> None:
    driftloop("compare", "wk0", "wk1", "--store", filled)
    from driftcore.store import open_store

    make_frame(open_store(filled), "wk0", "wk1")

    assert WORLD.names[MOVED] in said(open_page(filled))
    assert not said(open_page(filled, "map")).count("cannot be reached")
    app = open_page(filled, "checkpoints")
    said(app)
    assert any("wk1" in str(frame.value) for frame in app.dataframe) or "wk1" in said(app)

    bucket.go()
    for page in ("", "checkpoints"):
        away = open_page(filled, page)
        assert not away.exception
        told = [str(error.value) for error in away.error]
        assert len(told) == 1 and "cannot be reached" in told[0] and "\n" not in told[0]

    bucket.come()
    assert WORLD.names[MOVED] in said(open_page(filled))
