import numpy as np

from driftcore.records import MapRows
from driftcore.workflows.changed import newly_wrong


def _rows(concepts: list[str | None], before: list[float], after: list[float]) -> MapRows:
    n = len(concepts)
    names = np.array([f"s{at}" for at in range(n)], dtype=object)
    return MapRows(
        sample_ids=names,
        texts=names,
        concepts=np.array(concepts, dtype=object),
        predictions=names,
        points=np.zeros((n, 2), dtype=np.float32),
        clusters=np.zeros(n, dtype=np.int32),
        shift=np.zeros(n, dtype=np.float32),
        correct_reference=np.array(before, dtype=np.float32),
        correct_current=np.array(after, dtype=np.float32),
        confidences=np.ones(n, dtype=np.float32),
    )


def test_only_samples_that_were_right_and_are_wrong_now_are_suggested_the_most_first() -> None:
    rows = _rows(["a", "b", "b", "b", "a", None], [1, 1, 1, np.nan, 0, 1], [0, 0, 0, 0, 0, 0])
    found = newly_wrong(rows, at_least=1)
    assert [each.sample_ids for each in found] == [("s1", "s2"), ("s0",)]
    assert found[0].title == "2 samples of b that were right and are wrong now"


def test_a_concept_with_too_few_newly_wrong_samples_is_left_out() -> None:
    assert newly_wrong(_rows(["a", "a"], [1, 1], [0, 0]), at_least=3) == ()
