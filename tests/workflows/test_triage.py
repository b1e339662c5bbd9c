"""What people decide about spans, and that no comparison takes it away."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from driftcore import DriftPolicy, compare, log_eval, open_store
from driftcore.errors import BadInputError, ConflictError, NotComparableError, NotFoundError
from driftcore.export import FORMATS
from driftcore.records import Span, TriagedSpan
from driftcore.store import Store
from driftcore.workflows.export_span import export_spans, spans_table
from driftcore.workflows.merge_spans import merge
from driftcore.workflows.retraining import aftermath, waiting_set
from driftcore.workflows.triage import (
    accept,
    annotate,
    dismiss,
    in_words,
    last_decision,
    rename,
    reopen,
    triaged,
    triaged_span,
    undo,
)
from tests.workflows.worlds import N_SAMPLES, WORLD, store_checkpoint

MOVED, TOWARD = "concept 1", "concept 4"


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`concept 1` goes a quarter, then a half of the way to `concept 4`; one span at either checkpoint."""
    path = tmp_path_factory.mktemp("compared") / "store.lance"
    store = open_store(path)
    for week, share in enumerate((0.0, 0.25, 0.5)):
        store_checkpoint(store, f"week {week}", week=week, share=share)
    for week in (1, 2):
        compare(store, "week 0", f"week {week}")
    return path


@pytest.fixture
def store(compared: Path, tmp_path: Path) -> Store:
    return open_store(shutil.copytree(compared, tmp_path / "store.lance"))


def only(store: Store, current: str) -> TriagedSpan:
    (found,) = [each for each in triaged(store) if each.span.current == current and each.span.origin == "found"]
    return found


def drawn(store: Store, name: str, ids: tuple[str, ...], current: str = "week 2") -> Span:
    """A span as the lasso makes it, of these samples."""
    like = only(store, current).span
    span = Span(
        span_id=f"drawn-{name}",
        report_id=like.report_id,
        name=name,
        origin="lasso",
        reference=like.reference,
        current=current,
        split=like.split,
        concept=MOVED,
        kind="lasso",
        toward=None,
        n_samples=len(ids),
        n_mispredicted=None,
        mean_shift=0.1,
        sample_ids=ids,
        created_at=datetime(2026, 2, 1, tzinfo=UTC),
    )
    store.spans.write(span)
    return span


def predict(store: Store, checkpoint: str, wrong: tuple[str, ...] = ()) -> None:
    predictions = np.where(np.isin(WORLD.sample_ids.astype(str), wrong), TOWARD, WORLD.labels)
    log_eval(store, {"id": WORLD.sample_ids, "prediction": predictions}, checkpoint=checkpoint)


def ids_in(content: bytes) -> list[str]:
    return [row["sample_id"] for row in csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))]


def test_a_span_that_nobody_read_is_open(store: Store) -> None:
    assert [each.status for each in triaged(store)] == ["open", "open"]
    assert last_decision(store) is None


def test_accept_dismiss_and_reopen_are_what_the_last_person_said(store: Store) -> None:
    span_id = only(store, "week 1").span.span_id
    accept(store, [span_id], note="worth it", who="ada")
    assert (only(store, "week 1").status, only(store, "week 1").note, only(store, "week 1").who) == (
        "accepted",
        "worth it",
        "ada",
    )
    dismiss(store, [span_id])
    assert (only(store, "week 1").status, only(store, "week 1").note) == ("dismissed", "worth it")
    reopen(store, [span_id])
    assert only(store, "week 1").status == "open"
    assert only(store, "week 2").decided_at is None


def test_a_name_and_a_note_leave_the_span_itself_as_it_was_found(store: Store) -> None:
    found = only(store, "week 1").span
    rename(store, found.span_id, "  refunds in disguise ")
    annotate(store, found.span_id, "ask support")
    assert only(store, "week 1").span.name == "refunds in disguise"
    assert only(store, "week 1").note == "ask support"
    assert store.spans.get(found.span_id) == found


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 201])
def test_a_name_that_nobody_could_read_is_refused(store: Store, name: str) -> None:
    with pytest.raises(BadInputError, match="1 to 200 printable"):
        rename(store, only(store, "week 1").span.span_id, name)
    assert last_decision(store) is None


