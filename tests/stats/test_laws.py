"""Which statistic obeys which law: one table, and nothing public is missing from it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from driftcore import stats
from tests.stats.clouds import Floats, Pair, factors, law, pairs, rotations, seeds

Law = Literal[
    "turning the current space",
    "scaling the current space",
    "shifting the current space",
    "turning both spaces",
    "reordering the samples",
    "renaming the concepts",
    "swapping the sides",
    "nothing moved",
]
TURN, SCALE, SHIFT, TURN_BOTH, REORDER, RENAME, SWAP, NOTHING = Law.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """A statistic as a function of a pair, what its first axis counts, its laws, and its value where nothing moved."""

    of: Callable[[Pair], Floats]
    per: Literal["whole", "sample", "concept", "concept pair"]
    laws: tuple[str, ...]
    nothing: float | None = None


def before(pair: Pair) -> stats.Centroids:
    return stats.concept_centroids(pair.reference, pair.concepts, pair.n_concepts)


def after(pair: Pair) -> stats.Centroids:
    return stats.concept_centroids(pair.current, pair.concepts, pair.n_concepts)


def residuals(pair: Pair) -> stats.Centroids:
    return stats.concept_centroids(pair.current - pair.reference, pair.concepts, pair.n_concepts)


def moments(pair: Pair) -> stats.PairedMoments:
    return stats.paired_moments(pair.reference, pair.current)


def all_rows(pair: Pair) -> NDArray[np.int64]:
    return np.arange(len(pair.reference))


def neighbor_distance(pair: Pair) -> Floats:
    """Mean distance to the neighbours found: it names them without their row numbers."""
    found = stats.nearest_neighbors(pair.current, all_rows(pair), k=3)
    return np.linalg.norm(pair.current[found] - pair.current[:, None], axis=2).mean(axis=1)


def length_on_leading_directions(pair: Pair) -> Floats:
    """The axes have no sign and no name; how much of a sample lies in their plane has."""
    axes = stats.leading_directions(pair.reference, pair.current, max_dims=2)
    return np.linalg.norm((pair.reference - pair.reference.mean(axis=0)) @ axes, axis=1)


def left_out_pvalues(pair: Pair) -> Floats:
    return stats.leave_one_concept_out(pair.reference, pair.current, pair.concepts, pair.n_concepts)


def shares(pair: Pair) -> Floats:
    return stats.movement_share(pair.current - pair.reference, pair.concepts, residuals(pair).means)


def stretched(cloud: Floats) -> Floats:
    """Other samples than the cloud's own, tied to its space."""
    return cloud + 0.2 * (cloud - cloud.mean(axis=0))


def part_scores(look: Callable[[stats.Centroids, Floats, NDArray[np.int64]], stats.Parts], pair: Pair) -> Floats:
    """Too small a concept has no score; here it is 0."""
    return np.nan_to_num(look(before(pair), pair.current - pair.reference, pair.concepts).score)


def chance() -> np.random.Generator:
    return np.random.default_rng(0)


# what a retrained space is free in
FREE = (TURN, SCALE, SHIFT)

