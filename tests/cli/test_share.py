"""A share link from the command line opens the view that it names."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from driftcore import ingest, open_store
from driftcore.testing import make_world
from driftcore.workflows.share import keep_view, open_token
from tests.cli.road import driftloop

SECRET = "a secret of the test, long enough"


@pytest.fixture
def view_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DRIFTLOOP_STORE", str(tmp_path / "store.lance"))
    monkeypatch.setenv("DRIFTLOOP_SECRET", SECRET)
    world = make_world(n_concepts=2, n_per_concept=5)
    store = open_store(tmp_path / "store.lance")
    ingest(store, {"id": world.sample_ids, "label": world.labels, "embedding": world.vectors}, checkpoint="first")
    return keep_view(store, "map", {"reference": ["first"]}).view_id


def test_the_link_opens_the_view(view_id: str, tmp_path: Path) -> None:
    done = driftloop("share", view_id, "--days", "3", "--url", "https://drift.example.org/")
    link = urlsplit(done.out.strip())
    assert (done.code, link.netloc, link.path) == (0, "drift.example.org", "/map")
    shared = open_token(open_store(tmp_path / "store.lance"), parse_qs(link.query)["share"][0], SECRET)
    assert shared.view.view_id == view_id


def test_an_unknown_view_and_a_link_without_end_are_refused(view_id: str) -> None:
    assert driftloop("share", "nope").code == 2
    assert driftloop("share", view_id, "--days", "400").code == 2
