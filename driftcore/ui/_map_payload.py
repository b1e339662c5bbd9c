"""What the map's component is sent: its samples as one block of bytes, and a small scene around them."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftcore import charts
from driftcore.records import MapRows

# enough to know a sample by; the selection's table has the whole text
_TEXT_LENGTH = 90


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cloud:
    """The drawn samples as bytes; `rows` says which of the map's rows they are, `groups` how the legend calls them."""

    content: bytes
    hash: str
    rows: NDArray[np.int64]
    group: NDArray[np.uint8]
    groups: tuple[charts.LegendGroup, ...]


def make_cloud(
    rows: MapRows,
    drawn: NDArray[np.bool_],
    came_from: NDArray[np.float32],
    groups: Sequence[charts.LegendGroup],
) -> Cloud:
    """Pack the drawn samples.

    Parameters
    ----------
    rows : MapRows
    drawn : bool array of shape (n_samples,)
    came_from : float32 array of shape (n_samples, 2)
        Where the samples were at the reference, in map units.
    groups : sequence of LegendGroup
        Each sample belongs to one; at most 255.
    """
    where = np.flatnonzero(drawn)
    codes = np.zeros(len(rows), dtype=np.uint8)
    for number, group in enumerate(groups):
        codes[group.members] = number
    labels, label = _coded(rows.concepts[where])
    predictions, prediction = _coded(rows.predictions[where])
    arrays = {
        "x": rows.points[where, 0],
        "y": rows.points[where, 1],
        "from_x": came_from[where, 0],
        "from_y": came_from[where, 1],
        "shift": rows.shift[where],
        "confidence": rows.confidences[where],
        "label": label,
        "prediction": prediction,
        "group": codes[where],
        "outcome": charts.outcomes(rows)[where],
    }
    blocks = {name: np.ascontiguousarray(values).tobytes() for name, values in arrays.items()}
    blocks["texts"] = _deflated(rows.texts[where])
    offsets, at = {}, 0
    for name, block in blocks.items():
        offsets[name] = (at, len(block))
        at += len(block)
    body = b"".join(blocks.values())
    header: dict[str, Any] = {
        "n": len(where),
        "labels": labels,
        "predictions": predictions,
        "texts": offsets.pop("texts"),
        "arrays": offsets,
    }
    digest = hashlib.sha256(body)
    digest.update(json.dumps(header).encode())
    header["hash"] = digest.hexdigest()[:24]
    packed = json.dumps(header).encode()
    return Cloud(
        content=len(packed).to_bytes(4, "little") + packed + body,
        hash=header["hash"],
        rows=where,
        group=codes,
        groups=tuple(groups),
    )


def packed_bits(chosen: NDArray[np.bool_]) -> str:
    """One bit a sample, the first in the lowest bit, as base64."""
    return base64.b64encode(np.packbits(chosen, bitorder="little").tobytes()).decode("ascii")


def legend(cloud: Cloud, shown: NDArray[np.bool_], selected: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """The legend with its counts over all shown samples, drawn or not."""
    count = len(cloud.groups)
    in_all = np.bincount(cloud.group[shown], minlength=count)
    in_selection = np.bincount(cloud.group[shown & selected], minlength=count)
    return [
        {"name": group.name, "color": group.color, "n": int(n), "selected": int(chosen)}
        for group, n, chosen in zip(cloud.groups, in_all, in_selection, strict=True)
    ]


def _coded(values: NDArray[np.object_]) -> tuple[list[str], NDArray[np.int32]]:
    """Distinct values and which one each is; −1 where there is none."""
    known = np.array([value is not None for value in values], dtype=bool)
    codes = np.full(len(values), -1, dtype=np.int32)
    names, codes[known] = np.unique(values[known].astype(str), return_inverse=True)
    return [str(name) for name in names], codes


def _deflated(texts: NDArray[np.object_]) -> bytes:
    cut = [None if text is None else str(text)[:_TEXT_LENGTH] for text in texts]
    return zlib.compress(json.dumps(cut, ensure_ascii=False).encode(), level=1)
