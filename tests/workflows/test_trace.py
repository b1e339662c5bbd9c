"""Tracing a span: the relabelled rows come out, rows that were always there never do."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from driftcore import ingest, log_eval, open_store
from driftcore.errors import BadInputError, NotComparableError, NotFoundError
from driftcore.records import Trace
from driftcore.store import Store
from driftcore.workflows.retrain import traced_span
from driftcore.workflows.trace import kept_traces, trace, write_traced
from tests.workflows.loop_world import (
    LATER,
    N_RELABELLED,
    RELABELLED,
    SOURCE,
    TARGET,
    TRAIN,
    WORLD,
    drifted,
    make_store,
    texts,
)

TRUE = {f"week 2-t{row:04d}" for row in RELABELLED}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return make_store(tmp_path_factory.mktemp("trace") / "store.lance")


def ids_of(concept: str) -> tuple[str, ...]:
    """The validation samples of a concept."""
    return tuple(f"v{row:04d}" for row in np.flatnonzero(WORLD.labels == concept))


def columns_of(store: Store, split: str = "validation") -> dict[str, object]:
    """What the second checkpoint stored, to be ingested as another."""
    rows = store.snapshots.rows("week 2", split)
    written = store.snapshots.texts("week 2", split, rows.sample_ids)
    return {"id": rows.sample_ids, "label": rows.labels, "embedding": rows.vectors, "text": written}


def hits(found: Trace) -> tuple[int, int]:
    """How many rows are traced, and how many of them were relabelled."""
    ids = {row.sample_id for row in found.rows}
    return len(ids), len(ids & TRUE)


def test_the_relabelled_rows_are_traced_by_their_texts_with_the_label_they_should_have(store: Store) -> None:
    found = trace(store, drifted(store).span_id)
    n_traced, n_true = hits(found)
    assert n_true == N_RELABELLED
    assert n_traced <= 1.1 * N_RELABELLED
    assert {(row.label_used, row.suggested, row.since) for row in found.rows if row.sample_id in TRUE} == {
        (TARGET, SOURCE, "new")
    }
    assert found.n_candidates == len(LATER.labels)
    assert found.rows[0].pull == 1.0
    assert [row.pull for row in found.rows] == sorted((row.pull for row in found.rows), reverse=True)
    assert "n-grams of their texts" in found.notes[0]


def test_without_texts_their_own_vectors_laid_onto_the_reference_still_say_it(tmp_path: Path) -> None:
    plain = make_store(tmp_path / "store.lance", with_texts=False)
    found = trace(plain, drifted(plain).span_id)
    n_traced, n_true = hits(found)
    assert n_true >= 0.8 * N_RELABELLED
    assert n_true >= 0.9 * n_traced
    assert "laid onto its own" in found.notes[0]


def test_the_references_own_encoder_is_used_where_it_is_given(store: Store) -> None:
    # the vectors that the reference would have given these rows: those before anything moved
    known = dict(zip(texts(LATER.labels, seed=2), LATER.vectors, strict=True))
    known |= dict(zip(texts(TRAIN.labels, seed=2), TRAIN.vectors, strict=True))
    found = trace(store, drifted(store).span_id, encode=lambda given: np.array([known[each] for each in given]))
    assert hits(found)[1] >= 0.9 * N_RELABELLED
    assert "its own model" in found.notes[0]


def test_an_encoder_of_another_width_is_refused(store: Store) -> None:
    with pytest.raises(BadInputError, match=r"shape \(480, 3\) for 480 texts, and 'week 1' has 24 dims"):
        trace(store, drifted(store).span_id, encode=lambda given: np.ones((len(given), 3), np.float32), seed=7)


def test_where_nothing_was_relabelled_next_to_nothing_is_traced(tmp_path: Path) -> None:
    clean = make_store(tmp_path / "store.lance", relabelled=False)
    assert len(trace(clean, drifted(clean).span_id).rows) <= 2


def test_rows_that_were_labelled_so_at_the_reference_are_never_traced(tmp_path: Path) -> None:
    path = make_store(tmp_path / "store.lance").uri
    again = open_store(path)
    # the reference trained on the same rows, half of them with the same wrong labels
    wrong = LATER.labels.copy()
    wrong[RELABELLED[::2]] = TARGET
    ids = np.array([f"week 2-t{row:04d}" for row in range(len(wrong))], dtype=object)
    other = {"id": ids, "label": wrong, "embedding": LATER.vectors, "text": texts(LATER.labels, seed=2)}
    ingest(again, other, checkpoint="week 1", split="fit", at=again.snapshots.get("week 1", "train").at)
    used = LATER.labels.copy()
    used[RELABELLED] = TARGET
    ingest(
        again,
        {**other, "label": used},
        checkpoint="week 2",
        split="fit",
        at=again.snapshots.get("week 2", "train").at,
    )
    found = trace(again, drifted(again).span_id, split="fit")
    ids, relabelled = {row.sample_id for row in found.rows}, {f"week 2-t{row:04d}" for row in RELABELLED[1::2]}
    assert ids <= relabelled
    assert len(ids) >= 0.9 * len(relabelled)
    assert {row.since for row in found.rows} == {"relabelled"}
    assert "where 'week 1' saw them" in found.notes[0]


def test_the_concept_at_the_other_end_is_traced_to_the_same_rows(store: Store) -> None:
    # what the target lost is what the source's rows did to it, whichever of the two was selected
    other = replace(drifted(store), span_id="other end", concept=TARGET, toward=SOURCE, sample_ids=ids_of(TARGET))
    store.spans.write(other)
    found = trace(store, "other end")
    n_traced, n_true = hits(found)
    assert n_true == N_RELABELLED
    assert n_traced <= 1.1 * N_RELABELLED
    assert {(row.label_used, row.suggested) for row in found.rows if row.sample_id in TRUE} == {(TARGET, SOURCE)}


def test_turning_the_later_checkpoints_space_traces_the_same_rows(tmp_path: Path) -> None:
    plain = make_store(tmp_path / "store.lance", with_texts=False)
    span = drifted(plain)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(24, 24)))[0].astype(np.float32)
    at = plain.snapshots.get("week 2", "train").at
    for split in ("validation", "train"):
        rows = plain.snapshots.rows("week 2", split)
        turned = {"id": rows.sample_ids, "label": rows.labels, "embedding": rows.vectors @ turn}
        ingest(plain, turned, checkpoint="turned", split=split, at=at)
    plain.spans.write(replace(span, span_id="turned", current="turned"))
    straight, turned_rows = trace(plain, span.span_id).rows, trace(plain, "turned").rows
    assert {row.sample_id for row in straight} == {row.sample_id for row in turned_rows}
    assert len(straight) > 0


def test_training_rows_that_were_ingested_long_after_the_checkpoint_are_still_its_own(tmp_path: Path) -> None:
    late = make_store(tmp_path / "store.lance")
    rows = late.snapshots.rows("week 2", "train")
    given = texts(LATER.labels, seed=2)
    for name, labels in (("week 1", LATER.labels), ("week 2", rows.labels)):
        # no time is named: the snapshot is of now, years after the samples that the checkpoint is compared by
        ids = np.array([f"{name}-late{row:04d}" for row in range(len(labels))], dtype=object)
        columns = {"id": ids, "label": labels, "embedding": LATER.vectors, "text": given}
        ingest(late, columns, checkpoint=name, split="late")
    found = trace(late, drifted(late).span_id, split="late")
    assert {row.checkpoint for row in found.rows} == {"week 2"}
    assert len(found.rows) >= 0.9 * N_RELABELLED


def test_a_trace_is_computed_anew_where_the_references_training_rows_came_later(tmp_path: Path) -> None:
    late = make_store(tmp_path / "store.lance")
    span, (rows, given) = drifted(late), (late.snapshots.rows("week 2", "train"), texts(LATER.labels, seed=2))
    columns = {"id": rows.sample_ids, "label": rows.labels, "embedding": rows.vectors, "text": given}
    ingest(late, columns, checkpoint="week 2", split="fit", at=late.snapshots.get("week 2", "train").at)
    assert trace(late, span.span_id, split="fit").rows
    # the reference had the very same rows with the very same labels: none of them is new
    ingest(late, columns, checkpoint="week 1", split="fit", at=late.snapshots.get("week 1", "train").at)
    assert not trace(late, span.span_id, split="fit").rows


def test_a_trace_is_kept_and_read_back(store: Store) -> None:
    span = drifted(store)
    first = trace(store, span.span_id)
    assert trace(store, span.span_id) == first
    assert first.span_id in {each.span_id for each in kept_traces(store, [span.span_id])}
    assert kept_traces(store, ["nobody"]) == ()
    # no model is kept for the reference, so its trainer cannot embed
    assert traced_span(store, span.span_id) == first


def test_a_span_without_training_rows_says_how_to_add_them(store: Store) -> None:
    with pytest.raises(NotFoundError, match="driftloop ingest FILE --checkpoint 'week 2' --split fit"):
        trace(store, drifted(store).span_id, split="fit")


def test_a_span_that_went_nowhere_cannot_be_traced(store: Store) -> None:
    lost = replace(drifted(store), span_id="lost", toward=None, sample_ids=("v0000",))
    store.spans.write(lost)
    with pytest.raises(NotComparableError, match="heads for no concept"):
        trace(store, "lost")


def test_a_span_drawn_by_hand_went_where_its_own_concept_was_mistaken_for_another(tmp_path: Path) -> None:
    drawn = make_store(tmp_path / "store.lance", silent=True)
    rows = drawn.snapshots.rows("week 2", "validation")
    answers = rows.labels.copy()
    source, target = np.flatnonzero(rows.labels == SOURCE), np.flatnonzero(rows.labels == TARGET)
    # most mistakes in the span are samples of the target taken for the source; the source itself went to the target
    answers[target[:20]], answers[source[:5]] = SOURCE, TARGET
    ingest(drawn, columns_of(drawn), checkpoint="week 3", at=drawn.snapshots.get("week 2", "train").at)
    ingest(drawn, columns_of(drawn, "train"), checkpoint="week 3", split="train")
    log_eval(drawn, {"id": rows.sample_ids, "prediction": answers}, checkpoint="week 3")
    inside = tuple(rows.sample_ids[np.concatenate([source, target[:20]])])
    lasso = replace(drifted(drawn), span_id="lasso", current="week 3", toward=None, origin="lasso", sample_ids=inside)
    drawn.spans.write(lasso)
    assert {row.label_used for row in trace(drawn, "lasso").rows} == {TARGET}


def test_traced_rows_are_written_without_formulas(store: Store, tmp_path: Path) -> None:
    found = trace(store, drifted(store).span_id)
    evil = replace(found, rows=(replace(found.rows[0], text="=1+1"),))
    write_traced(evil, tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["sample_id"], row["text"]) == (found.rows[0].sample_id, "'=1+1")
