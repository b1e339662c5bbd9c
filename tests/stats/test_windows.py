"""Statistics of two windows of different samples: composition, content, semantic change, novelty."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.distance import cdist, jensenshannon, pdist
from scipy.stats import chi2_contingency, fisher_exact

from driftcore import stats
from driftcore.testing import rotation
from tests.stats.clouds import Floats, law, seeds

counts = st.lists(st.integers(0, 60), min_size=3, max_size=6).map(lambda values: np.array(values, dtype=np.int64))


def chance(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def clouds(seed: int, *, n: int = 30, m: int = 40, shift: float = 0.0, n_dims: int = 3) -> tuple[Floats, Floats]:
    rng = chance(seed)
    return rng.normal(size=(n, n_dims)), rng.normal(size=(m, n_dims)) + shift


def rejections(p_values: list[float]) -> int:
    return int((np.array(p_values) <= 0.05).sum())


# P(Binomial(60, 0.05) > 9) = 0.001
N_RUNS, TOO_MANY = 60, 9


# permutation p-values


def test_a_permutation_p_value_counts_the_observed_draw() -> None:
    null = np.array([0.0, 1.0, 2.0, 3.0])

    # 2.5 is reached once, and once by itself: 2 of 5
    assert stats.permutation_pvalue(2.5, null) == 0.4
    assert stats.permutation_pvalue(9.0, null) == 0.2


# composition


@given(reference=counts, seed=seeds)
@law
def test_g_is_the_log_likelihood_ratio_of_scipy(reference: NDArray[np.int64], seed: int) -> None:
    current = chance(seed).integers(60, 120, size=len(reference))
    reference = reference + 60

    tested = stats.g_test(reference, current, rng=chance())

    expected = chi2_contingency(np.array([reference, current]), lambda_="log-likelihood", correction=False)
    np.testing.assert_allclose([tested.value, tested.p_value], [expected.statistic, expected.pvalue], rtol=1e-9)
    assert tested.n_resamples == 0


def test_small_counts_are_dealt_anew_instead_of_trusting_a_tail() -> None:
    # with two concepts and fixed totals the permutation test orders tables as Fisher's exact test does here
    reference, current = np.array([7, 1]), np.array([2, 6])

    tested = stats.g_test(reference, current, rng=chance(), n_resamples=20_000)

    # 3 standard errors of a share of 20,000
    expected = fisher_exact(np.array([reference, current])).pvalue
    assert tested.p_value == pytest.approx(expected, abs=3 * np.sqrt(expected / 20_000))
    assert tested.n_resamples == 20_000


def test_a_concept_that_nobody_mentions_changes_nothing() -> None:
    with_it = stats.g_test(np.array([30, 20, 0]), np.array([20, 30, 0]), rng=chance())

    assert with_it == stats.g_test(np.array([30, 20]), np.array([20, 30]), rng=chance())


@pytest.mark.parametrize("empty", [np.array([0, 0]), np.array([9, 0])])
def test_one_concept_or_none_has_no_composition(empty: NDArray[np.int64]) -> None:
    assert stats.g_test(empty, empty, rng=chance()) == stats.WindowTest(value=0.0, p_value=1.0, n_resamples=0)


@given(hits=st.lists(st.integers(0, 9), min_size=4, max_size=4))
@law
def test_the_change_of_a_share_is_tested_by_fishers_exact_test(hits: list[int]) -> None:
    before, after, n = np.array(hits[:2]), np.array(hits[2:]), np.array([9, 20])

    expected = [fisher_exact([[b, m - b], [a, m - a]]).pvalue for b, a, m in zip(before, after, n, strict=True)]
    np.testing.assert_allclose(stats.share_change_pvalues(before, n, after, n), expected)


def test_the_share_of_nothing_cannot_have_changed() -> None:
    assert np.isnan(stats.share_change_pvalues(np.array([0]), np.array([0]), np.array([1]), np.array([2]))).all()


# content


@given(seed=seeds)
@law
def test_mmd_is_its_definition_written_out(seed: int) -> None:
    reference, current = clouds(seed, n=12, m=9, shift=0.5)
    bandwidth = np.median(pdist(np.concatenate([reference, current])))

    def mean_kernel(left: Floats, right: Floats, *, same: bool) -> float:
        kernel = np.exp(-(cdist(left, right) ** 2) / (2 * bandwidth**2))
        return float(kernel[~np.eye(len(left), dtype=bool)].mean() if same else kernel.mean())

    expected = mean_kernel(reference, reference, same=True) + mean_kernel(current, current, same=True)
    expected -= 2 * mean_kernel(reference, current, same=False)
    assert stats.mmd(reference, current, rng=chance(), n_resamples=9).value == pytest.approx(expected, abs=1e-12)


def test_mmd_sees_a_cloud_that_was_stretched_around_its_mean() -> None:
    reference, current = clouds(0, n=100, m=100)

    assert stats.mmd(reference, 2 * current, rng=chance()).p_value == 0.001


def test_coinciding_samples_are_no_discrepancy() -> None:
    same = np.ones((10, 3))

    tested = stats.mmd(same, same, rng=chance(), n_resamples=99)

    assert tested.value == pytest.approx(0.0, abs=1e-12)
    assert tested.p_value == 1.0


def test_rows_beyond_the_cap_are_drawn_and_change_no_verdict() -> None:
    reference, current = clouds(1, n=400, m=300, shift=1.0)

    assert stats.mmd(reference, current, rng=chance(), max_rows=50).p_value == 0.001


def test_a_witness_says_of_one_part_after_the_other_what_it_says_of_all() -> None:
    reference, current = clouds(1, n=50, m=70, shift=0.5)

    witness = stats.Witness.between(reference, current)
    found = np.concatenate([witness.of(part) for part in np.split(current, [1, 30])])

    np.testing.assert_allclose(found, stats.mmd_witness(reference, current, current), rtol=0, atol=1e-14)


def test_only_the_concept_whose_content_changed_is_found() -> None:
    reference, current = clouds(2, n=120, m=120)
    concepts = np.repeat(np.arange(3), 40)
    current[concepts == 1] += 1.5

    found = stats.concept_mmds(reference, current, concepts, concepts, 3, rng=chance())

    assert found.p_values[1] == 0.001
    assert (found.p_values[[0, 2]] > 0.05).all()


def test_what_is_allowed_is_no_discrepancy() -> None:
    reference, current = clouds(2, n=60, m=60, shift=0.6)

    found = stats.mmd(reference, current, rng=chance())
    excused = stats.mmd(reference, current, rng=chance(), allowed=found.value)

    assert (found.p_value, excused.value) == (0.001, 0.0)
    assert excused.p_value > 0.2


def test_a_changed_concept_is_tested_again_with_more_permutations() -> None:
    reference, current = clouds(2, n=80, m=80)
    concepts = np.repeat([0, 1], 40)
    current[concepts == 1] += 1.5

    found = stats.concept_mmds(reference, current, concepts, concepts, 2, rng=chance(), n_resamples=99, n_refined=4999)

    assert found.p_values[1] == 1 / 5000
    # the other one is not: its p-value is one of the hundredths
    assert found.p_values[0] * 100 == pytest.approx(round(found.p_values[0] * 100))


def test_the_witness_of_a_window_is_its_share_of_the_discrepancy() -> None:
    reference, current = clouds(3, n=30, m=30, shift=0.5)

    # with themselves counted in, mean witness of the current minus that of the reference is the biased MMD²
    witness = [stats.mmd_witness(reference, current, each) for each in (reference, current)]
    bandwidth = np.median(pdist(np.concatenate([reference, current])))
    kernels = [
        np.exp(-(cdist(a, b) ** 2) / (2 * bandwidth**2)).mean()
        for a, b in ((reference, reference), (current, current), (reference, current))
    ]
    assert witness[1].mean() - witness[0].mean() == pytest.approx(kernels[0] + kernels[1] - 2 * kernels[2])


def test_a_concept_too_small_in_either_window_is_not_tested() -> None:
    reference, current = clouds(3, n=40, m=40)
    before, after = np.repeat([0, 1], [31, 9]), np.repeat([0, 1], [31, 9])

    found = stats.concept_mmds(reference, current, before, after, 3, rng=chance(), n_resamples=9, min_rows=10)

    assert np.isnan(found.p_values).tolist() == [False, True, True]
    assert found.sizes_reference.tolist() == [31, 9, 0]


# bins


@given(reference=counts, seed=seeds)
@law
def test_jensen_shannon_is_scipys_squared(reference: NDArray[np.int64], seed: int) -> None:
    current = chance(seed).integers(0, 9, size=len(reference))
    reference[0] += 1
    current[-1] += 1

    expected = jensenshannon(reference, current, base=2) ** 2
    assert stats.jensen_shannon(reference, current) == pytest.approx(expected, abs=1e-12)


def test_jensen_shannon_of_many_pairs_is_that_of_each() -> None:
    reference, current = chance(0).integers(1, 9, size=(2, 5, 4))

    each = [float(stats.jensen_shannon(p, q)) for p, q in zip(reference, current, strict=True)]
    np.testing.assert_allclose(stats.jensen_shannon(reference, current), each)


@pytest.mark.parametrize("measure", [stats.kmeans_jsd, stats.sense_jsd])
def test_bins_see_that_the_shares_changed(measure: Callable[..., stats.WindowTest]) -> None:
    centres = np.array([[0.0, 0], [8, 0]])
    rng = chance(0)
    reference = centres[rng.permutation(np.repeat([0, 1], [100, 100]))] + rng.normal(size=(200, 2))
    current = centres[np.repeat([0, 1], [150, 50])] + rng.normal(size=(200, 2))

    assert measure(reference, current, rng=rng).p_value < 0.001


def test_a_sense_that_only_the_current_window_has_is_seen() -> None:
    reference, current = clouds(4, n=100, m=100)
    current[:50] += 12

    # half of the current window uses a sense of its own: p = (1, 0) against q = (1/2, 1/2) is 0.311 bits
    expected = jensenshannon([1, 0], [0.5, 0.5], base=2) ** 2
    assert stats.sense_jsd(reference, current, rng=chance()).value == pytest.approx(expected)


def test_identical_samples_fill_one_bin() -> None:
    same = np.ones((40, 3))

    assert stats.kmeans_jsd(same, same, rng=chance(), n_resamples=9).value == 0.0
    assert stats.sense_jsd(same, same, rng=chance(), n_resamples=9).value == 0.0
    assert stats.sense_jsd(same[:3], same[:3], rng=chance()).p_value == 1.0


# semantic change


@given(seed=seeds)
@law
def test_prototype_distance_is_one_minus_the_cosine_of_the_means(seed: int) -> None:
    reference, current = clouds(seed, shift=1.0)

    expected = cdist([reference.mean(axis=0)], [current.mean(axis=0)], "cosine").item()
    value = stats.prototype_distance(reference, current, rng=chance(), n_resamples=9).value
    assert value == pytest.approx(expected, abs=1e-12)


@given(seed=seeds)
@law
def test_average_pairwise_distance_is_net_of_both_windows_own(seed: int) -> None:
    reference, current = clouds(seed, shift=1.0)

    between = cdist(reference, current, "cosine").mean()
    within = (pdist(reference, "cosine").mean() + pdist(current, "cosine").mean()) / 2
    value = stats.average_pairwise_distance(reference, current, rng=chance(), n_resamples=9).value
    assert value == pytest.approx(between - within, abs=1e-12)


def test_a_mean_of_zero_points_nowhere() -> None:
    cancelling = np.array([[1.0, 0], [-1, 0]])

    assert np.isfinite(stats.prototype_distance(cancelling, cancelling + 1, rng=chance(), n_resamples=9).value)


# novelty


def test_novel_samples_come_most_novel_first_with_the_nearest_known_one() -> None:
    reference, current = clouds(5, n=300, m=50)
    reference[3] = [6.0, 0, 0]
    current[[7, 20]] = [[60.0, 0, 0], [90.0, 0, 0]]

    # the lone far sample is nearest to both; it is known only where it falls into the half that measures
    found = [stats.novel_samples(reference, current, rng=chance(seed)) for seed in range(8)]

    assert all(each.rows[:2].tolist() == [20, 7] for each in found)
    assert {int(each.nearest[0]) for each in found} >= {3}


@pytest.mark.parametrize("beside_anchors", [False, True])
def test_distances_of_parts_tell_the_same_novel_samples_as_those_of_the_whole(beside_anchors: bool) -> None:
    reference, current = clouds(7, n=400, m=200)
    current[::20] += 10
    if beside_anchors:
        farness = stats.Farness.from_anchors(reference, 2 * reference, reference)
        whole = stats.novel_beside_anchors(reference, 2 * reference, reference, current)
    else:
        farness = stats.Farness.from_half(reference, rng=chance())
        whole = stats.novel_samples(reference, current, rng=chance())

    first, *others = (farness.of(part) for part in np.split(current, [1, 90]))
    found = farness.novel(sum(others, first))

    assert (found.rows.tolist(), found.nearest.tolist()) == (whole.rows.tolist(), whole.nearest.tolist())
    assert (found.share, found.expected_share, found.p_value) == (whole.share, whole.expected_share, whole.p_value)


def test_the_expected_share_is_that_of_one_more_held_out_sample() -> None:
    reference, current = clouds(6, n=800, m=50)

    # the 4th largest of 400 distances: a 401st sample is beyond it with probability 4 / 401
    assert stats.novel_samples(reference, current, rng=chance()).expected_share == 4 / 401


def test_a_twentieth_of_new_samples_is_beyond_chance() -> None:
    reference, current = clouds(7, n=400, m=200)
    current[:10] += 10

    found = stats.novel_samples(reference, current, rng=chance())

    assert found.p_value < 0.001
    assert set(range(10)) <= set(found.rows.tolist())


def test_a_single_held_out_sample_makes_every_rank_equally_likely() -> None:
    # one held-out distance and one current one: the current is larger with probability 1/2
    far = np.array([[100.0, 0]])
    reference = np.array([[0.0, 0], [1, 0], [0, 1]])

    assert stats.novel_samples(reference, far, rng=chance(), k=1).p_value == pytest.approx(0.5)


# two checkpoints


def retrained(vectors: Floats, concepts: NDArray[np.int64], seed: int, noise: float = 0.3) -> Floats:
    """What another checkpoint makes of samples: concept 1 moved, all drawn together by a tenth, each one shaken."""
    centres = np.array([[4.0, 0, 0], [0, 4, 0], [0, 0, 4]])
    moved = centres[concepts] + 0.9 * (vectors - centres[concepts]) + (concepts == 1)[:, None] * 0.8
    return moved + noise * chance(seed).normal(size=vectors.shape)


def concept_clouds(seed: int, n: int = 40, shift: float = 0.0) -> tuple[Floats, NDArray[np.int64]]:
    concepts = np.repeat(np.arange(3), n)
    vectors = 4 * np.eye(3)[concepts] + chance(seed).normal(size=(3 * n, 3))
    return vectors + shift * (concepts == 2)[:, None], concepts


def beside_anchors(seed: int, *, shift: float = 0.0, n: int = 40) -> stats.ConceptContents:
    anchors, codes = concept_clouds(1000 + seed, n=60)
    (reference, before), (current, after) = concept_clouds(2000 + seed, n=n), concept_clouds(3000 + seed, n, shift)
    return stats.concept_mmds_beside_anchors(
        (anchors, retrained(anchors, codes, 4000 + seed), codes),
        reference,
        retrained(current, after, 5000 + seed),
        before,
        after,
        3,
        rng=chance(seed),
        n_resamples=99,
    )


def test_a_change_of_the_model_is_taken_off() -> None:
    # without anchors the moved concept is found every time
    p_values = np.array([beside_anchors(seed).p_values for seed in range(30)])

    # of 90 tests at 5 % more than 11 are rejected with a chance of 1 in 400
    assert (p_values <= 0.05).sum() <= 11


def test_a_change_of_the_data_is_seen_beside_that_of_the_model() -> None:
    p_values = np.array([beside_anchors(seed, shift=0.8).p_values for seed in range(5)])

    assert (p_values[:, 2] <= 0.02).all()


def test_what_a_linear_map_did_to_anchors_is_carried_exactly() -> None:
    anchors, codes = concept_clouds(0, n=60)
    samples, concepts = concept_clouds(1, n=20)
    turned = np.eye(3) + 0.2 * chance(2).normal(size=(3, 3))
    change = stats.fit_model_change(anchors, anchors @ turned, codes, 3, max_axes=3)

    rows, carried = change.carry(samples, concepts, rng=chance())

    assert sorted(rows) == list(range(60))
    # the ridge holds back a thousandth
    np.testing.assert_allclose(carried, samples[rows] @ turned, atol=0.01)


def test_no_anchor_gives_its_movement_twice() -> None:
    anchors, codes = concept_clouds(0, n=10)
    samples, concepts = concept_clouds(1, n=25)

    rows, _ = stats.fit_model_change(anchors, anchors, codes, 3).carry(samples, concepts, rng=chance())

    assert np.bincount(concepts[rows]).tolist() == [10, 10, 10]
    assert len(set(rows)) == 30


def test_concepts_and_samples_without_anchors_are_not_carried() -> None:
    anchors, _ = concept_clouds(0, n=20)
    samples, concepts = concept_clouds(1, n=5)
    none = stats.fit_model_change(anchors, anchors, np.full(60, -1), 3)

    rows, carried = none.carry(samples, concepts, rng=chance())

    assert (len(rows), carried.shape) == (0, (0, 3))


def test_novelty_beside_anchors_does_not_care_which_space_a_window_is_in() -> None:
    (anchors, _), (reference, _), (current, _) = (concept_clouds(seed, n=60) for seed in range(3))
    current[:20] += 8
    turn = rotation(3, seed=1)

    here = stats.novel_beside_anchors(anchors, anchors, reference, current)
    there = stats.novel_beside_anchors(anchors, 3 * anchors @ turn, reference, 3 * current @ turn)

    assert here.rows.tolist() == there.rows.tolist()
    assert set(range(20)) <= set(here.rows.tolist())
    assert here.p_value < 0.001


# size: how often a test at 5 % rejects where nothing happened


@pytest.mark.parametrize(
    "p_value",
    [
        pytest.param(lambda x, y, rng: stats.mmd(x, y, rng=rng, n_resamples=99).p_value, id="mmd"),
        pytest.param(
            lambda x, y, rng: stats.prototype_distance(x, y, rng=rng, n_resamples=99).p_value, id="prototype_distance"
        ),
        pytest.param(
            lambda x, y, rng: stats.average_pairwise_distance(x, y, rng=rng, n_resamples=99).p_value,
            id="average_pairwise_distance",
        ),
        pytest.param(lambda x, y, rng: stats.kmeans_jsd(x, y, rng=rng, n_resamples=199).p_value, id="kmeans_jsd"),
        pytest.param(lambda x, y, rng: stats.sense_jsd(x, y, rng=rng, n_resamples=199).p_value, id="sense_jsd"),
        pytest.param(lambda x, y, rng: stats.novel_samples(x, y, rng=rng).p_value, id="novel_samples"),
    ],
)
def test_where_nothing_happened_a_test_rejects_as_often_as_it_says(
    p_value: Callable[[Floats, Floats, np.random.Generator], float],
) -> None:
    found = []
    for seed in range(N_RUNS):
        rng = chance(seed)
        # heavy tails, few samples, windows of different size
        found.append(p_value(rng.standard_t(3, size=(50, 6)), rng.standard_t(3, size=(30, 6)), rng))

    assert rejections(found) <= TOO_MANY


def test_where_nothing_happened_the_g_test_rejects_as_often_as_it_says() -> None:
    shares = np.array([0.5, 0.3, 0.15, 0.05])
    found = []
    for seed in range(N_RUNS):
        rng = chance(seed)
        found.append(stats.g_test(*rng.multinomial([40, 25], shares), rng=rng, n_resamples=499).p_value)

    assert rejections(found) <= TOO_MANY
