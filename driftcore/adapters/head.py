"""The classifier refitted on corrections, gold rows and replay, while the vectors stay as they are."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.adapters._kept import packed, unpacked
from driftcore.adapters._rows import training_rows
from driftcore.errors import TrainingError
from driftcore.records.training import Beat, Log, SplitData, Trained, TrainedSplit, TrainingTask

KIND = "head/1"

# strength of the ridge, for each unit of weight: the same value means the same on a part of the rows
PENALTIES = (1e-1, 1e-2, 1e-3, 1e-4)
_DEFAULT_PENALTY = 1e-3
_N_FOLDS = 3
# enough to tell the penalties apart; the rest would cost minutes and decide nothing
_CHOOSING_ROWS = 4000
_MAX_STEPS = 200
_BLOCK = 16_384


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Head:
    """A multinomial logistic classifier over vectors as they are.

    Parameters
    ----------
    classes : object array of str, shape (n_classes,), sorted
    weights : float32 array of shape (n_dims, n_classes)
    bias : float32 array of shape (n_classes,)
    penalty : float
        The strength that it was fitted with.
    """

    classes: NDArray[np.object_]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    penalty: float


def fit_head(
    vectors: NDArray[np.float32],
    labels: NDArray[np.object_],
    *,
    seed: int,
    weights: NDArray[np.float64] | None = None,
    penalty: float | None = None,
) -> Head:
    r"""Multinomial logistic regression on standardised vectors.

    Parameters
    ----------
    vectors : float32 array of shape (n_samples, n_dims)
    labels : object array of str, shape (n_samples,)
    seed : int
        Of the folds that the penalty is chosen on.
    weights : float64 array of shape (n_samples,), positive, optional
    penalty : float, optional
        Left out, the one of `PENALTIES` with the least held-out log loss.

    Raises
    ------
    TrainingError
        If there are less than two labels.

    Notes
    -----
    .. math:: \min_{V, b} \; \sum_i w_i \log \frac{1}{p(y_i \mid z_i)} + \frac{\alpha \sum_i w_i}{2} \lVert V \rVert^2,
       \quad z = (x - m) / s

    Kept without the standardisation: :math:`W = V / s`.

    Examples
    --------
    >>> vectors = np.array([[0.0, 1], [0, 2], [1, 0], [2, 0]], dtype=np.float32)
    >>> head = fit_head(vectors, np.array(["up", "up", "right", "right"], dtype=object), seed=0)
    >>> predict(head, vectors)[0].tolist()
    ['up', 'up', 'right', 'right']
    """
    codes, classes = pd.factorize(pd.Series(labels, dtype=object), sort=True)
    if len(classes) < 2:
        raise TrainingError(f"A classifier needs two concepts, and there is {len(classes)}: add replay of others.")
    counted = np.ones(len(vectors)) if weights is None else weights
    mean, scale = vectors.mean(axis=0, dtype=np.float64), vectors.std(axis=0, dtype=np.float64)
    scale = np.where(scale > 1e-7 * np.abs(vectors).max(), scale, 1.0)  # a column that is constant but for rounding
    standard = ((vectors - mean.astype(np.float32)) / scale.astype(np.float32)).astype(np.float32, copy=False)

    chosen = _chosen_penalty(standard, codes, counted, seed=seed) if penalty is None else penalty
    matrix, bias = _logistic(standard, codes, counted, chosen)
    matrix = matrix / scale[:, None]
    return Head(
        classes=np.asarray(classes, dtype=object),
        weights=matrix.astype(np.float32),
        bias=(bias - mean @ matrix).astype(np.float32),
        penalty=chosen,
    )


def predict(head: Head, vectors: NDArray[np.float32]) -> tuple[NDArray[np.object_], NDArray[np.float32]]:
    """The most likely concept of each row and its probability, shapes (n_samples,) each."""
    best, confidences = np.empty(len(vectors), dtype=np.int64), np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), _BLOCK):
        part = slice(start, start + _BLOCK)
        scores = vectors[part] @ head.weights + head.bias
        best[part] = scores.argmax(axis=1)
        confidences[part] = 1 / np.exp(scores - scores.max(axis=1, keepdims=True)).sum(axis=1)
    return head.classes[best], confidences


def save_head(head: Head) -> bytes:
    """The head as bytes to keep."""
    return packed(KIND, head_arrays(head))


def load_head(data: bytes) -> Head:
    """The head that `save_head` made.

    Raises
    ------
    UnreadableFileError
        If the bytes are not a head.
    """
    return head_of_arrays(unpacked(data, KIND))


def head_arrays(head: Head) -> dict[str, NDArray[np.generic]]:
    """The arrays of a head, for a model that has one."""
    return {
        "classes": head.classes.astype(np.str_),
        "weights": head.weights,
        "bias": head.bias,
        "penalty": np.array(head.penalty),
    }


def head_of_arrays(arrays: dict[str, NDArray[np.generic]]) -> Head:
    """The head that `head_arrays` took apart."""
    return Head(
        classes=arrays["classes"].astype(object),
        weights=np.asarray(arrays["weights"], dtype=np.float32),
        bias=np.asarray(arrays["bias"], dtype=np.float32),
        penalty=float(np.asarray(arrays["penalty"], dtype=np.float64)),
    )


def predicted(split: SplitData, vectors: NDArray[np.float32], head: Head) -> TrainedSplit:
    """A split with the vectors it has now, and what the head makes of them."""
    predictions, confidences = predict(head, vectors)
    return TrainedSplit(split=split.split, vectors=vectors, predictions=predictions, confidences=confidences)


class HeadTrainer:
    """Refits the classifier on the corrected training rows and the retraining set; no vector moves."""

    def train(self, task: TrainingTask, *, beat: Beat, log: Log) -> Trained:
        """Fit on everything that may be learnt from, predict every split.

        Raises
        ------
        TrainingError
            If less than two concepts have rows.
        """
        beat("reading the rows", 0.0)
        rows = training_rows(task)
        for what, said in rows.facts.items():
            log(f"{what}: {said}")
        beat("fitting the classifier", 0.1)
        head = fit_head(rows.vectors, rows.labels, weights=rows.weights, seed=task.seed)
        beat("predicting", 0.9)
        facts = {**rows.facts, "concepts": f"{len(head.classes)}", "ridge": f"{head.penalty:g}"}
        return Trained(
            splits=tuple(predicted(split, split.vectors, head) for split in task.splits),
            model=save_head(head),
            facts=facts,
        )


def _chosen_penalty(
    standard: NDArray[np.float32], codes: NDArray[np.intp], weights: NDArray[np.float64], *, seed: int
) -> float:
    """The penalty with the least held-out log loss, on so many rows as it takes to tell."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(codes))[:_CHOOSING_ROWS]
    # the n-th row of a concept goes to fold n mod 3: every fold has its share of every concept
    order = pd.Series(codes[rows]).groupby(codes[rows]).cumcount().to_numpy()
    losses = np.zeros(len(PENALTIES))
    for fold in range(_N_FOLDS):
        held, learnt = rows[order % _N_FOLDS == fold], rows[order % _N_FOLDS != fold]
        held = held[np.isin(codes[held], codes[learnt])]
        if not len(held) or len(np.unique(codes[learnt])) < 2:
            return _DEFAULT_PENALTY
        known, own = np.unique(codes[learnt], return_inverse=True)
        places = np.searchsorted(known, codes[held])
        for k, penalty in enumerate(PENALTIES):
            matrix, bias = _logistic(standard[learnt], own, weights[learnt], penalty)
            scores = standard[held] @ matrix + bias
            top = scores.max(axis=1)
            surprise = top + np.log(np.exp(scores - top[:, None]).sum(axis=1)) - scores[np.arange(len(held)), places]
            losses[k] += float(weights[held] @ surprise)
    return PENALTIES[int(losses.argmin())]


def _logistic(
    standard: NDArray[np.float32], codes: NDArray[np.intp], weights: NDArray[np.float64], penalty: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights of shape (n_dims, n_classes) and bias, on standardised vectors."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1 / (penalty * float(weights.sum())), max_iter=_MAX_STEPS, tol=1e-4)
    with warnings.catch_warnings():
        # where the steps run out the head predicts as well; the last digits of its weights are nobody's
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(standard, codes, sample_weight=weights)
    matrix, bias = model.coef_.T.astype(np.float64), model.intercept_.astype(np.float64)
    if matrix.shape[1] == 1:  # of two concepts only the second has a score, against 0
        matrix, bias = np.hstack([np.zeros_like(matrix), matrix]), np.append(0.0, bias)
    return matrix, bias
