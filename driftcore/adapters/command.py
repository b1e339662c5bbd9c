"""The team's own training script, with the retraining set and the store in its environment."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from driftcore.adapters._exchange import read_outputs, write_retraining_set, write_samples
from driftcore.adapters._options import number
from driftcore.adapters._process import run
from driftcore.adapters._zipped import unzipped, zipped
from driftcore.errors import TrainingError, one_line
from driftcore.records.training import Beat, Log, Trained, TrainingTask

# a script that hangs gives its job back after a day
_TIMEOUT_S = 86_400.0
_MODEL = "model"


class CommandTrainer:
    """Runs ``options["command"]`` and stores what it leaves.

    The options: ``command`` (split as a shell would split it, and run without one), ``cwd`` (the folder it runs in;
    left out, the job's own) and ``timeout_s`` (left out, a day).

    What the command finds in its environment:

    - ``DRIFTLOOP_STORE``, ``DRIFTLOOP_JOB``, ``DRIFTLOOP_REFERENCE``, ``DRIFTLOOP_CURRENT``, ``DRIFTLOOP_CHECKPOINT``
      (the one to make), ``DRIFTLOOP_SEED``;
    - ``DRIFTLOOP_RETRAINING_SET``: a Parquet file of the rows to train on, with their vectors in the current space;
    - ``DRIFTLOOP_SAMPLES``: a folder with one Parquet file a split (sample_id, text, label): what must be embedded;
    - ``DRIFTLOOP_OUT``: the folder for its answer: for every file of the samples one of the same name with the columns
      sample_id, vector, and where it predicts, prediction and confidence; everything below ``model/`` is kept;
    - ``DRIFTLOOP_MODEL``: a folder with what was kept when the current checkpoint was made; not set where that is
      nothing.

    Its output becomes the job's log; a line ``PROGRESS 0.4 epoch 2`` becomes the job's progress.
    """

    def train(self, task: TrainingTask, *, beat: Beat, log: Log) -> Trained:
        """Write the files, run the command, read what it left.

        Raises
        ------
        TrainingError
            If there is no command, or it fails, or its answer is not what was asked for.
        UnreadableFileError
            If what was kept with the current checkpoint is damaged.
        """
        words = _words(task.options)
        timeout_s = number(task.options, "timeout_s", _TIMEOUT_S)
        folder = task.folder.resolve()
        where = Path(task.options.get("cwd") or folder)
        if not where.is_dir():
            raise TrainingError(f"The option cwd names no folder: {one_line(where)}.")
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **_handed_over(task, folder)}
        run(
            words,
            folder=where,
            environment=environment,
            timeout_s=timeout_s,
            beat=beat,
            log=log,
            name=f"Command '{one_line(words[0])}'",
        )
        out = folder / "out"
        return Trained(splits=read_outputs(task, out), model=zipped(out / _MODEL), facts={"command": shlex.join(words)})


def _words(options: Mapping[str, str]) -> list[str]:
    command = options.get("command", "")
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise TrainingError(f"The option command cannot be split: {one_line(error)}: {one_line(command)!r}.") from error
    if not words:
        raise TrainingError("The trainer 'command' needs the option command, as in command='python /models/train.py'.")
    return words


def _handed_over(task: TrainingTask, folder: Path) -> dict[str, str]:
    """The files written, and the variables that name them."""
    write_retraining_set(task, folder / "retraining_set.parquet")
    write_samples(task, folder / "samples")
    (folder / "out").mkdir()
    named = {
        "STORE": task.store,
        "JOB": task.job_id,
        "REFERENCE": task.reference,
        "CURRENT": task.current,
        "CHECKPOINT": task.checkpoint,
        "SEED": str(task.seed),
        "RETRAINING_SET": str(folder / "retraining_set.parquet"),
        "SAMPLES": str(folder / "samples"),
        "OUT": str(folder / "out"),
    }
    if unzipped(task.model, folder / _MODEL):
        named["MODEL"] = str(folder / _MODEL)
    return {f"DRIFTLOOP_{name}": value for name, value in named.items()}
