"""sentence-transformers: a Parquet file of nothing but what its trainer takes in, and who is who beside it.

Its collator takes every column but ``label`` for a text, and a label must be a number: names and ids stand in
manifest.parquet, row by row, and the names behind the numbers in manifest.json.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from driftcore.errors import BadInputError, listed, one_line
from driftcore.export._files import Encoded
from driftcore.export._parquet import arrow_parquet, as_typed_parquet
from driftcore.export._trainable import counted, training_rows

SHAPES = ("label", "triplet", "vector")

Rows = NDArray[np.int64]


def sentence_transformers(
    table: pd.DataFrame,
    *,
    shape: str = "label",
    toward: Mapping[str, str] | None = None,
    others: Callable[[], pd.DataFrame] | None = None,
    vectors: Callable[[pd.DataFrame], NDArray[np.float32]] | None = None,
    seed: int = 0,
) -> Encoded:
    """The training rows in one of `SHAPES`.

    Parameters
    ----------
    table : pandas.DataFrame
        A retraining set.
    shape : str
        ``label``: (sentence, label), the label as a number. ``triplet``: (anchor, positive, negative), the positive
        with the anchor's label, the negative with the one that it was or could be taken for. ``vector``: (sentence,
        label), where the label is the vector that the reference gives.
    toward : mapping of str to str
        Labels and the ones that they drifted toward.
    others : callable
        Rows (sample_id, text, label) that may be negatives and nothing else; for ``triplet`` only.
    vectors : callable
        The reference's vectors of some rows, shape (n_rows, n_dims), NaN where it has none; for ``vector`` only.
    seed : int
        Of the choice of positives and negatives.

    Raises
    ------
    BadInputError
        If the shape is unknown, or nothing can be put into it.
    """
    rows, left_out = training_rows(table)
    if shape == "label":
        names, codes = np.unique(rows["label"].to_numpy(dtype=object), return_inverse=True)
        columns = {"sentence": _strings(rows["text"]), "label": pa.array(codes, pa.int64())}
        return _encoded(rows, columns, left_out, {"label_names": [str(name) for name in names]})
    if shape == "triplet":
        beside = rows.iloc[:0] if others is None else others()
        # what is held out is not learnt from as a negative either
        beside = beside[~beside["sample_id"].isin(table["sample_id"]) & beside["text"].notna()]
        return _triplets(rows, beside, left_out, toward or {}, np.random.default_rng(seed))
    if shape == "vector" and vectors is not None:
        return _with_vectors(rows, left_out, vectors(rows))
    raise BadInputError(f"Unknown shape '{one_line(shape)}'. Known: {listed(SHAPES)}.")


def _triplets(
    rows: pd.DataFrame,
    beside: pd.DataFrame,
    left_out: dict[str, int],
    toward: Mapping[str, str],
    rng: np.random.Generator,
) -> Encoded:
    sizes = rows.groupby("label")["label"].transform("size")
    single = counted({"the only row of its label": (sizes < 2).sum()})
    # such a row has no positive, and may still be a negative
    rows, alone = rows[sizes >= 2].reset_index(drop=True), rows[sizes < 2]
    pool = pd.concat([part[["sample_id", "text", "label"]] for part in (rows, alone, beside)], ignore_index=True)
    if rows.empty or pool["label"].nunique() < 2:
        raise BadInputError("Triplets need two labels, and two training rows of one: add spans, or raise --replay.")
    positive, negative = _same_label(rows["label"], rng), _other_label(rows, pool, toward, rng)
    texts, ids = pool["text"].to_numpy(dtype=object), pool["sample_id"].to_numpy(dtype=object)
    columns = {
        "anchor": _strings(rows["text"]),
        "positive": _strings(texts[positive]),
        "negative": _strings(texts[negative]),
    }
    told = rows.assign(positive_id=ids[positive], negative_id=ids[negative])
    return _encoded(told, columns, left_out | single, {})


def _same_label(labels: pd.Series[str], rng: np.random.Generator) -> Rows:
    """For each row another one of its label: the next of them in a random order, so that each is used once."""
    order = pd.Series(rng.permutation(len(labels)))
    label = labels.to_numpy(dtype=object)[order]
    following = order.groupby(label).shift(-1)
    first = order.groupby(label).transform("first")
    chosen = np.empty(len(labels), dtype=np.int64)
    chosen[order] = following.fillna(first).to_numpy(dtype=np.int64)
    return chosen


def _other_label(rows: pd.DataFrame, pool: pd.DataFrame, toward: Mapping[str, str], rng: np.random.Generator) -> Rows:
    """For each row one of the pool with the label that it was confused with, or of any other where none is known."""
    both_ways = {b: a for a, b in toward.items()} | dict(toward)
    codes, names = pd.factorize(pool["label"].to_numpy(dtype=object))
    known, own = pd.Index(names, dtype=object), codes[: len(rows)]
    used = known.get_indexer(pd.Index(rows["label_used"], dtype=object))
    destination = known.get_indexer(pd.Index([both_ways.get(name) for name in names], dtype=object))[own]
    wanted = np.where((used >= 0) & (used != own), used, destination)
    # the pool label by label: a label is a stretch of it, and all others are what is before and behind
    order, size = np.argsort(codes, kind="stable"), np.bincount(codes)
    start = np.cumsum(size) - size
    drawn = rng.random(len(rows))
    inside = start[wanted] + (drawn * size[wanted]).astype(np.int64)
    anywhere = (drawn * (len(pool) - size[own])).astype(np.int64)
    anywhere += np.where(anywhere >= start[own], size[own], 0)
    chosen: Rows = order[np.where((wanted >= 0) & (wanted != own), inside, anywhere)]
    return chosen


def _with_vectors(rows: pd.DataFrame, left_out: dict[str, int], found: NDArray[np.float32]) -> Encoded:
    known, n_dims = np.isfinite(found).all(axis=1), found.shape[1]
    if not known.any():
        raise BadInputError(
            f"The reference has a vector for none of the {len(rows):,} training rows: choose --shape label or triplet."
        )
    unknown = counted({"no vector at the reference": (~known).sum()})
    kept = rows.iloc[np.flatnonzero(known)].reset_index(drop=True)
    flat = pa.array(found[known].astype(np.float32).ravel(), pa.float32())
    columns = {"sentence": _strings(kept["text"]), "label": pa.FixedSizeListArray.from_arrays(flat, n_dims)}
    return _encoded(kept, columns, left_out | unknown, {"n_dims": n_dims})


def _encoded(
    rows: pd.DataFrame, columns: dict[str, pa.Array], left_out: Mapping[str, int], facts: Mapping[str, object]
) -> Encoded:
    # texts stand in train.parquet already, row by row
    files = {"train.parquet": arrow_parquet(columns), "manifest.parquet": as_typed_parquet(rows.drop(columns="text"))}
    return Encoded(rows=rows, files=files, left_out=left_out, facts=facts)


def _strings(texts: pd.Series[str] | NDArray[np.object_]) -> pa.Array:
    return pa.array(texts, pa.string(), from_pandas=True)
