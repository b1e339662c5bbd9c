"""What an eval tool wrote, whichever tool it was: one row a sample, variant and epoch, found by looking.

>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder:
...     path = Path(folder) / "table.json"
...     _ = path.write_text('{"columns": ["id", "pred", "label"], "data": [["s1", "refund", "cancel"]]}')
...     reading = read_eval(path)
>>> reading.tool, reading.rows[0].prediction, reading.rows[0].targets
('mlflow', 'refund', ('cancel',))
"""

from __future__ import annotations

from driftcore.readers.evals._choose import Chosen, choose
from driftcore.readers.evals._epochs import Settled, settle_epochs
from driftcore.readers.evals._find import FORMATS, read_eval
from driftcore.readers.evals._guess import EvalGuess, guess_eval
from driftcore.readers.evals._mapping import with_mapping
from driftcore.readers.evals._rows import EQUALITY, EvalReading, EvalRow, Score

__all__ = [
    "EQUALITY",
    "FORMATS",
    "Chosen",
    "EvalGuess",
    "EvalReading",
    "EvalRow",
    "Score",
    "Settled",
    "choose",
    "guess_eval",
    "read_eval",
    "settle_epochs",
    "with_mapping",
]
