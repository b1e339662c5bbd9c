"""What the browser is sent: read back here by the layout that cloud.ts reads."""

from __future__ import annotations

import base64
import json
import zlib

import numpy as np
import pytest

from driftcore import charts
from driftcore.charts import outcomes
from driftcore.records import MapRows
from driftcore.ui._map_payload import Cloud, legend, make_cloud, packed_bits

N = 6
DRAWN = np.array([True, False, True, True, True, True])


@pytest.fixture
def rows() -> MapRows:
    return MapRows(
        sample_ids=np.array([f"s{n}" for n in range(N)], dtype=object),
        texts=np.array(["<b>näher</b>", "b", None, "d" * 200, "e", "f"], dtype=object),
        concepts=np.array(["refund", "refund", "cancel", "cancel", "other", "other"], dtype=object),
        predictions=np.array(["refund", "refund", None, "refund", "other", "other"], dtype=object),
        points=np.arange(2 * N, dtype=np.float32).reshape(N, 2) / 10,
        clusters=np.zeros(N, dtype=np.int32),
        shift=np.linspace(0, 1, N, dtype=np.float32),
        correct_reference=np.array([1, 1, np.nan, 1, 0, 0], dtype=np.float32),
        correct_current=np.array([1, 1, np.nan, 0, 1, 0], dtype=np.float32),
        confidences=np.array([0.5, 0.5, np.nan, 0.5, 0.5, 0.5], dtype=np.float32),
    )


def sent(rows: MapRows) -> Cloud:
    return make_cloud(rows, DRAWN, rows.points, charts.legend_groups(rows, "concept", ["refund", "cancel"]))


def test_places_and_texts_of_the_drawn_samples_come_back_as_they_were(rows):
    content = sent(rows).content
    length = int.from_bytes(content[:4], "little")
    header = json.loads(content[4 : 4 + length])
    body = content[4 + length :]
    at, size = header["arrays"]["x"]
    np.testing.assert_array_equal(np.frombuffer(body[at : at + size], dtype="<f4"), rows.points[DRAWN, 0])
    at, size = header["texts"]
    # cut to 90 letters, as they are: they become text in the browser and never HTML
    assert json.loads(zlib.decompress(body[at : at + size])) == ["<b>näher</b>", None, "d" * 90, "e", "f"]
    at, size = header["arrays"]["prediction"]
    predicted = np.frombuffer(body[at : at + size], dtype="<i4")
    assert [header["predictions"][code] if code >= 0 else None for code in predicted] == list(rows.predictions[DRAWN])


def test_the_same_samples_have_the_same_hash_and_moved_ones_another(rows):
    assert sent(rows).hash == sent(rows).hash
    moved = make_cloud(rows, DRAWN, rows.points + 1, charts.legend_groups(rows, "concept", ["refund", "cancel"]))
    assert moved.hash != sent(rows).hash


def test_right_to_wrong_and_wrong_to_right_are_told_apart(rows):
    # types.ts: right 0, unknown 1, wrong 2, newly right 3, newly wrong 4
    assert outcomes(rows).tolist() == [0, 0, 1, 4, 3, 2]


def test_the_legend_counts_all_samples_drawn_or_not(rows):
    selected = np.array([True, True, True, False, False, False])
    counted = {each["name"]: (each["selected"], each["n"]) for each in legend(sent(rows), np.ones(N, bool), selected)}
    assert counted == {"other concepts": (0, 2), "refund": (2, 2), "cancel": (1, 2)}


def test_a_selection_is_one_bit_a_sample_the_first_lowest():
    chosen = np.array([True, False, False, True, False, False, False, False, True])
    # 2⁰ + 2³, then 2⁰ of the next byte
    assert base64.b64decode(packed_bits(chosen)) == bytes([0b1001, 0b1])