STATISTICS: dict[str, Statistic] = {
    "fit_alignment": Statistic(
        of=lambda pair: stats.fit_alignment(pair.reference, pair.current).apply(pair.current) - pair.reference,
        per="sample",
        laws=(*FREE, REORDER, NOTHING),
        nothing=0,
    ),
    "fit_trimmed_alignment": Statistic(
        of=lambda pair: stats.fit_trimmed_alignment(pair.reference, pair.current).apply(pair.current) - pair.reference,
        per="sample",
        laws=(*FREE, REORDER, NOTHING),
        nothing=0,
    ),
    "residual_norms": Statistic(
        of=lambda pair: stats.residual_norms(pair.reference, pair.current),
        per="sample",
        laws=(TURN_BOTH, REORDER, SWAP, NOTHING),
        nothing=0,
    ),
    "cosine_shift": Statistic(
        of=lambda pair: stats.cosine_shift(pair.reference, pair.current),
        per="sample",
        laws=(SCALE, TURN_BOTH, REORDER, SWAP, NOTHING),
        nothing=0,
    ),
    "concept_centroids": Statistic(of=lambda pair: after(pair).means, per="concept", laws=(REORDER, RENAME)),
    "concept_means": Statistic(
        of=lambda pair: stats.concept_means(pair.current[:, 0], pair.concepts, pair.n_concepts),
        per="concept",
        laws=(REORDER, RENAME),
    ),
    "centroid_displacement": Statistic(
        of=lambda pair: stats.centroid_displacement(before(pair), residuals(pair)),
        per="concept",
        laws=(TURN_BOTH, REORDER, RENAME, NOTHING),
        nothing=0,
    ),
    "migration": Statistic(
        of=lambda pair: stats.migration(before(pair), residuals(pair)),
        per="concept pair",
        laws=(TURN_BOTH, REORDER, RENAME, NOTHING),
        nothing=0,
    ),
    "heading": Statistic(
        of=lambda pair: stats.heading(before(pair), residuals(pair)),
        per="concept pair",
        laws=(TURN_BOTH, REORDER, RENAME, NOTHING),
        nothing=0,
    ),
    "directed_displacement": Statistic(
        of=lambda pair: stats.directed_displacement(before(pair), residuals(pair)),
        per="concept",
        laws=(TURN_BOTH, REORDER, RENAME, NOTHING),
        nothing=0,
    ),
    "without_common_growth": Statistic(
        of=lambda pair: np.linalg.norm(stats.without_common_growth(before(pair), residuals(pair)).means, axis=1),
        per="concept",
        laws=(TURN_BOTH, REORDER, RENAME, NOTHING),
        nothing=0,
    ),
    "displacement_errors": Statistic(
        of=lambda pair: stats.displacement_errors(before(pair), residuals(pair), shares(pair), pair.concepts),
        per="concept",
        laws=(TURN_BOTH, REORDER, RENAME, NOTHING),
        nothing=0,
    ),
    "principal_coordinates": Statistic(
        of=lambda pair: np.linalg.norm(stats.principal_coordinates(pair.current, 1), axis=1),
        per="sample",
        laws=(TURN, REORDER),
    ),
    "separation": Statistic(
        of=lambda pair: np.array(stats.separation(after(pair))), per="whole", laws=(*FREE, REORDER, RENAME)
    ),
    "movement_share": Statistic(of=shares, per="sample", laws=(TURN_BOTH, REORDER, NOTHING), nothing=0),
    "centroid_distances": Statistic(
        of=lambda pair: stats.centroid_distances(after(pair)),
        per="concept pair",
        laws=(TURN, SHIFT, REORDER, RENAME),
    ),
    "mean_gap": Statistic(
        of=lambda pair: np.array(stats.mean_gap(after(pair))), per="whole", laws=(TURN, SHIFT, REORDER, RENAME)
    ),
    "relative_scale": Statistic(
        of=lambda pair: np.array(stats.relative_scale(before(pair), after(pair))),
        per="whole",
        laws=(TURN, SHIFT, REORDER, RENAME, NOTHING),
        nothing=1,
    ),
    "gap_closures": Statistic(
        of=lambda pair: stats.gap_closures(before(pair), after(pair)),
        per="concept pair",
        laws=(*FREE, REORDER, RENAME, NOTHING),
        nothing=0,
    ),
    "gap_closure_pvalues": Statistic(
        of=lambda pair: stats.gap_closure_pvalues(
            pair.reference, pair.current, pair.concepts, before(pair), after(pair)
        ),
        per="concept pair",
        laws=(*FREE, REORDER, RENAME, NOTHING),
        nothing=1,
    ),
    "leave_one_concept_out": Statistic(
        of=left_out_pvalues, per="concept", laws=(*FREE, TURN_BOTH, REORDER, RENAME, NOTHING), nothing=1
    ),
    "margins": Statistic(
        of=lambda pair: stats.margins(pair.current, pair.concepts, after(pair)),
        per="sample",
        laws=(*FREE, TURN_BOTH, REORDER),
    ),
    "corridor_positions": Statistic(
        of=lambda pair: stats.corridor_positions(pair.current, after(pair), 0, 1),
        per="sample",
        laws=(*FREE, TURN_BOTH, REORDER),
    ),
    "concept_quantiles": Statistic(
        of=lambda pair: stats.concept_quantiles(pair.current[:, 0], pair.concepts, pair.n_concepts, level=0.1),
        per="concept",
        laws=(REORDER, RENAME),
    ),
    "highest_within": Statistic(
        of=lambda pair: stats.highest_within(
            stats.residual_norms(pair.reference, pair.current), pair.concepts, pair.n_concepts
        ).astype(float),
        per="sample",
        laws=(TURN_BOTH, REORDER, SWAP),
    ),
    "heading_parts": Statistic(
        of=lambda pair: part_scores(stats.heading_parts, pair),
        per="concept",
        laws=(TURN_BOTH, REORDER, RENAME, NOTHING),
        nothing=0,
    ),
    "torn_parts": Statistic(
        of=lambda pair: part_scores(stats.torn_parts, pair),
        per="concept",
        laws=(TURN_BOTH, REORDER, RENAME, NOTHING),
        nothing=0,
    ),
    "leavers": Statistic(
        of=lambda pair: stats.leavers(before(pair), pair.current - pair.reference, pair.concepts).share,
        per="concept",
        laws=(TURN_BOTH, REORDER, RENAME, NOTHING),
        nothing=0,
    ),
    "cohesion": Statistic(
        of=lambda pair: np.array(
            stats.cohesion(
                pair.reference[:, 0] > 0,
                stats.nearest_neighbors(pair.reference, np.flatnonzero(pair.reference[:, 0] > 0), k=3),
                np.zeros_like(pair.concepts),
                np.flatnonzero(pair.reference[:, 0] > 0),
            )
        ),
        per="whole",
        laws=(*FREE, REORDER),
    ),
    "leading_directions": Statistic(of=length_on_leading_directions, per="sample", laws=(TURN_BOTH, REORDER)),
    "nearest_neighbors": Statistic(of=neighbor_distance, per="sample", laws=(TURN, SHIFT, REORDER)),
    "neighbor_overlap": Statistic(
        of=lambda pair: stats.neighbor_overlap(pair.reference, pair.current, all_rows(pair), k=4),
        per="sample",
        laws=(*FREE, REORDER, SWAP, NOTHING),
        nothing=1,
    ),
    "debiased_cka": Statistic(
        of=lambda pair: np.array(stats.debiased_cka(pair.reference, pair.current, moments(pair))),
        per="whole",
        laws=(*FREE, REORDER, SWAP, NOTHING),
        nothing=1,
    ),
    "procrustes_distance": Statistic(
        of=lambda pair: np.array(stats.procrustes_distance(moments(pair))),
        per="whole",
        laws=(*FREE, REORDER, SWAP, NOTHING),
        nothing=0,
    ),
    # of two windows, whose rows are not paired; few permutations, for the laws are about the value
    "mmd": Statistic(
        of=lambda pair: np.array(stats.mmd(pair.reference, pair.current, rng=chance(), n_resamples=9).value),
        per="whole",
        laws=(TURN_BOTH, REORDER, SWAP),
    ),
    "concept_mmds": Statistic(
        of=lambda pair: (
            stats.concept_mmds(
                pair.reference,
                pair.current,
                pair.concepts,
                pair.concepts,
                pair.n_concepts,
                rng=chance(),
                n_resamples=9,
                min_rows=5,
            ).mmd
        ),
        per="concept",
        laws=(TURN_BOTH, REORDER, RENAME, SWAP),
    ),
    "prototype_distance": Statistic(
        of=lambda pair: np.array(
            stats.prototype_distance(pair.reference, pair.current, rng=chance(), n_resamples=9).value
        ),
        per="whole",
        laws=(SCALE, TURN_BOTH, REORDER, SWAP, NOTHING),
        nothing=0,
    ),
    "average_pairwise_distance": Statistic(
        of=lambda pair: np.array(
            stats.average_pairwise_distance(pair.reference, pair.current, rng=chance(), n_resamples=9).value
        ),
        per="whole",
        laws=(SCALE, TURN_BOTH, REORDER, SWAP),
    ),
    "mmd_witness": Statistic(
        of=lambda pair: stats.mmd_witness(pair.reference, pair.current, pair.current),
        per="sample",
        laws=(TURN_BOTH, REORDER, NOTHING),
        nothing=0,
    ),
    "fit_model_change": Statistic(
        of=lambda pair: (
            stats.fit_model_change(pair.reference, pair.current, pair.concepts, pair.n_concepts).displacements
        ),
        per="concept",
        laws=(REORDER, RENAME, NOTHING),
        nothing=0,
    ),
    "novel_beside_anchors": Statistic(
        of=lambda pair: np.array(
            stats.novel_beside_anchors(
                pair.reference, pair.current, stretched(pair.reference), stretched(pair.current)
            ).threshold
        ),
        per="whole",
        laws=(*FREE, REORDER),
    ),
    "novel_samples": Statistic(
        of=lambda pair: np.array(stats.novel_samples(pair.reference, pair.current, rng=chance()).share),
        per="whole",
        laws=(TURN_BOTH,),
    ),
    "common_share": Statistic(
        of=lambda pair: np.array(stats.common_share(pair.current - pair.reference, pair.concepts, pair.n_concepts)),
        per="whole",
        laws=(TURN_BOTH, REORDER, RENAME, SWAP, NOTHING),
        nothing=0,
    ),
    "effective_dims": Statistic(
        of=lambda pair: np.array(stats.effective_dims(pair.current)), per="whole", laws=(*FREE, TURN_BOTH, REORDER)
    ),
    "largest_change": Statistic(
        of=lambda pair: stats.largest_change(pair.reference, pair.current),
        per="sample",
        laws=(REORDER, SWAP, NOTHING),
        nothing=0,
    ),
    "neighbor_recall": Statistic(
        of=lambda pair: stats.neighbor_recall(
            stats.neighbor_overlap(pair.reference, pair.current, all_rows(pair), k=4)
        ),
        per="sample",
        laws=(*FREE, REORDER, SWAP, NOTHING),
        nothing=1,
    ),
    "closeness_to_border": Statistic(
        of=lambda pair: stats.closeness_to_border(pair.current, after(pair))[1],
        per="sample",
        laws=(*FREE, TURN_BOTH, REORDER),
    ),
    "norm_ratios": Statistic(
        of=lambda pair: stats.norm_ratios(pair.reference, pair.current),
        per="sample",
        laws=(TURN, TURN_BOTH, REORDER, NOTHING),
        nothing=1,
    ),
    "signed_permutation": Statistic(
        of=lambda pair: np.array(stats.signed_permutation(pair.reference, pair.current).explained),
        per="whole",
        laws=(REORDER, NOTHING),
        nothing=1,
    ),
}

