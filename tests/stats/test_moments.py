"""Sums and centroids: what numpy finds in one line, in chunks and without losing digits."""

from __future__ import annotations

import numpy as np
import pytest

from driftcore import stats
from driftcore.stats.moments import CHUNK, chunks


def test_chunks_cover_every_row_once() -> None:
    assert [row for part in chunks(10, 4) for row in range(10)[part]] == list(range(10))


def test_paired_moments_are_numpys() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 3)), rng.normal(size=(50, 2))

    found = stats.paired_moments(x, y)

    both = 49 * np.cov(x, y, rowvar=False)
    np.testing.assert_allclose(found.gram_reference, both[:3, :3])
    np.testing.assert_allclose(found.gram_current, both[3:, 3:])
    np.testing.assert_allclose(found.cross, both[3:, :3])
    assert found.n_samples == 50


def test_moments_far_from_the_origin_keep_their_digits() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2 * CHUNK + 5, 2))

    near, far = stats.paired_moments(x, x), stats.paired_moments(x + 1e7, x + 1e7)

    # a cross-product about 0 would be 1e14 · n, whose last digit is worth 200
    np.testing.assert_allclose(far.cross, near.cross, atol=1e-3)


def test_centroids_are_means_and_their_expected_squared_error() -> None:
    rng = np.random.default_rng(0)
    vectors, concepts = rng.normal(size=(2 * CHUNK, 3)), rng.integers(-1, 3, size=2 * CHUNK)

    found = stats.concept_centroids(vectors, concepts, 3)

    for k in range(3):
        own = vectors[concepts == k]
        np.testing.assert_allclose(found.means[k], own.mean(axis=0))
        assert found.sizes[k] == len(own)
        # tr S / n, the squared standard error of the mean, summed over the dimensions
        assert found.sampling_variance[k] == pytest.approx(own.var(axis=0, ddof=1).sum() / len(own))


def test_centroids_far_from_the_origin_keep_their_digits() -> None:
    rng = np.random.default_rng(0)
    vectors, concepts = rng.normal(size=(300, 2)), np.repeat([0, 1, 2], 100)

    near, far = (stats.concept_centroids(vectors + away, concepts, 3) for away in (0, 1e7))

    np.testing.assert_allclose(far.sampling_variance, near.sampling_variance, rtol=1e-6)


def test_the_centroid_of_samples_that_are_all_zero_is_exactly_zero() -> None:
    # residuals of a concept that did not move, beside one that did: a rest of 1e-17 would have a direction
    residuals = np.repeat([[0.0, 0], [0.1, 0.7]], 7, axis=0)

    found = stats.concept_centroids(residuals, np.repeat([0, 1], 7), 2)

    assert found.means[0].tolist() == [0, 0]
    assert found.sampling_variance[0] == 0


def test_a_single_sample_says_nothing_of_its_own_error() -> None:
    found = stats.concept_centroids(np.array([[1.0, 2]]), np.array([0]), 1)

    assert found.means.tolist() == [[1, 2]]
    assert found.sampling_variance.tolist() == [0]


def test_a_concept_without_samples_has_size_zero_and_finite_numbers() -> None:
    found = stats.concept_centroids(np.array([[1.0, 2]]), np.array([0]), 2)

    assert found.sizes.tolist() == [1, 0]
    assert np.isfinite(found.means).all()
    assert found.sampling_variance[1] == 0


def test_the_mean_of_a_concept_leaves_unknown_values_out() -> None:
    values = np.array([1.0, 3, np.nan, np.nan, 100])

    found = stats.concept_means(values, np.array([0, 0, 0, 1, -1]), 2)

    np.testing.assert_array_equal(found, [2, np.nan])


@pytest.mark.parametrize("edges", [(), (1,), (CHUNK, CHUNK + 7, 2 * CHUNK)])
def test_sums_of_parts_add_up_to_the_centroids_of_the_whole(edges: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    vectors, concepts = rng.normal(size=(2 * CHUNK + 5, 3)) + 1e4, rng.integers(-1, 3, size=2 * CHUNK + 5)
    origins = stats.concept_origins(vectors, concepts, 4)

    parts = zip(np.split(vectors, edges), np.split(concepts, edges), strict=True)
    first, *others = (stats.CentroidSums.of(rows, codes, origins) for rows, codes in parts)
    found = sum(others, first).centroids()

    whole = stats.concept_centroids(vectors, concepts, 4)
    assert found.sizes.tolist() == whole.sizes.tolist()
    np.testing.assert_allclose(found.means, whole.means, rtol=1e-15, atol=1e-12)
    np.testing.assert_allclose(found.sampling_variance, whole.sampling_variance, rtol=1e-12)


def test_a_concept_that_comes_late_has_its_origin_all_the_same() -> None:
    rng = np.random.default_rng(0)
    vectors, concepts = rng.normal(size=(2 * CHUNK, 3)), np.repeat([1, -1, 0], [CHUNK + 3, 40, CHUNK - 43])

    rows = stats.origin_rows(concepts)

    assert rows.tolist() == [*range(CHUNK), CHUNK + 3, CHUNK + 43]
    found, expected = (
        stats.concept_origins(vectors[some], concepts[some], 3) for some in (rows, np.arange(len(concepts)))
    )
    assert (found == expected).all()
