"""Which tool wrote a file: by what is in it, whatever its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from driftcore.errors import BadInputError, listed, one_line
from driftcore.readers._columns import PREDICTION_ROLES, first_known
from driftcore.readers.evals._deepeval import is_deepeval, read_deepeval
from driftcore.readers.evals._file import EvalFile, look_at
from driftcore.readers.evals._inspect import is_inspect, read_inspect
from driftcore.readers.evals._lm_eval import is_lm_eval, read_lm_eval
from driftcore.readers.evals._openai_evals import is_openai_evals, read_openai_evals
from driftcore.readers.evals._phoenix import is_phoenix, read_phoenix
from driftcore.readers.evals._promptfoo import is_promptfoo, read_promptfoo
from driftcore.readers.evals._rows import EvalReading
from driftcore.readers.evals._tables import is_table_document, read_table_document

_Tool = tuple[Callable[[EvalFile], bool], Callable[[EvalFile], EvalReading]]

# no file looks like two of them: each asks for keys that only its tool writes
_TOOLS: Mapping[str, _Tool] = {
    "lm-eval": (is_lm_eval, read_lm_eval),
    "inspect": (is_inspect, read_inspect),
    "promptfoo": (is_promptfoo, read_promptfoo),
    "mlflow": (is_table_document, read_table_document),
    "wandb": (is_table_document, read_table_document),
    "deepeval": (is_deepeval, read_deepeval),
    "phoenix": (is_phoenix, read_phoenix),
    "openai-evals": (is_openai_evals, read_openai_evals),
}
FORMATS = ("auto", "table", *_TOOLS)
"""What `read_eval` can be told to expect."""


def read_eval(path: Path, *, format: str = "auto") -> EvalReading | None:
    """What an eval tool wrote; None where the file is a plain table of predictions.

    Parameters
    ----------
    path : Path
    format : str
        One of `FORMATS`: ``auto`` finds the tool by looking, every other name insists on it.

    Returns
    -------
    EvalReading or None

    Raises
    ------
    UnreadableFileError
        If the file is missing, empty, cut off, or a program's error message.
    BadInputError
        If it is not what `format` insists on, if no tool is known that writes it, or if it holds no samples.
    """
    path = Path(path)
    if format not in FORMATS:
        raise BadInputError(f"No eval format named {one_line(format)!r}. Known: {listed(FORMATS)}.")
    if format == "table":
        return None
    file = look_at(path)
    found = next((name for name, (knows, _) in _TOOLS.items() if knows(file)), None)
    if format == "auto":
        if found is None:
            _refuse_foreign_document(file)
            return None
        return _read(found, file)
    knows, _ = _TOOLS[format]
    if not knows(file):
        seems = f"of {found}" if found is not None else "of none of the tools that are known"
        raise BadInputError(f"{path.name} is not an output of {format}; it looks like one {seems}. Try --format auto.")
    return _read(format, file)


def _read(tool: str, file: EvalFile) -> EvalReading:
    reading = _TOOLS[tool][1](file)
    if not reading.rows:
        raise BadInputError(f"{file.path.name} holds no samples: the eval ran on none. Run it again.")
    return replace(reading, tool=tool)


def _refuse_foreign_document(file: EvalFile) -> None:
    """What is neither a tool's nor a row of predictions; the table reader would blame the first line of a document."""
    if file.kind == "zip" and not any(name.endswith(".npy") for name in file.names):
        raise BadInputError(f"{file.path.name} is a zip, but no log of Inspect: it holds {listed(file.names, 4)}.")
    if file.kind != "document":
        return
    if file.content == []:
        raise BadInputError(f"{file.path.name} holds an empty list: the eval ran on no sample. Run it again.")
    keys = file.content if isinstance(file.content, dict) else None
    if keys is not None and first_known(PREDICTION_ROLES["prediction"], keys) is None:
        raise BadInputError(
            f"{file.path.name} is a JSON document that none of the known eval tools wrote "
            f"(its keys: {listed(keys, 6)}). Known: {listed(FORMATS[1:])}."
        )
