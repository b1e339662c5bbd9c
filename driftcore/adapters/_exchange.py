"""The files that a trainer outside this process reads, and those that it leaves: Parquet, one a split."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftcore.arrays import Matrix, as_matrix, row_problems
from driftcore.errors import BadInputError, TrainingError, listed, one_line
from driftcore.records.training import SplitData, TrainedSplit, TrainingTask

if TYPE_CHECKING:
    import pyarrow as pa

_VECTOR_NAMES = ("vector", "embedding")


def file_name(split: str) -> str:
    """The file of a split: its name, with whatever could leave the folder percent-encoded.

    Examples
    --------
    >>> file_name("validation"), file_name("../live")
    ('validation.parquet', '..%2Flive.parquet')
    """
    return f"{quote(split, safe=' ')}.parquet"


def write_retraining_set(task: TrainingTask, path: Path) -> None:
    """The rows of the retraining set with their vectors, which are null where a row was never embedded."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    unknown = ~np.isfinite(task.row_vectors).all(axis=1)
    vectors = pa.FixedSizeListArray.from_arrays(
        pa.array(task.row_vectors.ravel()), task.row_vectors.shape[1], mask=pa.array(unknown)
    )
    table = pa.Table.from_pandas(task.rows, preserve_index=False)
    pq.write_table(table.append_column("vector", vectors), path)


def write_samples(task: TrainingTask, folder: Path) -> None:
    """What must be embedded and predicted, one file a split."""
    folder.mkdir()
    for split in task.splits:
        samples_of(split).to_parquet(folder / file_name(split.split), index=False, engine="pyarrow")


def samples_of(split: SplitData) -> pd.DataFrame:
    """The columns sample_id, text and label of a split."""
    columns = {"sample_id": split.sample_ids, "text": split.texts, "label": split.labels}
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})


def read_outputs(task: TrainingTask, folder: Path) -> tuple[TrainedSplit, ...]:
    """What a script left in `folder`, checked against the task: one file a split, no more and no less.

    Raises
    ------
    TrainingError
        If a file is missing, not of the task, or does not hold what `read_split` wants.
    """
    wanted = [file_name(split.split) for split in task.splits]
    found = sorted(path.name for path in folder.glob("*.parquet"))
    if unknown := [name for name in found if name not in wanted]:
        raise TrainingError(f"No split belongs to the output {listed(unknown)}: the splits are {listed(wanted)}.")
    if missing := [name for name in wanted if name not in found]:
        raise TrainingError(f"The output {listed(missing)} is missing: write one file for every file of the samples.")
    return of_one_width([read_split(split, (folder / file_name(split.split)).read_bytes()) for split in task.splits])


def of_one_width(made: Sequence[TrainedSplit]) -> tuple[TrainedSplit, ...]:
    """The splits as they are.

    Raises
    ------
    TrainingError
        If their vectors differ in width.
    """
    widths = {each.split: each.vectors.shape[1] for each in made}
    if len(set(widths.values())) > 1:
        said = listed(f"{split} {width}" for split, width in widths.items())
        raise TrainingError(f"One checkpoint embeds every split in the same width, and these differ: {said}.")
    return tuple(made)


def read_split(split: SplitData, content: bytes) -> TrainedSplit:
    """One split's vectors and predictions from a Parquet file, in the order of the task.

    The columns are sample_id, vector (or embedding), and where there are any, prediction and confidence.

    Raises
    ------
    TrainingError
        If it is not such a file, has other samples, or values that cannot be stored.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = f"The output '{file_name(split.split)}'"
    try:
        table = pq.read_table(io.BytesIO(content))
    except (pa.ArrowException, OSError) as error:
        raise TrainingError(f"{name} is not a Parquet file that can be read: {one_line(error, limit=200)}.") from error
    vector = next((column for column in _VECTOR_NAMES if column in table.column_names), "vector")
    if missing := [column for column in ("sample_id", vector) if column not in table.column_names]:
        raise TrainingError(f"{name} lacks the columns {listed(missing)}: it has {listed(table.column_names)}.")
    try:
        vectors = as_matrix(_lists(table[vector]), name=f"{name}: vectors")
        ids = _texts(table["sample_id"])
        predictions = _texts(table["prediction"]) if "prediction" in table.column_names else None
        confidences = _shares(table["confidence"]) if "confidence" in table.column_names else None
    except (pa.ArrowException, BadInputError) as error:
        raise TrainingError(f"{name} has values of another kind: {one_line(error, limit=200)}") from error

    _refuse_bad_rows(ids, vectors, confidences, name)
    places = _places(split, ids, name)
    return TrainedSplit(
        split=split.split,
        vectors=vectors[places],
        predictions=None if predictions is None else predictions[places],
        confidences=None if confidences is None else confidences[places],
    )


def _lists(column: pa.ChunkedArray) -> NDArray[np.float32]:
    """Lists of one length as a matrix, missing numbers as NaN."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.null_count:
        raise BadInputError(f"{column.null_count} rows have no vector.")
    lists = column.cast(pa.large_list(pa.float32()), safe=False).combine_chunks()
    lengths = pc.unique(pc.list_value_length(lists)).to_pylist()
    if len(lengths) > 1:
        raise BadInputError(f"the vectors have {listed(sorted(lengths))} dimensions, and should have one width.")
    return lists.flatten().to_numpy(zero_copy_only=False).reshape(len(lists), -1 if len(lists) else 0)


def _texts(column: pa.ChunkedArray) -> NDArray[np.object_]:
    import pyarrow as pa

    return np.array(column.cast(pa.string()).to_pylist(), dtype=object)


def _shares(column: pa.ChunkedArray) -> NDArray[np.float32]:
    """Confidences, NaN where there is none."""
    import pyarrow as pa

    return np.asarray(column.cast(pa.float32(), safe=False).to_numpy(), dtype=np.float32)


def _refuse_bad_rows(
    ids: NDArray[np.object_], vectors: Matrix, confidences: NDArray[np.float32] | None, name: str
) -> None:
    said = [f"{problem.reason} in {len(problem.positions)} rows" for problem in row_problems(ids, vectors)]
    if confidences is not None and (outside := (confidences < 0) | (confidences > 1)).any():
        said.append(
            f"a confidence of {float(confidences[outside][0]):g} in {int(outside.sum())} rows (0 to 1 is meant)"
        )
    if said:
        raise TrainingError(f"{name} cannot be stored: {'; '.join(said)}.")


def _places(split: SplitData, ids: NDArray[np.object_], name: str) -> NDArray[np.intp]:
    """Where each sample of the split is in the output."""
    wanted, found = pd.Index(split.sample_ids), pd.Index(ids)
    missing, strange = wanted[~wanted.isin(found)], found[~found.isin(wanted)]
    said = [f"{len(missing)} samples are missing ({listed(missing, limit=3)})"] if len(missing) else []
    said += [f"{len(strange)} are not of the split ({listed(strange, limit=3)})"] if len(strange) else []
    if said:
        raise TrainingError(f"{name} has other samples than the split: {'; '.join(said)}.")
    return found.get_indexer(wanted)