NOT_OF_A_PAIR_OF_SPACES = {
    "auroc_within": "ranks numbers within concepts: compared with scipy",
    "lattice_steps": "of one space's values: steps of known quantisers",
    "significand_bits": "of one space's values: known roundings",
    "spread_over_concepts": "of flags and concepts: closed forms",
    "auroc": "ranks numbers: compared with sklearn",
    "auroc_interval": "of a number and two counts: its equation and its cover are tested",
    "benjamini_hochberg": "of p-values: compared with scipy",
    "blended_scores": "of scores: closed forms",
    "hajek": "of answers and probabilities: unbiased over draws",
    "horvitz_thompson": "of answers and probabilities: unbiased over draws",
    "inclusion_probabilities": "of scores: their sum is tested",
    "concept_origins": "of one space: where sums are counted from, the same by some rows as by all",
    "origin_rows": "of concepts: the origins by them are those by all",
    "nearest_among": "of one space: compared with every distance",
    "neighbor_graph": "of one space: compared with scikit-learn's",
    "neighbors_among": "of one space: compared with scikit-learn's",
    "shared_neighbors": "the last step of `neighbor_overlap`",
    "stratified_part": "of strata and keys: its quotas are tested",
    "pivotal_sample": "draws by chance: its probabilities are tested",
    "spread_order": "of one space's places: no movement in it",
    "weighted_interval": "of answers and probabilities: its cover is measured",
    "closeness": "of rows to other rows: closed forms",
    "known_labels": "a head's probabilities: closed forms",
    "pulls": "of probabilities and labels: closed forms",
    "suspects": "of labels in one space: planted rows come out, others do not",
    "noise_rates": "of numbers beside usual numbers: its false discoveries are tested",
    "churned": "of right and wrong answers",
    "flip_counts": "of right and wrong answers",
    "flip_pvalues": "of counts: compared with scipy",
    "cut_pvalues": "of a share and a number of samples: its size is tested",
    "two_group_cuts": "of numbers: compared with every cut and with k-means",
    "concept_mmds_beside_anchors": "draws which sample takes whose movement: its size is tested",
    "g_test": "of counts: compared with scipy",
    "jensen_shannon": "of counts: compared with scipy",
    "kmeans_jsd": "its bins depend on the order of the rows: its size is tested",
    "look_alphas": "of a level: its sum has a closed form",
    "mann_kendall": "of a series: compared with scipy and with every permutation",
    "mantel_haenszel": "of tables: compared with scipy and with R",
    "mcnemar_pvalues": "of right and wrong answers: compared with scipy",
    "mean_percentiles": "ranks numbers",
    "paired_moments": "sums that other statistics read: compared with numpy",
    "percentile_interval": "of any copies",
    "permutation_pvalue": "of any statistic",
    "cka_of_sums": "the last step of `debiased_cka`",
    "concept_sums": "sums that `left_out_pvalues` reads",
    "leading_directions_of_sums": "compared with `leading_directions`",
    "left_out_pvalues": "the last step of `leave_one_concept_out`",
    "movements": "sums that add up: compared with the statistics of the whole",
    "standing": "sums that add up: compared with the statistics of the whole",
    "principal_axes": "axes have no sign: `principal_coordinates`, the products with them, obey the laws",
    "resample_concept": "draws by chance: its interval is tested for cover",
    "resampled_gap_closures": "of bootstrap copies: its interval is tested for cover",
    "share_change_pvalues": "of right and wrong answers: compared with scipy",
    "sense_jsd": "its senses depend on the order of the rows: its size is tested",
    "smallest_trend_pvalue": "of a number of checkpoints: a closed form",
    "stratified_queries": "draws by chance: its quotas are tested",
    "theil_sen": "of a series: compared with scipy",
}


