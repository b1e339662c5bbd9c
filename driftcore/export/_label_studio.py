"""Label Studio: tasks with what is known already filled in, and the labelling config that they are meant for."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pandas as pd

from driftcore.errors import BadInputError, one_line
from driftcore.export._files import Encoded
from driftcore.export._jsonl import json_rows
from driftcore.export._trainable import trainable

# what XML 1.0 cannot hold, not even escaped
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# who says the label where no model was asked
_US = "driftloop"
_SHOWN = ("text", "sample_id", "span_id", "concept", "label", "label_used", "role", "part", "checkpoint", "reason")


def label_studio(table: pd.DataFrame) -> Encoded:
    """A task a row: its text, where it comes from, and what the checkpoint predicted, or else its label.

    Raises
    ------
    BadInputError
        If no row has a text, or a label cannot stand in XML.
    """
    rows, left_out = trainable(table, label=False)
    tasks = [_task(row) for row in json_rows(rows)]
    told = pd.concat([rows[name] for name in ("label", "prediction", "label_used") if name in rows])
    files = {"tasks.json": _json(tasks), "config.xml": _config(sorted(map(str, told.dropna().unique())))}
    return Encoded(rows=rows, files=files, left_out=left_out)


def _task(row: dict[str, Any]) -> dict[str, Any]:
    data = {name: row[name] for name in _SHOWN if name in row}
    predicted = row["prediction"] is not None
    choice = row["prediction"] if predicted else row["label"]
    if choice is None:
        return {"data": data, "predictions": []}
    said = {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": [choice]}}
    prediction = {"model_version": row["checkpoint"] if predicted else _US, "result": [said]}
    if predicted and row["confidence"] is not None:
        prediction["score"] = float(row["confidence"])
    return {"data": data, "predictions": [prediction]}


def _config(labels: list[str]) -> bytes:
    unfit = next((label for label in labels if _NOT_XML.search(label)), None)
    if unfit is not None:
        raise BadInputError(
            f"The label '{one_line(unfit)}' holds a character that XML cannot carry, so Label Studio cannot offer it: "
            "rename it, or export another format."
        )
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Text", name="text", value="$text")
    choices = ElementTree.SubElement(view, "Choices", name="label", toName="text", choice="single", showInline="true")
    for label in labels:
        ElementTree.SubElement(choices, "Choice", value=label)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="utf-8") + b"\n"


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8")
