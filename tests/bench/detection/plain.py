"""What people compute by hand: cosine, CKA, distances of means, k-means + Jensen–Shannon, MMD.

Where a method is run concept by concept it is given the best chance we know: the current space is first laid over the
reference by the Procrustes rotation and scale of all rows, which none of these methods brings along.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import orthogonal_procrustes
from scipy.spatial.distance import cdist, jensenshannon

from tests.bench.detection.protocol import DOES_NOT_APPLY, Answer, Given, Method

ALPHA = 0.05
N_PERMUTATIONS = 999
MMD_ROWS = 200


def raw_cosine(given: Given) -> Answer:
    return by_cosine(given, given.reference, given.current)


def turned_cosine(given: Given) -> Answer:
    return by_cosine(given, given.reference, laid_over(given))


def by_cosine(given: Given, before: np.ndarray, after: np.ndarray) -> Answer:
    """A concept's mean cosine shift of more than 5 %, or that of all rows."""
    if not given.paired:
        return DOES_NOT_APPLY
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    shift = 1 - np.einsum("ij,ij->i", before, after) / np.maximum(lengths, 1e-12)
    each = np.bincount(given.concepts, shift) / np.bincount(given.concepts)
    return Answer(alarm=bool((each > 0.05).any()), moved=tuple(np.flatnonzero(each > 0.05).tolist()))


def cka(given: Given) -> Answer:
    """Linear CKA (Kornblith et al. 2019) below .95."""
    if not given.paired:
        return DOES_NOT_APPLY
    before = given.reference - given.reference.mean(axis=0)
    after = given.current - given.current.mean(axis=0)
    own = np.linalg.norm(before.T @ before) * np.linalg.norm(after.T @ after)
    return Answer(alarm=bool(np.linalg.norm(after.T @ before) ** 2 / own < 0.95))


def distance_of_means(given: Given) -> Answer:
    middle = given.reference.mean(axis=0)
    radius = np.sqrt(np.mean(np.square(given.reference - middle).sum(axis=1)))
    return Answer(alarm=bool(np.linalg.norm(given.current.mean(axis=0) - middle) > 0.05 * radius))


def turned_distances_of_means(given: Given) -> Answer:
    """Concepts whose mean moved by more than 3 % of the mean gap, and whom each heads for.

    At 5 % it would miss every move of 5 %, for least squares follows the concept a little.
    """
    before = means(given.reference, given.concepts, given.n_concepts)
    after = means(laid_over(given), given.current_concepts, given.n_concepts)
    gaps = before[None] - before[:, None]
    lengths = np.linalg.norm(gaps, axis=2)
    step = after - before
    moved = np.linalg.norm(step, axis=1) > 0.03 * lengths[np.triu_indices(len(before), 1)].mean()
    along = np.einsum("abj,aj->ab", gaps, step) / np.where(lengths > 0, lengths, np.inf)
    concepts = np.flatnonzero(moved)
    return Answer(
        alarm=bool(moved.any()),
        moved=tuple(concepts.tolist()),
        toward={int(k): int(along[k].argmax()) for k in concepts},
    )


def kmeans_jsd(given: Given) -> Answer:
    """k-means bins of the reference, Jensen–Shannon between bin frequencies (Gupta et al. 2023), permutation null."""
    from sklearn.cluster import KMeans

    bins = KMeans(n_clusters=given.n_concepts, n_init=1, random_state=given.seed).fit(given.reference)
    drawn = np.concatenate([bins.labels_, bins.predict(given.current)])
    rng = np.random.default_rng(given.seed)
    n, k = len(given.reference), given.n_concepts

    def divergence(rows: np.ndarray) -> float:
        return float(jensenshannon(np.bincount(rows[:n], minlength=k), np.bincount(rows[n:], minlength=k)))

    seen = divergence(drawn)
    larger = sum(divergence(rng.permutation(drawn)) >= seen for _ in range(199))
    return Answer(alarm=bool((1 + larger) / 200 <= ALPHA))


def turned_mmd(given: Given) -> Answer:
    """An MMD test a concept, on at most 200 rows of each window, Benjamini–Hochberg over concepts."""
    from scipy.stats import false_discovery_control

    current = laid_over(given)
    rng = np.random.default_rng(given.seed)
    p_values = np.ones(given.n_concepts)
    for k in range(given.n_concepts):
        sides = (given.reference[given.concepts == k], current[given.current_concepts == k])
        x, y = (rows[rng.permutation(len(rows))[:MMD_ROWS]] for rows in sides)
        if min(len(x), len(y)) > 1:
            p_values[k] = mmd_p_value(x, y, rng)
    moved = np.flatnonzero(false_discovery_control(p_values) <= ALPHA)
    return Answer(alarm=len(moved) > 0, moved=tuple(moved.tolist()))


def mmd_p_value(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> float:
    """Permutation p-value of the biased MMD², Gaussian kernel of median width (Gretton et al. 2012)."""
    squared = cdist(rows := np.concatenate([x, y]).astype(np.float64), rows, "sqeuclidean")
    kernel = np.exp(-squared / max(float(np.median(squared[np.triu_indices(len(rows), 1)])), 1e-12))
    weights = np.concatenate([np.full(len(x), 1 / len(x)), np.full(len(y), -1 / len(y))])
    draws = rng.permuted(np.tile(weights, (N_PERMUTATIONS, 1)), axis=1)
    null = np.einsum("bi,bi->b", draws @ kernel, draws)
    return float((1 + np.sum(null >= weights @ kernel @ weights)) / (1 + N_PERMUTATIONS))


def laid_over(given: Given) -> np.ndarray:
    """The current rows in the reference's orientation and size; as they are where nothing says which row is which."""
    if not given.paired:
        return given.current
    middle = given.reference.mean(axis=0)
    before, after = given.reference - middle, given.current - given.current.mean(axis=0)
    turn, _ = orthogonal_procrustes(after, before)
    return after @ turn * (np.linalg.norm(before) / np.linalg.norm(after)) + middle


def means(vectors: np.ndarray, concepts: np.ndarray, n_concepts: int) -> np.ndarray:
    return np.stack([vectors[concepts == k].mean(axis=0, dtype=np.float64) for k in range(n_concepts)])


METHODS = (
    Method(name="raw cosine", setting="a concept's mean shift > .05", answer=raw_cosine),
    Method(name="cosine, aligned", setting="the same after Procrustes", answer=turned_cosine),
    Method(name="CKA", setting="linear, < .95", answer=cka),
    Method(
        name="distance of means",
        setting="Euclidean between window means, as Phoenix drew it; > 5 % of the reference's radius",
        answer=distance_of_means,
    ),
    Method(
        name="distances of means, aligned",
        setting="a concept after Procrustes, > 3 % of the mean gap",
        answer=turned_distances_of_means,
    ),
    Method(
        name="k-means + JSD",
        setting="as many bins as concepts, permutation p ≤ .05 (199 draws)",
        answer=kmeans_jsd,
    ),
    Method(
        name="MMD, aligned",
        setting="a concept after Procrustes, ≤ 200 rows a window, 999 permutations, BH ≤ .05",
        answer=turned_mmd,
    ),
)
