"""Jobs on the retraining page: what is queued, what was judged, and what a failed one offers."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from driftcore import open_store
from driftcore.records import RetrainingPolicy
from driftcore.store import Store
from driftcore.workflows.loop import loop_once
from driftcore.workflows.queue import add
from driftcore.workflows.retrain import run_job
from driftcore.workflows.triage import accept
from driftcore.workflows.work import work
from tests.app.triage_world import open_page, said
from tests.workflows.loop_world import SOURCE, drifted, make_store

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("jobs") / "store.lance"
    make_store(path)
    return path


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Store:
    return open_store(shutil.copytree(made, tmp_path / "store.lance"))


@pytest.fixture
def opened(store: Store, monkeypatch: pytest.MonkeyPatch) -> Open:
    return lambda **query: open_page(monkeypatch, store, "retraining", query)


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def test_an_accepted_span_can_be_queued_with_a_trainer_of_choice(opened: Open, store: Store) -> None:
    accept(store, [drifted(store).span_id])
    app = opened()
    assert not app.exception
    assert "Queue the span" in labels(app)
    trainer = next(box for box in app.selectbox if box.label == "Trainer")
    assert trainer.value == "auto"
    assert {"head", "lowrank", "align", "command"} <= set(trainer.options)
    assert "No job was queued yet." in said(app)


def test_a_queued_span_is_not_offered_again_and_waits_for_a_worker(opened: Open, store: Store) -> None:
    accept(store, [drifted(store).span_id])
    add(store, [drifted(store).span_id])
    app = opened()
    assert not app.exception
    assert "Queue the span" not in labels(app)
    assert "Run the queue here" in labels(app)
    assert "No worker is at it: run `driftloop work`" in said(app)


def test_a_judged_job_shows_before_and_after_without_any_accepted_span(opened: Open, store: Store) -> None:
    told = loop_once(store)
    app = opened()
    assert not app.exception
    values = {metric.label: metric.value for metric in app.metric}
    assert values[f"{SOURCE}, live"] == f"{100 * (told.after[f'live {SOURCE}'] or 0.0):.1f} %"
    assert values["All other concepts"] == f"{100 * (told.after['rest'] or 0.0):.1f} %"
    (accepted,) = app.success
    assert accepted.value.startswith("**Accepted: ")
    assert app.dataframe[0].value["made"].tolist() == [told.checkpoint]
    assert "retraining set: " in app.code[0].value


def test_a_failed_job_says_why_and_can_be_tried_again(opened: Open, store: Store) -> None:
    add(store, [drifted(store).span_id], policy=RetrainingPolicy(trainer="nobody", max_attempts=1))
    work(store, run_job, once=True)
    app = opened(job="nobody")
    assert not app.exception
    assert "Try again" in labels(app)
    assert any("No trainer named 'nobody'" in error.value for error in app.error)
    # the address named a job that is not there: it says so and shows the newest
    assert "nobody" in said(app)