def test_a_span_that_does_not_exist_is_said_with_those_that_do(store: Store) -> None:
    with pytest.raises(NotFoundError, match=f"No span 'nope'.*{only(store, 'week 1').span.span_id}"):
        accept(store, ["nope"])


def test_undo_takes_back_the_last_decision_and_nothing_else(store: Store) -> None:
    first, second = only(store, "week 1").span.span_id, only(store, "week 2").span.span_id
    accept(store, [first])
    last = dismiss(store, [second])
    assert in_words(last, triaged(store)) == f"dismissed {MOVED} → {TOWARD}"
    undo(store, last.decision_id)
    assert [only(store, week).status for week in ("week 1", "week 2")] == ["accepted", "open"]


def test_undo_refuses_where_someone_else_decided_since(store: Store) -> None:
    seen = accept(store, [only(store, "week 1").span.span_id])
    dismiss(store, [only(store, "week 2").span.span_id])
    with pytest.raises(ConflictError, match="in the meantime"):
        undo(store, seen.decision_id)
    assert only(store, "week 1").status == "accepted"


def test_with_nothing_decided_there_is_nothing_to_undo(store: Store) -> None:
    with pytest.raises(NotFoundError, match="nothing to undo"):
        undo(store, "whatever")


def test_comparing_again_keeps_what_was_decided(store: Store) -> None:
    accept(store, [only(store, "week 1").span.span_id])
    compare(store, "week 0", "week 1")
    assert only(store, "week 1").status == "accepted"


def test_a_span_that_is_replaced_hands_its_decision_on_to_the_one_that_stands_now(store: Store) -> None:
    before = only(store, "week 1").span
    accept(store, [before.span_id], note="worth it")
    # an eval run that came later: the comparison is another one, and so are the ids of its spans
    predict(store, "week 1", before.sample_ids[:3])
    compare(store, "week 0", "week 1")
    now = only(store, "week 1")
    assert now.span.span_id != before.span_id
    assert (now.status, now.note, now.found) == ("accepted", "worth it", True)
    assert now.span.n_mispredicted == 3
    # the same samples: nothing to say about it
    assert now.decided_on is None
    # a link to the earlier one leads to it, and decisions on either count
    assert triaged_span(store, before.span_id) == now
    dismiss(store, [before.span_id])
    assert only(store, "week 1").status == "dismissed"


def test_a_span_that_is_not_found_any_more_stays_only_where_something_was_decided(store: Store) -> None:
    accept(store, [only(store, "week 1").span.span_id])
    # a gap closure of a quarter is far below nine tenths: nothing is found under this policy
    for week in (1, 2):
        assert not compare(store, "week 0", f"week {week}", policy=DriftPolicy(min_effect=0.9)).spans
    left = triaged(store)
    assert [(each.span.current, each.status, each.found) for each in left] == [("week 1", "accepted", False)]


def test_merging_makes_one_span_of_each_sample_once_and_knows_its_parts(store: Store) -> None:
    found = only(store, "week 2").span
    others = tuple(str(each) for each in WORLD.sample_ids[WORLD.labels == TOWARD][:5])
    extra = drawn(store, "beside", (*found.sample_ids[:4], *others))
    merged = merge(store, [found.span_id, extra.span_id], who="ada")
    assert set(merged.sample_ids) == {*found.sample_ids, *others}
    assert len(merged.sample_ids) == merged.n_samples == found.n_samples + 5
    assert (merged.origin, merged.concept, merged.merged_from) == ("merged", MOVED, (found.span_id, "drawn-beside"))
    states = {each.span.span_id: each for each in triaged(store)}
    assert states[merged.span_id].status == "open"
    assert {states[each].status for each in merged.merged_from} == {"merged"}
    assert {states[each].merged_into for each in merged.merged_from} == {merged.span_id}


