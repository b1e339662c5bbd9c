"""Margins: the border between two concepts, and a sample that must not vouch for itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcore import stats
from tests.stats.clouds import Pair, law, pairs, seeds


def margins_of(vectors: np.ndarray, concepts: np.ndarray, n_concepts: int) -> np.ndarray:
    return stats.margins(vectors, concepts, stats.concept_centroids(vectors, concepts, n_concepts))


def test_halfway_to_the_next_concept_is_zero() -> None:
    # the first sample stands at 5: the rest of its concept at 0, the other concept at 10
    line = np.array([[5.0], [0], [0], [10], [10]])

    assert margins_of(line, np.array([0, 0, 0, 1, 1]), 2)[0] == pytest.approx(0)


def test_beyond_the_border_a_margin_is_negative() -> None:
    line = np.array([[8.0], [0], [0], [10], [10]])

    # 2 to the other concept and 8 to the rest of its own
    gap = stats.mean_gap(stats.concept_centroids(line, np.array([0, 0, 0, 1, 1]), 2))
    assert margins_of(line, np.array([0, 0, 0, 1, 1]), 2)[0] == pytest.approx(-6 / gap)


@given(pair=pairs())
@law
def test_a_margin_is_measured_to_the_centroid_without_the_sample(pair: Pair) -> None:
    found = margins_of(pair.reference, pair.concepts, pair.n_concepts)
    centroids = stats.concept_centroids(pair.reference, pair.concepts, pair.n_concepts)

    for row in (0, len(pair.reference) - 1):
        x, own = pair.reference[row], pair.concepts[row]
        rest = (pair.concepts == own) & (np.arange(len(pair.concepts)) != row)
        to_own = np.linalg.norm(x - pair.reference[rest].mean(axis=0))
        to_other = np.delete(np.linalg.norm(x - centroids.means, axis=1), own).min()
        assert found[row] == pytest.approx((to_other - to_own) / stats.mean_gap(centroids))


def test_who_is_alone_or_belongs_to_none_has_no_margin() -> None:
    line = np.array([[0.0], [1], [10], [11], [50], [3]])

    found = margins_of(line, np.array([0, 0, 1, 1, 2, -1]), 3)

    assert np.isnan(found).tolist() == [False, False, False, False, True, True]


def test_a_concept_without_samples_is_nobodys_neighbour() -> None:
    line = np.array([[0.0], [1], [10], [11]])
    concepts = np.array([0, 0, 2, 2])

    # the empty concept 1 has no place: not even one at 0
    np.testing.assert_allclose(margins_of(line, concepts, 3)[:2] > 0, True)


def test_one_concept_has_no_border() -> None:
    assert np.isnan(margins_of(np.arange(4.0)[:, None], np.zeros(4, dtype=np.int64), 1)).all()


def test_a_cloud_far_out_keeps_its_digits() -> None:
    rng = np.random.default_rng(0)
    concepts = np.repeat([0, 1], 20)
    cloud = rng.normal(size=(40, 3)) + 5 * concepts[:, None]

    np.testing.assert_allclose(margins_of(cloud + 1e6, concepts, 2), margins_of(cloud, concepts, 2), atol=1e-6)


@given(seed=seeds, level=st.floats(0, 1))
@law
def test_concept_quantiles_are_numpys(seed: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    values, concepts = rng.normal(size=50), rng.integers(-1, 4, size=50)
    values[rng.random(50) < 0.2] = np.nan

    found = stats.concept_quantiles(values, concepts, 5, level=level)

    for k in range(4):
        inside = values[(concepts == k) & ~np.isnan(values)]
        expected = np.quantile(inside, level) if len(inside) else np.nan
        np.testing.assert_allclose(found[k], expected)
    assert np.isnan(found[4])
