"""Which training rows pulled a concept to where it went."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from driftcore.stats.moments import Codes, Floats, Matrix

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_N_FOLDS = 5
# inverse of the penalty on a head's weights, for rows whose typical length is 1
_STRENGTH = 3.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Suspects:
    """What `suspects` found of each later row.

    Parameters
    ----------
    pull : float64 array of shape (n_rows,)
        See `pulls`; 0 for rows that are not suspected at all.
    noise : float64 array of shape (n_rows,)
        Share of the rows that pull as hard or harder which the usual noise in labels explains: see `noise_rates`.
    """

    pull: Floats
    noise: Floats

    @property
    def order(self) -> NDArray[np.intp]:
        """The rows, the most suspected first."""
        return np.lexsort((-self.pull, self.noise))


def suspects(
    known: Matrix | csr_matrix,
    known_codes: Codes,
    rows: Matrix | csr_matrix,
    codes: Codes,
    fresh: NDArray[np.bool_],
    span: Matrix | csr_matrix,
    heads: tuple[Floats, Floats],
    *,
    source: int,
    target: int,
) -> Suspects:
    """The later training rows that pull a span of concept `source` and the concept `target` together.

    They are labelled as one of the two, where the reference saw the other: those labelled `target` pull the span
    toward it, those labelled `source` pull `source` to where the target is.

    Parameters
    ----------
    known : matrix of shape (n_known, n_features), dense or sparse
        Rows of the reference; all others in the same space.
    known_codes : int64 array of shape (n_known,)
        Their concepts.
    rows : matrix of shape (n_rows, n_features)
        Later training rows.
    codes : int64 array of shape (n_rows,)
        The concepts that they were trained as; −1 for one that the reference does not know.
    fresh : bool array of shape (n_rows,)
        Which of them are new or relabelled since the reference; no other is suspected.
    span : matrix of shape (n_span, n_features)
    heads : tuple of float64 arrays of shape (n_known, n_concepts) and (n_rows, n_concepts)
        What the reference makes of its own rows and of the later ones: see `known_labels`.
    source, target : int

    Returns
    -------
    Suspects
    """
    own, theirs = heads
    pull, noise = np.zeros(len(codes)), np.ones(len(codes))
    for a, b, place in ((source, target, span), (target, source, known[known_codes == target])):
        seen, before = theirs.argmax(axis=1), own.argmax(axis=1)
        usual = np.where(before == a, pulls(own, known_codes, closeness(known, place), a, b), 0.0)
        hard = pulls(theirs, codes, closeness(rows, place), a, b)
        pulled = np.where(fresh & (codes == b) & (seen == a), np.maximum(hard, 0.0), 0.0)
        # one way at a time: the noise in one would drown what is found in the other
        noise[fresh] = np.minimum(noise[fresh], noise_rates(pulled[fresh], usual))
        pull = np.maximum(pull, pulled)
    return Suspects(pull=pull, noise=noise)


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
        Mean cosine with the span's samples, negative ones as 0: see `closeness`.
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


def noise_rates(candidates: Floats, usual: Floats) -> Floats:
    r"""Of all candidates that pull at least as hard as each, the share that the usual noise in labels explains.

    Near 0 for a row that pulls harder than any ever did, 1 for one that does not pull or is like the usual ones. Those
    with at most 0.1 are a set of which a tenth is noise, in expectation.

    Parameters
    ----------
    candidates : float64 array of shape (n_candidates,)
        Pulls of rows that came or were relabelled after the reference.
    usual : float64 array of shape (n_usual,)
        Pulls of the reference's own rows, each judged by a head that did not see it.

    Returns
    -------
    float64 array of shape (n_candidates,), in [0, 1]

    Notes
    -----
    The lowest estimate over all thresholds 0 < t ≤ c of

    .. math:: \frac{n}{m} \, \frac{1 + \#\{u_j \ge t\}}{\#\{c_i \ge t\}}

    for n candidates and m usual rows: the q-value of Storey, A direct approach to false discovery rates, Journal of the
    Royal Statistical Society B 64, 2002, with the whole of the candidates taken for noise. By its 1 no set smaller than
    n / (m · level) can be below a level: m usual rows cannot vouch for less.

    Examples
    --------
    >>> usual = np.linspace(-0.5, 0.5, 100)
    >>> noise_rates(np.array([1.5] * 30 + [0.0] * 70), usual)[[0, 30]].round(3).tolist()
    [0.033, 1.0]
    """
    if not len(candidates) or not len(usual):
        return np.ones(len(candidates))
    thresholds, place = np.unique(candidates, return_inverse=True)
    n_noise = len(usual) - np.searchsorted(np.sort(usual), thresholds, side="left")
    n_found = len(candidates) - np.searchsorted(np.sort(candidates), thresholds, side="left")
    rates = np.where(thresholds > 0, len(candidates) / len(usual) * (1 + n_noise) / n_found, 1.0)
    lowest: Floats = np.minimum(np.minimum.accumulate(rates), 1.0)[place]
    return lowest


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
