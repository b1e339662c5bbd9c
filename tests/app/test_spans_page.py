"""The spans page through app.py: what is to be decided, one span to be read, filters in the link, and guests."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from driftcore import compare, ingest, open_store
from driftcore.store import Store
from driftcore.testing import moved
from driftcore.workflows.share import keep_view
from driftcore.workflows.triage import accept, annotate, dismiss
from tests.app.triage_world import WORLD, found, make_store, open_page, said, token

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("spans") / "store.lance")


@pytest.fixture
def store(compared: Path, tmp_path: Path) -> Store:
    return open_store(shutil.copytree(compared, tmp_path / "store.lance"))


@pytest.fixture
def opened(store: Store, monkeypatch: pytest.MonkeyPatch) -> Open:
    return lambda **query: open_page(monkeypatch, store, "spans", query)


def test_a_page_with_spans_says_how_many_are_to_be_decided(opened: Open, store: Store) -> None:
    app = opened()
    assert not app.exception
    assert not app.error
    assert "2 of 2 to decide" in said(app)
    labels = {button.label for button in app.button}
    assert {"Accept", "Dismiss", "Merge them", "Keep the name", "Keep the note"} <= labels
    assert "Undo" not in labels


def test_one_sentence_says_what_a_span_is(opened: Open, store: Store) -> None:
    app = opened(span=found(store))
    span = store.spans.get(found(store))
    # of the three that are wrong now one was wrong before
    assert (
        f"{span.n_samples} samples of concept 0 drifted toward concept 1 between week 1 and week 2. "
        f"3 of {span.n_samples} ({100 * 3 / span.n_samples:.0f} %) are mispredicted now, 2 of them right at week 1."
    ) in said(app)
    values = {metric.label: metric.value for metric in app.metric}
    assert (values["Mispredicted"], values["Right → wrong"]) == ("3", "2")


def test_the_samples_can_be_cut_down_to_those_that_became_wrong(opened: Open, store: Store) -> None:
    app = opened(span=found(store), **{"span-outcome": "right → wrong"})
    shown = app.dataframe[1].value
    assert len(shown) == 2
    assert set(shown["outcome"]) == {"right → wrong"}
    assert set(shown["now"]) == {"concept 1"}
    app.text_input(key="span-text").set_value("nothing says this").run()
    assert "No sample of this span has this text" in said(app)


def test_filters_come_from_the_link_and_stand_in_it(opened: Open, store: Store) -> None:
    accept(store, [found(store)])
    app = opened(**{"span-status": "accepted"})
    assert app.dataframe[0].value["status"].tolist() == ["accepted"]
    assert app.query_params["span-status"] == "accepted"
    assert app.query_params["span-kind"] == "all"
    assert opened(**{"span-kind": "lasso"}).dataframe[0].value["name"].tolist() == ["beside"]


def test_filters_that_leave_nothing_are_said(opened: Open, store: Store) -> None:
    accept(store, [found(store)])
    app = opened(**{"span-status": "accepted", "span-kind": "lasso"})
    assert "No span passes these filters" in said(app)
    assert not app.dataframe


def test_what_was_decided_is_shown_with_its_note_and_can_be_taken_back(opened: Open, store: Store) -> None:
    dismiss(store, [found(store)], who="ada@example.org")
    annotate(store, found(store), "too *small*", who="ada@example.org")
    app = opened(span=found(store))
    assert "**1 of 2 to decide** · 1 dismissed" in said(app)
    assert "status: dismissed" in said(app)
    assert "by ada@example.org" in said(app)
    assert "too \\*small\\*" in [box.value for box in app.info]
    assert {"Accept", "Reopen", "Undo"} <= {button.label for button in app.button}


def test_what_is_open_comes_first(opened: Open, store: Store) -> None:
    dismiss(store, [found(store)])
    assert opened().dataframe[0].value["status"].tolist() == ["open", "dismissed"]


def test_a_span_that_is_not_here_is_said(opened: Open, store: Store) -> None:
    app = opened(span="feedbeef")
    assert not app.exception
    assert "is not here" in app.warning[0].value


def test_text_from_samples_is_never_markdown(opened: Open, store: Store) -> None:
    app = opened(span=found(store))
    assert not [line.value for line in app.markdown if "<b>" in line.value]


def test_a_guest_reads_the_span_of_the_view_and_no_other(opened: Open, store: Store) -> None:
    picked = {"span": [found(store)], "span-status": ["all"], "span-outcome": ["all"]}
    view = keep_view(store, "spans", picked)
    app = opened(share=token(view.view_id))
    assert not app.exception
    assert [title.value for title in app.title] == ["Spans"]
    assert app.dataframe[0].value["id"].tolist() == [found(store)]
    assert not app.button
    assert not app.get("download_button")
    assert all(box.disabled for box in app.selectbox)
    # what a forged message could set: the state behind the picker
    app.session_state["span"] = "beside"
    app.run()
    assert app.dataframe[0].value["id"].tolist() == [found(store)]


def test_spans_without_texts_evals_or_labels_are_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path / "bare.lance")
    for name, vectors in {"week 1": WORLD.vectors, "week 2": moved(WORLD, 0, toward=1, share=0.4)}.items():
        ingest(store, {"id": WORLD.sample_ids, "embedding": vectors}, checkpoint=name)
    (span, *_) = compare(store, "week 1", "week 2").spans
    app = open_page(monkeypatch, store, "spans", {"span": span.span_id})
    assert not app.exception
    assert not app.error
    assert "No eval run says what became of them." in said(app)
    assert {metric.label: metric.value for metric in app.metric}["Right → wrong"] == "–"
    accept(store, [span.span_id])
    retraining = open_page(monkeypatch, store, "retraining", {})
    assert not retraining.exception
    assert "No checkpoint since the reference has an eval run" in said(retraining)
