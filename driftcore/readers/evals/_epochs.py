"""One row a sample, where a tool asked for it several times."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore.errors import BadInputError, listed
from driftcore.readers.evals._rows import EvalRow, Score

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Settled:
    """The answers of one eval run, a row a sample, in the order of the file.

    Parameters
    ----------
    sample_ids, predictions : object arrays of str, shape (n_samples,)
        The prediction that most epochs gave, the first of those that came equally often; None where all failed.
    correct : float32 array of shape (n_samples,)
        1 if more than half of the epochs that were scored are right, else 0: a tie is wrong. NaN where none was.
    scores, confidences : float32 arrays of shape (n_samples,)
        Their mean; NaN where there is none.
    n_epochs : int
        The most epochs that a sample has.
    """

    sample_ids: NDArray[np.object_]
    predictions: NDArray[np.object_]
    correct: Numbers
    scores: Numbers
    confidences: Numbers
    n_epochs: int


def settle_epochs(
    sample_ids: Sequence[str], rows: Sequence[EvalRow], scores: Sequence[Score], *, source: str
) -> Settled:
    """Bring the epochs of each sample together.

    Parameters
    ----------
    sample_ids : sequence of str
        Whose answer each row is.
    rows, scores : sequences as long
    source : str
        Name of the file, for messages.

    Raises
    ------
    BadInputError
        If a sample comes twice in one epoch.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, sample_id in enumerate(sample_ids):
        places[sample_id].append(place)
    twice = [name for name, own in places.items() if len({rows[place].epoch for place in own}) < len(own)]
    if twice:
        raise BadInputError(
            f"{source}: {len(twice)} samples come twice in one epoch ({listed(twice, 3)}): which answer counts? "
            "Remove the others, or say which field is the id: --map id=FIELD."
        )
    groups = list(places.values())
    right = [[score.correct for score in (scores[place] for place in group)] for group in groups]
    return Settled(
        sample_ids=np.array(list(places), dtype=object),
        predictions=np.array(
            [_most_said([_said(rows[p], scores[p]) for p in group]) for group in groups], dtype=object
        ),
        correct=np.array([_majority(verdicts) for verdicts in right], dtype=np.float32),
        scores=_means([[scores[place].value for place in group] for group in groups]),
        confidences=_means([[rows[place].confidence for place in group] for group in groups]),
        n_epochs=max(map(len, groups), default=0),
    )


def _said(row: EvalRow, score: Score) -> str | None:
    """The answer; of a sample that failed none, whatever it said until then."""
    if row.error is not None:
        return None
    return row.prediction if score.answer is None else score.answer


def _most_said(answers: Sequence[str | None]) -> str | None:
    counts = Counter(answer for answer in answers if answer is not None)
    return counts.most_common(1)[0][0] if counts else None


def _majority(verdicts: Sequence[bool | None]) -> float:
    known = [verdict for verdict in verdicts if verdict is not None]
    return float(2 * sum(known) > len(known)) if known else np.nan


def _means(values: Sequence[Sequence[float | None]]) -> Numbers:
    known = [[value for value in group if value is not None] for group in values]
    return np.array([sum(group) / len(group) if group else np.nan for group in known], dtype=np.float32)
