"""How differently two windows fill the same bins."""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy

from driftcore.stats.moments import Codes, Floats, Matrix
from driftcore.stats.resampling import Counts, WindowTest, permutation_pvalue, permuted_counts

# senses that are tried; a word, like a concept, rarely has more
_SENSES = (2, 3, 5, 8, 12)
_MAX_FOR_SILHOUETTE = 1000


def jensen_shannon(counts_reference: Counts, counts_current: Counts) -> Floats:
    r"""Jensen–Shannon divergence between the frequencies of two windows, in bits.

    0 means the same frequencies, 1 that no bin is shared. Where nothing changed it is not 0 but about
    ``(k − 1)(1/n + 1/m) / (8 ln 2)`` for k bins, so it needs a null: see `kmeans_jsd`.

    Parameters
    ----------
    counts_reference, counts_current : int64 arrays of shape (…, n_bins), not all zero

    Returns
    -------
    float64 array of shape (…), in [0, 1]

    Notes
    -----
    .. math:: \tfrac12 \mathrm{KL}(p \Vert m) + \tfrac12 \mathrm{KL}(q \Vert m), \quad m = (p + q) / 2

    Lin, Divergence measures based on the Shannon entropy, IEEE Transactions on Information Theory 37, 1991.

    Examples
    --------
    >>> jensen_shannon(np.array([5, 5, 0]), np.array([0, 0, 3])).item()
    1.0
    """
    p = counts_reference / counts_reference.sum(axis=-1, keepdims=True)
    q = counts_current / counts_current.sum(axis=-1, keepdims=True)
    middle = (p + q) / 2
    divided = np.where(middle > 0, middle, 1.0)
    bits = (xlogy(p, p / divided) + xlogy(q, q / divided)).sum(axis=-1) / (2 * np.log(2))
    return np.clip(bits, 0.0, 1.0)


def kmeans_jsd(
    reference: Matrix, current: Matrix, *, rng: np.random.Generator, n_bins: int = 10, n_resamples: int = 9999
) -> WindowTest:
    r"""Jensen–Shannon divergence between how two windows fill k-means bins of the reference.

    0 means that every bin is as full as before, 1 that no bin is shared; where nothing changed, about
    ``(k − 1)(1/n + 1/m) / (8 ln 2)``. It flags a change of the shares and is blind to what moves inside a bin.

    Parameters
    ----------
    reference, current : arrays of shape (n_reference, n_dims) and (n_current, n_dims)
    rng : numpy.random.Generator
    n_bins : int
        At most a tenth of the reference's half, so that bins are not single samples.
    n_resamples : int

    Returns
    -------
    WindowTest
        `value` is in bits, in [0, 1].

    Notes
    -----
    The bins are fitted on a random half of the reference and counted on the other: the samples that shaped the bins
    fill them better than any new ones, and counting them too made a test at 5 % reject 6 to 8 % of the time.
    Given the bins, dealing the counted samples to the windows anew is an exact null. Gupta, Rastegarpanah, Iyer,
    Rubin, Kenthapadi, Measuring distributional shifts in text: the advantage of language model-based embeddings,
    arXiv:2312.02337, 2023, who compare the value with a threshold.
    """
    order = rng.permutation(len(reference))
    shaping, counted = np.array_split(order, 2)
    k = max(2, min(n_bins, len(shaping) // 10))
    bins = _fitted_bins(reference[shaping], k, rng)
    filled = (_counts(_nearest(window, bins), k) for window in (reference[counted], current))
    return _tested(*filled, n_resamples=n_resamples, rng=rng)


def sense_jsd(reference: Matrix, current: Matrix, *, rng: np.random.Generator, n_resamples: int = 9999) -> WindowTest:
    r"""Jensen–Shannon divergence between how two windows use the senses that both together have.

    0 means that every sense is used as often as before, 1 that no sense is shared. It sees what `kmeans_jsd`
    cannot, a sense that only the current window has, and like it flags a change of the shares.

    Parameters
    ----------
    reference, current : arrays of shape (n_reference, n_dims) and (n_current, n_dims)
    rng : numpy.random.Generator
    n_resamples : int

    Returns
    -------
    WindowTest
        `value` is in bits, in [0, 1]; 0 with p = 1 below 10 samples.

    Notes
    -----
    Senses are k-means clusters of the pooled samples, their number the one with the best silhouette. As no window
    plays a part in finding them, dealing the samples to the windows anew is an exact null. Giulianelli, Del Tredici,
    Fernández, Analysing lexical semantic change with contextualised word representations, ACL 2020.
    """
    pooled = np.concatenate([reference, current])
    if len(pooled) < 10:
        return WindowTest(value=0.0, p_value=1.0, n_resamples=0)
    senses = _senses(pooled, rng)
    k = int(senses.max()) + 1
    n = len(reference)
    return _tested(_counts(senses[:n], k), _counts(senses[n:], k), n_resamples=n_resamples, rng=rng)


def _tested(reference: Counts, current: Counts, *, n_resamples: int, rng: np.random.Generator) -> WindowTest:
    value = float(jensen_shannon(reference, current))
    null = jensen_shannon(*permuted_counts(reference, current, n_resamples=n_resamples, rng=rng))
    return WindowTest(value=value, p_value=permutation_pvalue(value, null), n_resamples=n_resamples)


def _senses(pooled: Matrix, rng: np.random.Generator) -> Codes:
    """The clustering of the pooled samples whose silhouette is best."""
    from sklearn.metrics import silhouette_score

    judged = rng.permutation(len(pooled))[:_MAX_FOR_SILHOUETTE]
    best, senses = -np.inf, np.zeros(len(pooled), dtype=np.int64)
    for k in (k for k in _SENSES if k <= len(pooled) // 5):
        found = _nearest(pooled, _fitted_bins(pooled, k, rng))
        if len(np.unique(found[judged])) < 2:
            continue
        score = silhouette_score(pooled[judged], found[judged])
        best, senses = (score, found) if score > best else (best, senses)
    return senses


def _fitted_bins(vectors: Matrix, k: int, rng: np.random.Generator) -> Floats:
    """Centres of k-means bins, shape (k, n_dims)."""
    import warnings

    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        # fewer distinct samples than bins: the surplus bins stay empty, which the counts can bear
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = KMeans(k, n_init="auto", max_iter=50, random_state=int(rng.integers(2**31))).fit(vectors)
    centres: Floats = fitted.cluster_centers_.astype(np.float64)
    return centres


def _nearest(vectors: Matrix, centres: Floats) -> Codes:
    squared = np.einsum("ij,ij->i", centres, centres) - 2 * vectors @ centres.T
    nearest: Codes = squared.argmin(axis=1).astype(np.int64)
    return nearest


def _counts(bins: Codes, k: int) -> Counts:
    return np.bincount(bins, minlength=k)
