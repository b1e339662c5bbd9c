"""Sums over parts are those of the whole, and say what the statistics of the whole say."""

from __future__ import annotations

from dataclasses import fields
from functools import reduce
from operator import add

import numpy as np
import pytest
from numpy.typing import NDArray

from driftcore import stats
from driftcore.testing import jittered, make_world, moved, rotated

N_CONCEPTS = 6
WORLD = make_world(n_concepts=N_CONCEPTS, n_per_concept=150, n_dims=24)
X = WORLD.vectors
Y = rotated(jittered(moved(WORLD, 1, toward=4, share=0.3), scale=0.02), seed=3) + 5
# some samples belong to no concept
CONCEPTS = np.where(np.arange(len(X)) % 17, WORLD.concepts, -1)
ALIGNMENT = stats.fit_trimmed_alignment(X, Y, trim=0.2, n_rounds=1)
ORIGINS = X[:50].mean(axis=0, dtype=np.float64), Y[:50].mean(axis=0, dtype=np.float64)
# nobody is played down
EVENLY = stats.Weigher(alignment=ALIGNMENT, limit=np.inf, left_out=np.zeros(N_CONCEPTS, dtype=bool), faint=0.1)
MOMENTS = stats.paired_moments(X, Y)
RULER = stats.Ruler(
    alignment=ALIGNMENT,
    mean_reference=MOMENTS.mean_reference,
    mean_current=MOMENTS.mean_current,
    displacements=stats.concept_centroids(ALIGNMENT.apply(Y) - X, CONCEPTS, N_CONCEPTS).means,
    axes=stats.leading_directions(X, ALIGNMENT.apply(Y), max_dims=8),
)


def standing(weigher: stats.Weigher = EVENLY, *, n_parts: int = 7) -> stats.Standing:
    parts = np.array_split(np.arange(len(X)), n_parts)
    return reduce(
        add,
        (stats.standing(X[p], Y[p], CONCEPTS[p], N_CONCEPTS, origins=ORIGINS, weigher=weigher) for p in parts),
    )


def movements(*, n_parts: int = 7) -> stats.Movements:
    parts = np.array_split(np.arange(len(X)), n_parts)
    return reduce(add, (stats.movements(X[p], Y[p], CONCEPTS[p], RULER) for p in parts))


def test_the_moments_of_parts_are_those_of_the_whole() -> None:
    found = standing().moments()
    for field in fields(found):
        np.testing.assert_allclose(getattr(found, field.name), getattr(MOMENTS, field.name), rtol=1e-4, atol=1e-3)


def test_the_centroids_of_parts_are_those_of_the_whole() -> None:
    for found, side in zip(standing().centroids(), (X, Y), strict=True):
        expected = stats.concept_centroids(side, CONCEPTS, N_CONCEPTS)
        np.testing.assert_array_equal(found.sizes, expected.sizes)
        np.testing.assert_allclose(found.means, expected.means, atol=1e-6)
        np.testing.assert_allclose(found.sampling_variance, expected.sampling_variance, rtol=1e-4)


def test_where_all_count_alike_the_alignment_is_that_of_all_rows() -> None:
    found, expected = standing().alignment(), stats.fit_alignment(X, Y)
    np.testing.assert_allclose(found.rotation, expected.rotation, atol=1e-4)
    np.testing.assert_allclose(found.mean_current, expected.mean_current, atol=1e-5)


def test_rows_that_are_played_down_count_as_in_the_trimmed_fit() -> None:
    left_out = np.arange(N_CONCEPTS) == 1
    keep = ~np.isin(CONCEPTS, np.flatnonzero(left_out))
    first = stats.fit_trimmed_alignment(X, Y, keep=keep, n_rounds=0)
    limit = float(np.quantile(stats.residual_norms(X, first.apply(Y))[keep], 0.8))
    weigher = stats.Weigher(alignment=first, limit=limit, left_out=left_out, faint=0.1)
    expected = stats.fit_trimmed_alignment(X, Y, keep=keep, trim=0.2, faint=0.1, n_rounds=1)
    np.testing.assert_allclose(standing(weigher).alignment().rotation, expected.rotation, atol=1e-4)


def test_every_sample_moved_as_the_statistics_of_the_whole_say() -> None:
    found, aligned = movements(), ALIGNMENT.apply(Y)
    np.testing.assert_allclose(found.shift, stats.cosine_shift(X, aligned), atol=1e-6)
    expected = stats.movement_share(aligned - X, CONCEPTS, RULER.displacements)
    np.testing.assert_allclose(found.share, expected, rtol=1e-3, atol=1e-3)


def test_what_did_not_move_has_a_shift_of_exactly_nothing() -> None:
    same = stats.fit_alignment(X, X)
    ruler = stats.Ruler(
        alignment=same,
        mean_reference=MOMENTS.mean_reference,
        mean_current=MOMENTS.mean_reference,
        displacements=np.zeros((N_CONCEPTS, X.shape[1])),
        axes=RULER.axes,
    )
    found = stats.movements(X, X, CONCEPTS, ruler)
    assert not found.shift.any() and not found.share.any()


def test_the_test_against_the_others_is_that_of_the_whole() -> None:
    axes = RULER.axes.astype(np.float32)
    expected = stats.leave_one_concept_out(X @ axes, ALIGNMENT.apply(Y) @ axes, CONCEPTS, N_CONCEPTS)
    np.testing.assert_allclose(stats.left_out_pvalues(movements().on_axes.of_whole()), expected, rtol=0.02, atol=1e-5)


def test_cka_needs_the_sums_only() -> None:
    expected = stats.debiased_cka(X, Y, MOMENTS)
    assert stats.cka_of_sums(standing().moments(), movements().norms) == pytest.approx(expected, abs=1e-5)


def test_the_leading_directions_need_the_moments_only() -> None:
    found = stats.leading_directions_of_sums(standing().moments(), ALIGNMENT, max_dims=8)
    expected = stats.leading_directions(X, ALIGNMENT.apply(Y), max_dims=8)
    # axes have no sign, and may turn within their plane: the plane is the same
    np.testing.assert_allclose(np.linalg.norm(expected.T @ found, axis=0), 1, atol=1e-4)


@pytest.mark.parametrize("find", [stats.heading_parts, stats.torn_parts, stats.leavers])
def test_the_edge_of_a_part_says_of_any_sample_whether_it_is_inside(find) -> None:
    residuals = ALIGNMENT.apply(Y) - X
    residuals[::50] *= 20  # these left
    found = find(stats.concept_centroids(X, CONCEPTS, N_CONCEPTS), residuals, CONCEPTS)
    told: NDArray[np.bool_] = found.edge.inside(residuals, CONCEPTS)
    assert found.inside.any()
    # one that lies on the edge itself may fall to either side by rounding
    assert (told != found.inside).sum() <= N_CONCEPTS
