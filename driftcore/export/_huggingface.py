"""A dataset folder that `datasets.load_dataset` reads without asking anybody: Parquet, and a card that says where."""

from __future__ import annotations

import pandas as pd

from driftcore.errors import BadInputError
from driftcore.export._files import Encoded
from driftcore.export._parquet import as_typed_parquet
from driftcore.export._trainable import trainable

# nothing of the data stands in the card: what a label says must not be read as YAML or Markdown
_CARD = """---
configs:
- config_name: default
  data_files:
{files}
---

# Retraining set

Made by Driftloop. Each row is a correction, a gold row or replay (`role`), with the `reason` why it is in the set, its
`weight`, the `label` to train towards and the one that training used so far (`label_used`).
`manifest.json` says where the rows came from and what was left out.
"""


def huggingface(table: pd.DataFrame) -> Encoded:
    """The splits `train` and, where something is held out, `holdout`, with all columns.

    Raises
    ------
    BadInputError
        If there is nothing to train on.
    """
    rows, left_out = trainable(table)
    parts = {name: rows[rows["part"] == name] for name in ("train", "holdout")}
    if parts["train"].empty:
        raise BadInputError("Every row with a text and a label is held out: choose a smaller --holdout.")
    # an empty split cannot be loaded
    filled = {name: part for name, part in parts.items() if len(part)}
    card = _CARD.format(files="\n".join(f"  - split: {name}\n    path: data/{name}-*" for name in filled))
    files = {f"data/{name}-00000-of-00001.parquet": as_typed_parquet(part) for name, part in filled.items()}
    return Encoded(rows=rows, files={"README.md": card.encode(), **files}, left_out=left_out)
