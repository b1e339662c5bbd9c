"""Which splits can be followed through time, and which are windows of other samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from driftcore import Store, ingest, open_store
from driftcore.errors import NotFoundError
from driftcore.testing import make_world
from driftcore.workflows.share import looked_at_split
from driftcore.workflows.splits import followed_splits, window_splits

WORLD = make_world(n_concepts=3, n_per_concept=5)


def stored(path: Path, **splits: tuple[str, ...]) -> Store:
    """A store whose splits have, at each checkpoint, the samples of that name: the same name is the same samples."""
    store = open_store(path / "store.lance")
    for split, contents in splits.items():
        for number, content in enumerate(contents, start=1):
            ids = np.array([f"{content} {each}" for each in WORLD.sample_ids], dtype=object)
            columns = {"id": ids, "label": WORLD.labels, "embedding": WORLD.vectors}
            ingest(store, columns, checkpoint=f"week {number}", split=split)
    return store


def test_a_split_with_the_same_samples_is_followed_and_one_with_others_is_a_window(tmp_path: Path) -> None:
    store = stored(tmp_path, validation=("v", "v"), live=("a", "b"))
    assert followed_splits(store) == ("validation",)
    assert window_splits(store, "week 1", "week 2") == ("live",)


def test_validation_comes_first_and_train_last(tmp_path: Path) -> None:
    store = stored(tmp_path, train=("t", "t"), holdout=("h", "h"), validation=("v", "v"))
    assert followed_splits(store) == ("validation", "holdout", "train")


def test_training_rows_are_no_live_traffic(tmp_path: Path) -> None:
    store = stored(tmp_path, validation=("v", "v"), train=("a", "b"))
    assert window_splits(store, "week 1", "week 2") == ()


def test_a_window_is_there_at_both_checkpoints_or_not_at_all(tmp_path: Path) -> None:
    store = stored(tmp_path, validation=("v", "v", "v"), live=("a", "b"))
    assert window_splits(store, "week 1", "week 3") == ()


def test_with_one_checkpoint_there_is_one_split_to_look_at(tmp_path: Path) -> None:
    store = stored(tmp_path, holdout=("h",), train=("t",))
    assert followed_splits(store) == ("holdout",)


def test_where_nothing_says_otherwise_the_split_that_can_be_followed_is_looked_at(tmp_path: Path) -> None:
    # by the alphabet it would be `live`
    store = stored(tmp_path, live=("a", "b"), test=("t", "t"))
    assert looked_at_split(store) == "test"


def test_an_empty_store_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="driftloop ingest"):
        followed_splits(open_store(tmp_path / "store.lance"))
