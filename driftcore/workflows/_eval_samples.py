"""Which sample of a snapshot each row of an eval tool's output is about: by an id that fits, else by its text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore.errors import BadInputError, listed, one_line
from driftcore.readers.evals import EvalRow

_ID_NAMES = frozenset({"id", "sample_id", "_id", "uuid", "doc_id", "prediction_id", "example_id", "external_id"})
# a number by its order in the tool's own list, which is another sample wherever the tool ran on a selection
_NEVER = frozenset({"doc_id"})
_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied:
    """The sample of each row, and the field that told."""

    sample_ids: tuple[str, ...]
    by: str


def tie_samples(
    rows: Sequence[EvalRow],
    *,
    own_ids: Sequence[str],
    known_ids: NDArray[np.object_],
    texts: Callable[[], NDArray[np.object_]],
    mapping: Mapping[str, str],
    source: str,
    snapshot: str,
) -> Tied:
    """Tie every row to a sample of the snapshot.

    The first field of which every value is a sample's id is taken: the tool's own ids first, then what is named as an
    id, then any other, if no two of those disagree. Where no field fits, the first is taken of which every value is
    the text of one sample.

    Parameters
    ----------
    rows : sequence of EvalRow
    own_ids : sequence of str
        Fields that the tool means as ids.
    known_ids : object array of str, shape (n_samples,)
        The snapshot's.
    texts : callable
        Gives the snapshot's texts in the same order; asked only where no id fits.
    mapping : mapping of str to str
        Under ``id`` and ``text`` the fields that the caller insists on.
    source, snapshot : str
        For messages.

    Raises
    ------
    BadInputError
        If nothing fits all rows; the message says which fields fit how many.
    """
    known = set(known_ids.tolist())
    names = list(dict.fromkeys(name for row in rows for name in row.fields))
    insisted = mapping.get("id")
    candidates = [insisted] if insisted else [name for name in names if name not in _NEVER]
    fitting = {name: _n_fitting(rows, name, known) for name in ([] if "text" in mapping else candidates)}
    meant = [name for name in _meant_as_ids(candidates, own_ids) if fitting.get(name) == len(rows)]
    if meant:
        return _tied(rows, meant[0])
    others = [name for name in fitting if fitting[name] == len(rows) and _tells_apart(rows, name)]
    if others:
        return _tied_by_one(rows, others, source=source)
    if not insisted:
        by_text = _tied_by_text(rows, [mapping["text"]] if "text" in mapping else names, known_ids, texts())
        if by_text is not None:
            return by_text
    raise _no_fit(rows, fitting, names, known, source=source, snapshot=snapshot, mapping=mapping)


def _n_fitting(rows: Sequence[EvalRow], name: str, known: set[str]) -> int:
    return sum(row.fields.get(name) in known for row in rows)


def _meant_as_ids(names: Sequence[str], own_ids: Sequence[str]) -> list[str]:
    own = [name for name in own_ids if name in names]
    if len(names) == 1:
        return list(names)
    return own + [name for name in names if name not in own and name.rpartition(".")[2].lower() in _ID_NAMES]


def _tells_apart(rows: Sequence[EvalRow], name: str) -> bool:
    """Whether no two rows of one epoch have the same value; a label that happens to be some sample's id does not."""
    return len({(row.epoch, row.fields[name]) for row in rows}) == len(rows)


def _tied(rows: Sequence[EvalRow], name: str) -> Tied:
    return Tied(sample_ids=tuple(row.fields[name] for row in rows), by=name)


def _tied_by_one(rows: Sequence[EvalRow], names: Sequence[str], *, source: str) -> Tied:
    found = {name: _tied(rows, name) for name in names}
    if len({tied.sample_ids for tied in found.values()}) > 1:
        raise BadInputError(
            f"{source}: {len(names)} fields could be the id and disagree ({listed(names)}): say --map id=FIELD."
        )
    return found[names[0]]


def _tied_by_text(
    rows: Sequence[EvalRow], names: Sequence[str], known_ids: NDArray[np.object_], texts: NDArray[np.object_]
) -> Tied | None:
    counts = Counter(texts.tolist())
    # a text that two samples share names neither
    sample_of = {
        text: name for name, text in zip(known_ids, texts, strict=True) if text is not None and counts[text] == 1
    }
    for name in names:
        if all(row.fields.get(name) in sample_of for row in rows) and _tells_apart(rows, name):
            return Tied(sample_ids=tuple(sample_of[row.fields[name]] for row in rows), by=f"text ({name})")
    return None


def _no_fit(
    rows: Sequence[EvalRow],
    fitting: Mapping[str, int],
    names: Sequence[str],
    known: set[str],
    *,
    source: str,
    snapshot: str,
    mapping: Mapping[str, str],
) -> BadInputError:
    best = sorted(fitting, key=lambda name: -fitting[name])[:_SHOWN]
    counts = ", ".join(f"{one_line(name, 40)} {fitting[name]}" for name in best) or "no field"
    missing = [row.fields.get(best[0]) for row in rows if row.fields.get(best[0]) not in known] if best else []
    example = f" (not there: {listed(dict.fromkeys(missing), 3)})" if missing else ""
    what = "texts" if "text" in mapping else "ids nor texts"
    return BadInputError(
        f"{source}: neither its {what} are those of the snapshot {snapshot}. Of {len(rows)} rows fit by {counts}"
        f"{example}. Choose the checkpoint and the split that the eval ran on, or say which field is the id: "
        f"--map id=FIELD (there are: {listed(names, 8)})."
    )
