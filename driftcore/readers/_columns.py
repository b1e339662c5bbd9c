"""Which column is the id, the vector, the label: by name, or because the caller says so."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

from driftcore.errors import BadInputError, UnknownColumnError, listed, one_line

Roles = Mapping[str, tuple[str, ...]]

# Of two names that both occur, the earlier one wins. Plurals are what `.npz` files and Chroma call their arrays.
_IDS = ("id", "sample_id", "_id", "uuid", "doc_id", "prediction_id", "example_id", "ids", "sample_ids")
_LABELS = ("label", "target", "actual", "ground_truth", "expected", "y_true", "labels")
_TEXTS = ("text", "document", "content", "input", "sentence", "page_content", "utterance", "texts", "documents")

VECTORS = ("embedding", "vector", "embeddings", "vectors", "emb")
# `np.savez` without a name, and scikit-learn's: only believed where the column holds lists
ARRAYS = ("x", "arr_0")

EMBEDDING_ROLES: Roles = {"id": _IDS, "vector": VECTORS, "label": _LABELS, "text": _TEXTS}
PREDICTION_ROLES: Roles = {
    "id": _IDS,
    "prediction": ("prediction", "pred", "predicted_label", "output", "y_pred", "predictions"),
    "target": _LABELS,
    "confidence": ("confidence", "conf", "probability", "prob", "confidences"),
    "correct": ("correct", "is_correct"),
}

_NUMBERED = re.compile(r"(?P<prefix>.*?)[_\-. \[]?(?P<number>\d+)\]?")
_PREFIXES = ("dim", "emb", "embedding", "embeddings", "vector", "vec", "v", "feature", "f", "x", "")


def parse_mapping(text: str) -> dict[str, str]:
    """The `--map` option as roles and column names.

    Parameters
    ----------
    text : str
        ``role=column`` pairs with commas between them.

    Returns
    -------
    dict of str to str
        Role to column; empty for an empty text.

    Raises
    ------
    UnknownColumnError
        If a role is not one of ours; the message lists them.
    BadInputError
        If a pair has no ``=``, no column, or a role comes twice.

    Examples
    --------
    >>> parse_mapping("vector=emb, id=doc_id")
    {'vector': 'emb', 'id': 'doc_id'}
    """
    mapping: dict[str, str] = {}
    for pair in filter(str.strip, text.split(",")):
        role, equals, column = (part.strip() for part in pair.partition("="))
        if not (role and equals and column):
            raise BadInputError(
                f"--map {one_line(pair.strip())!r} is not ROLE=COLUMN: write for instance --map id=doc_id."
            )
        if role in mapping:
            raise BadInputError(
                f"--map names {one_line(role)} twice: {one_line(mapping[role])} and {one_line(column)}."
            )
        mapping[role] = column
    refuse_unknown_roles(mapping, {**EMBEDDING_ROLES, **PREDICTION_ROLES})
    return mapping


def refuse_unknown_roles(mapping: Mapping[str, str], roles: Collection[str]) -> None:
    """Raise `UnknownColumnError` for a role that would otherwise be ignored in silence."""
    unknown = [role for role in mapping if role not in roles]
    if unknown:
        raise UnknownColumnError(f"--map: no role named {one_line(unknown[0])!r}. Known: {listed(roles)}.")


def columns_of_roles(names: Sequence[str], roles: Roles, mapping: Mapping[str, str], *, source: str) -> dict[str, str]:
    """The column of each role that has one: the mapped one, else the first known name that occurs."""
    refuse_unknown_roles(mapping, roles)
    for role, column in mapping.items():
        if column not in names and role != "vector":
            raise _no_such_column(role, column, names, source=source)
    taken = set(mapping.values())
    guessed = {role: first_known(known, [name for name in names if name not in taken]) for role, known in roles.items()}
    found = {role: mapping.get(role) or guessed[role] for role in roles}
    return {role: column for role, column in found.items() if column is not None}


def first_known(known: Sequence[str], names: Iterable[str]) -> str | None:
    """The first of the `known` names that occurs among `names`, whatever its case."""
    spelled: dict[str, str] = {}
    for name in names:
        spelled.setdefault(name.lower(), name)
    return next((spelled[name] for name in known if name in spelled), None)


def usual_column(role: str, names: Iterable[str]) -> str | None:
    """The column of samples that plays a role by its name: ``id``, ``vector``, ``label`` or ``text``."""
    return first_known(EMBEDDING_ROLES[role], names)


def required_column(columns: Mapping[str, str], role: str, roles: Roles, names: Sequence[str], *, source: str) -> str:
    """The column of a role that must have one."""
    if role not in columns:
        raise missing_role(role, roles[role], names, source=source)
    return columns[role]


def missing_role(role: str, known: Sequence[str], names: Sequence[str], *, source: str) -> UnknownColumnError:
    """The error for a role that no column has."""
    return UnknownColumnError(
        f"{source}: no column is named as the {role} ({', '.join(known)}). It has: {listed(names)}. "
        f"Say which one it is: --map {role}=COLUMN."
    )


def vector_columns(names: Sequence[str], *, lists: Collection[str] = (), wanted: str | None = None) -> tuple[str, ...]:
    """The column that holds vectors, or the numbered columns that make one up; empty where there is neither.

    Parameters
    ----------
    names : sequence of str
        All columns.
    lists : collection of str
        Those that hold lists of numbers.
    wanted : str or None
        A column, or the prefix of numbered columns, that the caller mapped.
    """
    if wanted is not None:
        return (wanted,) if wanted in names else _numbered(names, (wanted.rstrip("_-. ").lower(),))
    named = first_known(VECTORS, names) or first_known(ARRAYS, [name for name in names if name in lists])
    return (named,) if named is not None else _numbered(names, _PREFIXES)


def vector_columns_or_refuse(
    names: Sequence[str], *, lists: Collection[str], wanted: str | None, source: str
) -> tuple[str, ...]:
    """As `vector_columns`, but none is an error that says what there is instead."""
    found = vector_columns(names, lists=lists, wanted=wanted)
    if not found and wanted is not None:
        raise _no_such_column("vector", wanted, names, source=source)
    if not found:
        raise missing_role("vector", (*VECTORS, "dim_0 …"), names, source=source)
    _refuse_gaps(found, source=source)
    return found


def _numbered(names: Sequence[str], prefixes: Sequence[str]) -> tuple[str, ...]:
    groups: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for name in names:
        if match := _NUMBERED.fullmatch(name):
            groups[match["prefix"].lower()].append((int(match["number"]), name))
    found = next((sorted(groups[prefix]) for prefix in prefixes if prefix in groups), [])
    return tuple(name for _, name in found)


def _refuse_gaps(numbered: Sequence[str], *, source: str) -> None:
    """A dimension that is missing or there twice would shift all that follow."""
    numbers = [int(match["number"]) for name in numbered if (match := _NUMBERED.fullmatch(name))]
    for place, (number, following) in enumerate(pairwise(numbers)):
        if following != number + 1:
            raise UnknownColumnError(
                f"{source}: the columns {one_line(numbered[0])} … {one_line(numbered[-1])} are not numbered one by one "
                f"({one_line(numbered[place])}, then {one_line(numbered[place + 1])}): add the missing ones, or say "
                "--map vector=COLUMN."
            )


def _no_such_column(role: str, column: str, names: Sequence[str], *, source: str) -> UnknownColumnError:
    return UnknownColumnError(
        f"{source}: no column named {one_line(column)!r}, which {role}={one_line(column)} asks for. "
        f"It has: {listed(names)}."
    )
