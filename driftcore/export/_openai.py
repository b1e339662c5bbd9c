"""Chats for OpenAI's fine-tuning: the user says the text, the assistant the label that is right."""

from __future__ import annotations

import pandas as pd

from driftcore.errors import BadInputError
from driftcore.export._files import Encoded
from driftcore.export._jsonl import json_lines
from driftcore.export._trainable import training_rows

# fewer are refused there
_MIN_ROWS = 10


def openai(table: pd.DataFrame) -> Encoded:
    """One chat a training row, as JSON lines; the assistant never says what the model said wrongly.

    Raises
    ------
    BadInputError
        If there are fewer rows than a fine-tuning takes.
    """
    rows, left_out = training_rows(table)
    if len(rows) < _MIN_ROWS:
        raise BadInputError(
            f"OpenAI's fine-tuning takes at least {_MIN_ROWS} rows, and {len(rows)} can be trained on: add spans, or "
            "raise --replay."
        )
    chats = (
        {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": label}]}
        for text, label in zip(rows["text"], rows["label"], strict=True)
    )
    return Encoded(rows=rows, files={"train.jsonl": json_lines(chats)}, folder=False, left_out=left_out)
