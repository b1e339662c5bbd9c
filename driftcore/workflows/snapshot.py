"""Take a snapshot: samples and a function that embeds them, in place of a file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from driftcore.errors import BadInputError, listed, one_line
from driftcore.readers import is_dataset, table_of, usual_column
from driftcore.records import ModelFingerprint
from driftcore.store import Store
from driftcore.workflows.ingest import Ingested, ingest
from driftcore.workflows.progress import Progress, silent

_VECTOR = "embedding"
_MAX_DENSE = 2**30
_OTHERWISE = {
    "id": "Give each sample a stable id, by which it is found again at the next checkpoint.",
    "text": "Say which one is embedded: text=…",
}


def snapshot(
    store: Store,
    encode: Callable[[list[Any]], Any],
    samples: Any,
    *,
    checkpoint: str,
    split: str = "validation",
    text: str | None = None,
    batch_size: int = 256,
    at: datetime | None = None,
    model: ModelFingerprint | None = None,
    progress: Progress = silent,
) -> Ingested:
    """Embed samples and store them as the snapshot of a checkpoint.

    Parameters
    ----------
    store : Store
    encode : function of a list of texts
        Returns one vector a text, as an array or a tensor of shape (n_texts, n_dims): ``model.encode`` of
        sentence-transformers, for instance.
    samples : mapping of columns, data frame, Arrow table, or Hugging Face dataset
        With an id and a text, and where there is one a label.
    checkpoint, split : str
    text : str, optional
        Name of the column that is embedded, where it is not named as usual.
    batch_size : int
        Texts that `encode` gets at once.
    at, model
        As in `ingest`.

    Raises
    ------
    BadInputError
        If a column is missing, or `encode` gives back something else than one finite vector a text.
    ConflictError
        If the snapshot exists with other content.

    Examples
    --------
    >>> snapshot(store, model.encode, {"id": ids, "text": texts, "label": labels}, checkpoint="v2")  # doctest: +SKIP
    """
    columns = columns_of(samples)
    column_named(columns, "id")
    name = column_named(columns, "text", text)
    if batch_size < 1:
        raise BadInputError(f"batch_size is {batch_size}: write 1 or more.")
    texts = list(columns[name])
    _refuse_missing(texts)
    parts = []
    for start in range(0, len(texts), batch_size):
        progress("embedding", 0.9 * start / len(texts))
        parts.append(vectors_of(encode, texts[start : start + batch_size], n_samples=len(texts)))
    if not parts:
        raise BadInputError("There are no samples to embed.")
    if len({part.shape[1] for part in parts}) > 1:
        raise BadInputError("encode gave vectors of different widths: all texts need the same.")
    kept = {each: values for each, values in columns.items() if each not in (name, _VECTOR)}
    table = {**kept, "text": np.array(texts, dtype=object), _VECTOR: np.concatenate(parts)}
    return ingest(store, table, checkpoint=checkpoint, split=split, at=at, model=model)


def columns_of(samples: Any) -> dict[str, NDArray[Any]]:
    """The columns of a mapping, a data frame, an Arrow table or a dataset, by name; a dataset's classes by theirs.

    Raises
    ------
    BadInputError
        If there are no columns, or they differ in length.
    """
    if hasattr(samples, "reset_index"):
        # pandas: a named index is a column that somebody meant to keep, often the id
        whole = samples if samples.index.name in (None, *samples.columns) else samples.reset_index()
        samples = {name: whole[name] for name in whole.columns}
    if not isinstance(samples, Mapping) or is_dataset(samples):
        table = table_of(samples, source="samples")
        return {name: table.column(name).to_numpy().astype(object) for name in table.column_names}
    # anything may be embedded, not only what Arrow can hold
    columns = {str(name): _objects(values) for name, values in samples.items()}
    if len({len(values) for values in columns.values()}) > 1:
        lengths = listed(f"{name} ({len(values)})" for name, values in columns.items())
        raise BadInputError(f"The columns of the samples are not equally long: {lengths}.")
    return columns


def column_named(columns: Collection[str], role: Literal["id", "text"], named: str | None = None) -> str:
    """The column that was named for a role, else the first of its usual names.

    Raises
    ------
    BadInputError
        If there is none.
    """
    found = named or usual_column(role, columns)
    if found is None or found not in columns:
        wanted = f"named {one_line(named)!r}" if named else f"that is the {role}"
        raise BadInputError(f"The samples have no column {wanted}. They have: {listed(columns)}. {_OTHERWISE[role]}")
    return found


def vectors_of(encode: Callable[[list[Any]], Any], texts: list[Any], *, n_samples: int) -> NDArray[np.float32]:
    """What a function makes of some texts, which are a batch of `n_samples`, as float32 of shape (n_texts, n_dims).

    Raises
    ------
    BadInputError
        If it is something else.
    """
    made = as_array(encode(texts), n_samples=n_samples)
    if made.ndim != 2 or len(made) != len(texts) or not made.shape[1]:
        raise BadInputError(
            f"encode gave an array of shape {made.shape} for {len(texts)} texts: one vector a text is needed."
        )
    return made


def as_array(values: Any, *, n_samples: int | None = None) -> NDArray[np.float32]:
    """An array, a tensor on any device, a sparse matrix or a list of vectors as a dense float32 array.

    Raises
    ------
    BadInputError
        If it is none of these, or sparse and too wide to be written out.
    """
    if hasattr(values, "detach"):
        values = values.detach().cpu().float().numpy()
    elif hasattr(values, "toarray"):
        _refuse_too_wide(n_samples or values.shape[0], values.shape[1])
        values = values.astype(np.float32).toarray()
    try:
        return np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise BadInputError(f"encode gave {type(values).__name__}, which is no array of numbers.") from error


def _refuse_missing(texts: list[Any]) -> None:
    """A model would embed what is not there as a word, or fail in the middle."""
    missing = [row for row, text in enumerate(texts, start=1) if text is None or isinstance(text, float)]
    if missing:
        raise BadInputError(
            f"{len(missing)} of {len(texts)} samples have no text (rows {listed(missing, 5)}): leave them out."
        )


def _refuse_too_wide(n_samples: int, n_dims: int) -> None:
    """Counts of words are mostly zeros: written out, a vocabulary of 100,000 takes 0.4 MB a sample."""
    size = 4 * n_samples * n_dims
    if size > _MAX_DENSE:
        raise BadInputError(
            f"The vectors are sparse, {n_samples:,} × {n_dims:,}, and would take {size / 2**30:.1f} GB written out: "
            "embed after a step that makes them narrower, such as TruncatedSVD."
        )


def _objects(values: Any) -> NDArray[np.object_]:
    """A column of anything: numpy would make a matrix of equally long lists."""
    column = np.empty(len(values), dtype=object)
    column[:] = list(values)
    return column
