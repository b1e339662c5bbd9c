"""`driftloop trend` on the road's world: a concept that starts on the second day and loses accuracy on the fourth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from driftcore.testing import jittered, moved
from tests.cli.road import MOVED, OF_THE_MOVED, TOWARD, WORLD, driftloop, ingest, predictions_file, snapshot_file

NAME, OTHER = WORLD.names[MOVED], WORLD.names[TOWARD]
SHARES = (0.0, 0.0, 0.1, 0.2, 0.3)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trend")
    store = folder / "store"
    for day, share in enumerate(SHARES):
        place = moved(WORLD, MOVED, toward=TOWARD, share=share) if share else WORLD.vectors
        embeddings = snapshot_file(folder / f"d{day}.parquet", jittered(place, scale=0.01, seed=day))
        wrong = np.flatnonzero(OF_THE_MOVED)[:24] if day == 4 else ()
        predictions = predictions_file(folder / f"d{day}-eval.parquet", wrong=wrong)
        assert ingest(embeddings, f"d{day}", day + 1, store).code == 0
        assert driftloop("evaluate", predictions, "--checkpoint", f"d{day}", "--store", store).code == 0
    return store


def test_a_machine_gets_onset_lead_and_every_series(store: Path) -> None:
    answer = driftloop("trend", "--json", "--store", store).json
    concept = answer["concepts"][0]

    assert {"reference", "split", "unit", "looks", "summary", "concepts", "pairs", "policy", "notes"} <= answer.keys()
    assert (answer["reference"], answer["unit"], len(answer["looks"])) == ("d0", "week", 4)
    assert (concept["concept"], concept["onset"], concept["accuracy_drop"]) == (NAME, "d2", "d4")
    assert (concept["lead_looks"], concept["lead_days"], concept["confirmed"]) == (2, 2, True)
    assert [len(concept[series]) for series in ("verdicts", "displacement", "step_displacement", "accuracy")] == [4] * 4
    assert [(pair["a"], pair["b"]) for pair in answer["pairs"]] == [(NAME, OTHER)]


def test_a_person_gets_the_sentence_and_tables(store: Path) -> None:
    said = driftloop("trend", "--store", store).out
    sentence, *tables = said.splitlines()

    assert sentence.startswith(f"'{NAME}' started to move at d2 and its accuracy fell 2 checkpoints later, at d4")
    words = set(" ".join(tables).replace("│", " ").split())
    assert {"onset", "d2", "lead", "closure", "regression"} <= words
    assert "note: 4 looks were taken" in said


def test_the_last_look_and_the_reference_can_be_named(store: Path) -> None:
    answer = driftloop("trend", "d3", "--reference", "d1", "--json", "--store", store).json

    assert answer["reference"] == "d1"
    assert [look["checkpoint"] for look in answer["looks"]] == ["d2", "d3"]
    assert answer["concepts"][0]["lead_looks"] is None


def test_a_reference_without_successors_could_not_be_evaluated(store: Path) -> None:
    refused = driftloop("trend", "--reference", "d4", "--store", store)

    assert refused.code == 3
    assert "No checkpoint of split 'validation' comes after 'd4'" in refused.complaint


def test_an_unknown_checkpoint_is_bad_input(store: Path) -> None:
    refused = driftloop("trend", "d9", "--store", store)

    assert refused.code == 2
    assert "No checkpoint named 'd9'. Known: d0" in refused.complaint