def obeying(wanted: str) -> pytest.MarkDecorator:
    """The statistics that obey a law, each under its name."""
    return pytest.mark.parametrize("name", [name for name, each in STATISTICS.items() if wanted in each.laws])


def assert_same(left: Floats, right: Floats) -> None:
    # some statistics work in float32, whose digits end at 1e-7 of values of about 10
    np.testing.assert_allclose(left, right, rtol=1e-4, atol=2e-5)


def test_every_public_function_has_its_laws_or_a_reason_for_none() -> None:
    public = {name for name in stats.__all__ if inspect.isfunction(getattr(stats, name))}

    assert STATISTICS.keys() | NOT_OF_A_PAIR_OF_SPACES.keys() == public
    assert not STATISTICS.keys() & NOT_OF_A_PAIR_OF_SPACES.keys()


def test_every_statistic_obeys_some_law() -> None:
    assert all(each.laws for each in STATISTICS.values())


@obeying(TURN)
@given(pair=pairs(), turn=rotations)
@law
def test_turning_the_current_space_changes_nothing(name: str, pair: Pair, turn: Callable[[int], Floats]) -> None:
    turned = replace(pair, current=pair.current @ turn(pair.current.shape[1]))

    assert_same(STATISTICS[name].of(turned), STATISTICS[name].of(pair))


