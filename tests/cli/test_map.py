"""The map from the command line says what gave its layout, and what it needs can be compiled beforehand."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftcore.store import open_store
from driftcore.testing import jittered, make_world
from driftcore.workflows.ingest import ingest
from tests.cli.road import driftloop


def stored(place: Path, *, n_per_concept: int) -> str:
    world = make_world(n_concepts=10, n_per_concept=n_per_concept, n_dims=8)
    opened = open_store(place / "store.lance")
    for checkpoint, vectors in (("week 1", world.vectors), ("week 2", jittered(world.vectors, scale=0.01))):
        ingest(opened, {"id": world.sample_ids, "embedding": vectors, "label": world.labels}, checkpoint=checkpoint)
    return opened.uri


def said(*arguments: str) -> str:
    done = driftloop(*arguments)
    assert done.code == 0, done.err
    return " ".join(done.out.split())


def test_a_small_map_is_kept_and_needs_no_more_words(tmp_path: Path) -> None:
    output = said("map", "week 1", "week 2", "--store", stored(tmp_path, n_per_concept=12))

    assert "is kept for 2 checkpoints" in output
    assert "drawn from" not in output


def test_it_says_where_a_part_gave_the_layout(tmp_path: Path) -> None:
    # ten concepts share 10,000 samples, a thousand each
    output = said("map", "week 1", "week 2", "--store", stored(tmp_path, n_per_concept=1_010))

    assert "Places drawn from 10,000 of 10,100 samples, every concept among them" in output


def test_what_the_first_map_needs_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert "Compiled" in said("warm-up")
    assert "compiled before" in said("warm-up")
