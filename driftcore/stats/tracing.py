"""Which training rows pulled a concept to where it went."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from driftcore.stats.moments import Codes, Floats, Matrix

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# of the training rows that calibrate and teach; more than these change no digit that is shown, and take minutes
_N_FOLDS = 3
_STRENGTH = 10.0


def pulls(probabilities: Floats, labels: Codes, closeness: Floats, source: int, target: int) -> Floats:
    r"""How much each training row pulls a span of concept `source` toward the concept `target`.

    0 for a row whose label is what was known before; positive for one that is labelled `target` although the
    reference saw `source` in it, the more so the closer it lies to the span; negative for one that pulls back.

    Parameters
    ----------
    probabilities : float64 array of shape (n_rows, n_concepts)
        What the reference makes of each row.
    labels : int64 array of shape (n_rows,)
        The concept that each row was trained as; −1 for one that the reference does not know.
    closeness : float64 array of shape (n_rows,)
        Mean cosine with the span's samples, negative ones as 0.
    source, target : int
        Columns of the two concepts.

    Returns
    -------
    float64 array of shape (n_rows,), in [−2, 2]

    Notes
    -----
    .. math:: k_i \, (r_{ib} - r_{ia}), \quad r_{ic} = [y_i = c] - p_c(x_i)

    The influence of a row on a logit difference through the last layer, one step of gradient descent taken at the
    reference: Pruthi, Liu, Kale & Sundararajan, Estimating Training Data Influence by Tracing Gradient Descent,
    NeurIPS 2020; Yeh, Kim, Yen & Ravikumar, Representer Point Selection for Explaining Deep Neural Networks,
    NeurIPS 2018.

    Examples
    --------
    >>> known = np.array([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8]])
    >>> pulls(known, np.array([1, 0, 1]), np.ones(3), source=0, target=1).round(1).tolist()
    [1.8, -0.2, 0.4]
    """
    residual_target = (labels == target) - probabilities[:, target]
    residual_source = (labels == source) - probabilities[:, source]
    pulled: Floats = closeness * (residual_target - residual_source)
    return pulled


def closeness(rows: Matrix | csr_matrix, span: Matrix | csr_matrix) -> Floats:
    """Mean cosine of each row with the samples of a span, negative ones as 0; shape (n_rows,).

    Rows without length, as of texts that share no n-gram with any known one, are close to nothing.
    """
    direction = np.asarray(_unit(span).mean(axis=0)).ravel()
    near: Floats = np.maximum(np.asarray(_unit(rows) @ direction, dtype=np.float64), 0.0)
    return near


def traced(candidates: Floats, usual: Floats, *, level: float) -> NDArray[np.bool_]:
    r"""Which candidates pull harder than the usual noise in labels explains.

    Parameters
    ----------
    candidates : float64 array of shape (n_candidates,)
        Pulls of rows that came or were relabelled after the reference.
    usual : float64 array of shape (n_usual,)
        Pulls of the reference's own rows, each judged by a head that did not see it.
    level : float
        Share of the traced rows that may be noise, in expectation.

    Returns
    -------
    bool array of shape (n_candidates,)

    Notes
    -----
    The lowest threshold t > 0 with

    .. math:: \frac{n}{m} \, \frac{1 + \#\{u_j \ge t\}}{\#\{c_i \ge t\}} \le \text{level}

    for n candidates and m usual rows: the estimate of the false discovery rate of Storey, A direct approach to false
    discovery rates, Journal of the Royal Statistical Society B 64, 2002, with the whole of the candidates taken for
    noise.

    Examples
    --------
    >>> usual = np.linspace(-0.5, 0.5, 100)
    >>> traced(np.array([1.5] * 30 + [0.0] * 70), usual, level=0.1).sum()
    np.int64(30)
    >>> traced(usual, usual, level=0.1).any()
    np.False_
    """
    if not len(candidates) or not len(usual):
        return np.zeros(len(candidates), dtype=bool)
    thresholds = np.unique(candidates[candidates > 0])
    n_noise = len(usual) - np.searchsorted(np.sort(usual), thresholds, side="left")
    n_found = len(candidates) - np.searchsorted(np.sort(candidates), thresholds, side="left")
    rate = len(candidates) / len(usual) * (1 + n_noise) / n_found
    good = thresholds[rate <= level]
    return candidates >= good[0] if len(good) else np.zeros(len(candidates), dtype=bool)


def known_labels(
    features: Matrix | csr_matrix,
    labels: Codes,
    others: Matrix | csr_matrix,
    n_concepts: int,
    *,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """What the rows of the reference say about themselves, cross-fitted, and about other rows.

    Parameters
    ----------
    features : matrix of shape (n_rows, n_features), dense or sparse
        Rows of the reference, scaled so that their typical length is 1.
    labels : int64 array of shape (n_rows,)
    others : matrix of shape (n_others, n_features)
    n_concepts : int

    Returns
    -------
    tuple of float64 arrays of shape (n_rows, n_concepts) and (n_others, n_concepts)
        Probabilities of a multinomial logistic head; each reference row by one that did not see it.
    """
    own = np.zeros((len(labels), n_concepts))
    folds = rng.permutation(len(labels)) % _N_FOLDS
    for fold in range(_N_FOLDS):
        out = folds == fold
        if out.any() and len(np.unique(labels[~out])) > 1:
            own[out] = _probabilities(features[~out], labels[~out], features[out], n_concepts)
    return own, _probabilities(features, labels, others, n_concepts)


def _probabilities(
    features: Matrix | csr_matrix, labels: Codes, others: Matrix | csr_matrix, n_concepts: int
) -> Floats:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        # a head that is nearly there tells the labels apart as well as one that is there
        warnings.simplefilter("ignore", ConvergenceWarning)
        head = LogisticRegression(C=_STRENGTH, max_iter=300).fit(features, labels)
    found = np.zeros((others.shape[0], n_concepts))
    found[:, head.classes_] = head.predict_proba(others)
    return found


def _unit(rows: Matrix | csr_matrix) -> Matrix | csr_matrix:
    from sklearn.preprocessing import normalize

    return normalize(rows)