@obeying(SCALE)
@given(pair=pairs(), factor=factors)
@law
def test_scaling_the_current_space_changes_nothing(name: str, pair: Pair, factor: float) -> None:
    assert_same(STATISTICS[name].of(replace(pair, current=factor * pair.current)), STATISTICS[name].of(pair))


@obeying(SHIFT)
@given(pair=pairs(), seed=seeds)
@law
def test_shifting_the_current_space_changes_nothing(name: str, pair: Pair, seed: int) -> None:
    away = np.random.default_rng(seed).uniform(-10, 10, size=pair.current.shape[1])

    assert_same(STATISTICS[name].of(replace(pair, current=pair.current + away)), STATISTICS[name].of(pair))


@obeying(TURN_BOTH)
@given(pair=pairs(), turn=rotations)
@law
def test_turning_both_spaces_together_changes_nothing(name: str, pair: Pair, turn: Callable[[int], Floats]) -> None:
    by = turn(pair.current.shape[1])
    turned = replace(pair, reference=pair.reference @ by, current=pair.current @ by)

    assert_same(STATISTICS[name].of(turned), STATISTICS[name].of(pair))


@obeying(REORDER)
@given(pair=pairs(), seed=seeds)
@law
def test_the_order_of_the_samples_says_nothing(name: str, pair: Pair, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(pair.reference))
    mixed = replace(pair, reference=pair.reference[order], current=pair.current[order], concepts=pair.concepts[order])

    expected = STATISTICS[name].of(pair)
    assert_same(STATISTICS[name].of(mixed), expected[order] if STATISTICS[name].per == "sample" else expected)


@obeying(RENAME)
@given(pair=pairs(), seed=seeds)
@law
def test_the_numbers_of_the_concepts_are_only_names(name: str, pair: Pair, seed: int) -> None:
    number = np.random.default_rng(seed).permutation(pair.n_concepts)
    renamed = STATISTICS[name].of(replace(pair, concepts=number[pair.concepts]))

    found = {
        "concept": lambda: renamed[number],
        "concept pair": lambda: renamed[np.ix_(number, number)],
        "whole": lambda: renamed,
    }[STATISTICS[name].per]()
    assert_same(found, STATISTICS[name].of(pair))


@obeying(SWAP)
@given(pair=pairs())
@law
def test_before_and_after_may_change_places(name: str, pair: Pair) -> None:
    swapped = replace(pair, reference=pair.current, current=pair.reference)

    assert_same(STATISTICS[name].of(swapped), STATISTICS[name].of(pair))


@obeying(NOTHING)
@given(pair=pairs())
@law
def test_a_space_compared_with_itself_shows_no_movement(name: str, pair: Pair) -> None:
    found = STATISTICS[name].of(replace(pair, current=pair.reference.copy()))

    # 1e-6: the fits apply in float32
    np.testing.assert_allclose(found, np.full_like(found, STATISTICS[name].nothing), atol=1e-6)
