"""Which sample of a snapshot each row of an eval tool's output is about: by an id that fits, else by its text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
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
    the text of one sample. Ids that are all numbers are held against the texts, as a tool may have counted by itself.

    Parameters
    ----------
    rows : sequence of EvalRow
    own_ids : sequence of str
        Fields that the tool means as ids.
    known_ids : object array of str, shape (n_samples,)
        The snapshot's.
    texts : callable
        Gives the snapshot's texts in the same order; asked only where no id fits, or where all are numbers.
    mapping : mapping of str to str
        Under ``id`` and ``text`` the fields that the caller insists on.
    source, snapshot : str
        For messages.

    Raises
    ------
    BadInputError
        If nothing fits all rows (the message says which fields fit how many), or if two fields disagree.
    """
    known = set(known_ids.tolist())
    names = list(dict.fromkeys(name for row in rows for name in row.fields))
    insisted = mapping.get("id")
    candidates = [insisted] if insisted else [] if "text" in mapping else [name for name in names if name not in _NEVER]
    fitting = {name: _n_fitting(rows, name, known) for name in candidates}
    whole = [name for name in candidates if fitting[name] == len(rows)]
    by_id = _tied_by_id(rows, whole, own_ids, source=source)
    if by_id is not None and (insisted or not all(name.isdecimal() for name in by_id.sample_ids)):
        return by_id
    sample_of = {} if insisted else _by_text(known_ids, texts())
    by_text = _tied_by_text(rows, [mapping["text"]] if "text" in mapping else names, sample_of)
    if by_id is not None:
        return _agreed(by_id, by_text, source=source)
    if by_text is not None:
        return by_text
    if whole:
        # it fits, but several rows have the same: whoever settles the epochs says which
        return _tied(rows, whole[0])
    read = {} if insisted else {name: _n_fitting(rows, name, sample_of) for name in names}
    there = [row.fields[name] for name in _best(fitting)[:1] for row in rows if name in row.fields]
    missing = [value for value in there if value not in known]
    raise BadInputError(
        f"{source}: its samples are not those of the snapshot {snapshot}. Of {len(rows)} rows are there by id: "
        f"{_counted(fitting)}{f' (not {listed(dict.fromkeys(missing), 3)})' if missing else ''}; by text: "
        f"{_counted(read)}. Choose the checkpoint and the split that the eval ran on, or say which field is the id: "
        f"--map id=FIELD (there are: {listed(names, 8)})."
    )


def _tied_by_id(rows: Sequence[EvalRow], names: Sequence[str], own_ids: Sequence[str], *, source: str) -> Tied | None:
    """The rows by the most trusted of the fields that fit all of them, if it tells the rows of an epoch apart."""
    apart = [name for name in names if _tells_apart(rows, name)]
    meant = _meant_as_ids(apart, own_ids)
    if meant:
        return _tied(rows, meant[0])
    return _tied_by_one(rows, apart, source=source) if apart else None


def _tied_by_text(rows: Sequence[EvalRow], names: Sequence[str], sample_of: Mapping[str, str]) -> Tied | None:
    for name in names:
        if _n_fitting(rows, name, sample_of) == len(rows) and _tells_apart(rows, name):
            return Tied(sample_ids=tuple(sample_of[row.fields[name]] for row in rows), by=f"text ({name})")
    return None


def _agreed(by_id: Tied, by_text: Tied | None, *, source: str) -> Tied:
    """Ids that are mere numbers may be places in the tool's own list: where the texts say otherwise, a person must."""
    if by_text is not None and by_text.sample_ids != by_id.sample_ids:
        raise BadInputError(
            f"{source}: the numbers under {one_line(by_id.by)} are ids of other samples than those of the texts "
            f"({one_line(by_text.by)}). Are they places in a list? Say --map text=FIELD, or --map id=FIELD."
        )
    return by_id


def _n_fitting(rows: Sequence[EvalRow], name: str, known: Container[str]) -> int:
    return sum(row.fields.get(name) in known for row in rows)


def _meant_as_ids(names: Sequence[str], own_ids: Sequence[str]) -> list[str]:
    own = [name for name in own_ids if name in names]
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


def _by_text(known_ids: NDArray[np.object_], texts: NDArray[np.object_]) -> dict[str, str]:
    """The sample of each text; a text that two samples share names neither."""
    counts = Counter(texts.tolist())
    return {text: name for name, text in zip(known_ids, texts, strict=True) if text is not None and counts[text] == 1}


def _best(fitting: Mapping[str, int]) -> list[str]:
    return sorted(fitting, key=lambda name: -fitting[name])


def _counted(fitting: Mapping[str, int]) -> str:
    return ", ".join(f"{one_line(name, 40)} {fitting[name]}" for name in _best(fitting)[:_SHOWN]) or "not tried"