def test_undoing_a_merge_brings_the_parts_back_as_they_were(store: Store) -> None:
    found = only(store, "week 2").span
    extra = drawn(store, "beside", found.sample_ids[:2])
    accept(store, [found.span_id])
    merged = merge(store, [found.span_id, extra.span_id])
    last = last_decision(store)
    assert last is not None
    undo(store, last.decision_id)
    states = {each.span.span_id: each.status for each in triaged(store)}
    assert merged.span_id not in states
    assert (states[found.span_id], states[extra.span_id]) == ("accepted", "open")
    with pytest.raises(NotFoundError):
        store.spans.get(merged.span_id)
    # and it can be merged again
    assert merge(store, [found.span_id, extra.span_id]).span_id == merged.span_id


def test_a_merge_of_accepted_spans_is_accepted(store: Store) -> None:
    found = only(store, "week 2").span
    extra = drawn(store, "beside", found.sample_ids[:2])
    accept(store, [found.span_id, extra.span_id])
    merged = merge(store, [found.span_id, extra.span_id])
    assert triaged_span(store, merged.span_id).status == "accepted"


def test_only_open_spans_of_the_same_checkpoints_are_merged(store: Store) -> None:
    one, other = only(store, "week 1").span, only(store, "week 2").span
    with pytest.raises(NotComparableError, match="week 0 → week 1"):
        merge(store, [one.span_id, other.span_id])
    with pytest.raises(BadInputError, match="choose another one beside it"):
        merge(store, [one.span_id, one.span_id])
    extra = drawn(store, "beside", other.sample_ids[:2])
    merged = merge(store, [other.span_id, extra.span_id])
    for refused in (lambda: accept(store, [other.span_id]), lambda: merge(store, [other.span_id, merged.span_id])):
        with pytest.raises(ConflictError, match=f"was merged into '{merged.span_id}'"):
            refused()


def test_a_sample_in_two_spans_is_exported_once_with_both_reasons(store: Store) -> None:
    found = only(store, "week 2").span
    predict(store, "week 2", found.sample_ids[:1])
    extra = drawn(store, "beside", found.sample_ids[:4])
    exported = export_spans(store, [found.span_id, extra.span_id])
    ids = ids_in(exported.content)
    assert sorted(ids) == sorted(found.sample_ids)
    rows = exported.table.set_index("sample_id")
    both, alone = rows.loc[list(found.sample_ids[:4])], rows.loc[list(found.sample_ids[4:])]
    assert set(both["span_id"]) == {f"{found.span_id}; {extra.span_id}"}
    assert set(alone["span_id"]) == {found.span_id}
    why = f"moved with {MOVED} toward {TOWARD}"
    selected = "selected on the map, week 0 to week 2"
    assert rows.loc[found.sample_ids[0], "reason"] == f"{why}; {selected}; predicted as {TOWARD}"
    assert rows.loc[found.sample_ids[1], "reason"] == f"{why}; {selected}"
    assert set(alone["reason"]) == {why}
    assert rows["weight"].to_dict() == {each: 2.0 if each == found.sample_ids[0] else 1.0 for each in ids}
    manifest = json.loads(exported.manifest)
    assert [each["span"]["span_id"] for each in manifest["spans"]] == [found.span_id, extra.span_id]
    assert manifest["n_rows"] == len(ids)


def test_a_merged_span_says_of_every_sample_why_its_part_has_it(store: Store) -> None:
    found = only(store, "week 2").span
    others = tuple(str(each) for each in WORLD.sample_ids[WORLD.labels == TOWARD][:2])
    extra = drawn(store, "beside", (found.sample_ids[0], *others))
    merged = merge(store, [found.span_id, extra.span_id])
    reasons = spans_table(store, [merged]).set_index("sample_id")["reason"]
    why, selected = f"moved with {MOVED} toward {TOWARD}", "selected on the map, week 0 to week 2"
    assert reasons[found.sample_ids[0]] == f"{why}; {selected}"
    assert reasons[found.sample_ids[1]] == why
    assert {reasons[each] for each in others} == {selected}


