"""The shelf of decisions: whole, in order, and apart from the spans."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from driftcore.errors import NotFoundError
from driftcore.records import Decision
from driftcore.store import Store, open_store
from tests.store.batches import AT


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def decision(number: int) -> Decision:
    return Decision(
        decision_id=f"d{number}",
        span_ids=("a", "b"),
        at=AT + timedelta(hours=number),
        who="Ada *x*",
        status="dismissed",
        note="said “no”\nand why",
    )


def test_decisions_come_back_as_they_were_in_the_order_of_writing(store: Store) -> None:
    # the clock of another machine is behind: what was written later still counts
    for number in (3, 1, 2):
        store.decisions.write(decision(number))
    assert store.decisions.all() == (decision(3), decision(1), decision(2))


def test_the_same_decision_twice_is_one(store: Store) -> None:
    store.decisions.write(decision(1))
    before = store.decisions.version()
    store.decisions.write(decision(1))
    assert store.decisions.all() == (decision(1),)
    assert store.decisions.version() == before


def test_a_decision_taken_away_is_gone_and_the_version_says_so(store: Store) -> None:
    store.decisions.write(decision(1))
    store.decisions.write(decision(2))
    before = store.decisions.version()
    store.decisions.remove("d1")
    assert store.decisions.all() == (decision(2),)
    assert store.decisions.version() != before


def test_what_was_undone_by_someone_else_cannot_be_undone_again(store: Store) -> None:
    store.decisions.write(decision(1))
    open_store(store.uri).decisions.remove("d1")
    with pytest.raises(NotFoundError, match="it is undone already"):
        store.decisions.remove("d1")


def test_another_process_sees_a_decision_at_once(store: Store) -> None:
    assert store.decisions.all() == ()
    open_store(store.uri).decisions.write(decision(1))
    assert store.decisions.all() == (decision(1),)
