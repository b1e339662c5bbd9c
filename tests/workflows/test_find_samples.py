"""Search on the map: by text, and by nearest neighbours, with angles that can be worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from driftcore import ingest, open_store
from driftcore.errors import NotFoundError
from driftcore.store import Store
from driftcore.workflows.find_samples import nearest


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Four samples at 0, 60, 90 and 180 degrees, of different lengths."""
    angles = np.deg2rad([0.0, 60.0, 90.0, 180.0])
    lengths = np.array([1.0, 5.0, 0.5, 2.0])
    vectors = (lengths * np.array([np.cos(angles), np.sin(angles)])).T.astype(np.float32)
    opened = open_store(tmp_path / "store.lance")
    columns = {"id": ["east", "between", "north", "west"], "label": ["a", "a", "b", "b"], "embedding": vectors}
    ingest(opened, columns, checkpoint="first")
    return opened


def test_the_nearest_come_by_angle_whatever_their_length(store: Store) -> None:
    found = nearest(store, "first", "validation", "east")
    assert [name for name, _ in found] == ["east", "between", "north", "west"]
    # 1 − cos of 0, 60, 90 and 180 degrees
    assert [distance for _, distance in found] == pytest.approx([0.0, 0.5, 1.0, 2.0], abs=1e-6)


def test_as_many_are_found_as_were_asked_for_beside_the_sample_itself(store: Store) -> None:
    assert [name for name, _ in nearest(store, "first", "validation", "north", n_nearest=1)] == ["north", "between"]


def test_a_sample_that_is_not_here_is_said(store: Store) -> None:
    with pytest.raises(NotFoundError, match="no sample 'south'"):
        nearest(store, "first", "validation", "south")