def test_across_checkpoints_the_latest_one_tells_what_was_predicted(store: Store) -> None:
    early, late = only(store, "week 1").span, only(store, "week 2").span
    table = spans_table(store, [early, late])
    shared = table[table["sample_id"].isin(set(early.sample_ids) & set(late.sample_ids))]
    assert len(shared)
    assert set(shared["checkpoint"]) == {"week 2"}
    assert table["sample_id"].is_unique


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_holds_the_same_rows(store: Store, format: str) -> None:
    exported = export_spans(store, [only(store, "week 2").span.span_id], format=format)
    read = {
        "csv": lambda: pd.read_csv(io.BytesIO(exported.content)),
        "parquet": lambda: pd.read_parquet(io.BytesIO(exported.content)),
        "jsonl": lambda: pd.DataFrame(map(json.loads, exported.content.decode("utf-8").splitlines())),
    }[format]()
    assert list(read.columns) == list(exported.table.columns)
    assert read["sample_id"].tolist() == exported.table["sample_id"].tolist()
    np.testing.assert_allclose(read["shift"], exported.table["shift"])


def test_nothing_accepted_is_no_waiting_set_and_nothing_to_export(store: Store) -> None:
    assert waiting_set(store) is None
    with pytest.raises(BadInputError, match="accept one on the Spans page"):
        export_spans(store, [])


def test_the_waiting_set_counts_each_sample_once(store: Store) -> None:
    found = only(store, "week 2").span
    predict(store, "week 2", found.sample_ids[:3])
    extra = drawn(store, "beside", found.sample_ids[:4])
    drawn(store, "not accepted", tuple(str(each) for each in WORLD.sample_ids[:7]))
    accept(store, [found.span_id, extra.span_id])
    waiting = waiting_set(store)
    assert waiting is not None
    assert (waiting.n_samples, waiting.n_listed) == (found.n_samples, found.n_samples + 4)
    assert waiting.n_mispredicted == 3
    assert waiting.labels == waiting.concepts == ((MOVED, found.n_samples),)


def test_the_aftermath_is_the_accuracy_on_the_spans_samples_checkpoint_by_checkpoint(store: Store) -> None:
    span = only(store, "week 1").span
    predict(store, "week 0")
    predict(store, "week 2", span.sample_ids[: span.n_samples // 2])
    before, found, after = aftermath(store, [span])[span.span_id]
    assert [moment.checkpoint for moment in (before, found, after)] == ["week 0", "week 1", "week 2"]
    assert (before.accuracy, before.mean_shift) == (1.0, 0.0)
    # week 1 has no eval run, and what is known of week 2 was compared before its eval run came
    assert (found.accuracy, found.n_evaluated) == (None, 0)
    wrong = span.n_samples // 2
    assert after.accuracy == pytest.approx(1 - wrong / span.n_samples)
    assert after.accuracy_rest == 1.0
    assert after.n_evaluated == span.n_samples < N_SAMPLES


def test_the_aftermath_tells_the_shift_where_the_comparison_is_kept(store: Store) -> None:
    span = only(store, "week 1").span
    shifts = [moment.mean_shift for moment in aftermath(store, [span])[span.span_id]]
    assert shifts[0] == 0.0
    assert shifts[1] == pytest.approx(span.mean_shift, rel=1e-5)
    # twice as far on the way
    assert shifts[2] is not None and shifts[1] is not None
    assert shifts[2] > 1.5 * shifts[1]


def test_undoing_everything_goes_back_through_every_state(store: Store) -> None:
    first, second = only(store, "week 1").span.span_id, only(store, "week 2").span.span_id
    extra = drawn(store, "beside", only(store, "week 2").span.sample_ids[:2]).span_id
    steps = (
        lambda: accept(store, [first, second]),
        lambda: annotate(store, first, "why"),
        lambda: rename(store, second, "another name"),
        lambda: merge(store, [second, extra]),
        lambda: dismiss(store, [first], note="no"),
        lambda: reopen(store, [first]),
    )
    states = []
    for step in steps:
        states.append(triaged(store))
        step()
    for state in reversed(states):
        last = last_decision(store)
        assert last is not None
        undo(store, last.decision_id)
        assert triaged(store) == state
    assert last_decision(store) is None
