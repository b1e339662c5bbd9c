"""The retraining page through app.py: what waits, what became of it, and what a guest sees."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from driftcore import export, ingest, log_eval, open_store
from driftcore.store import Store
from driftcore.workflows.share import keep_view
from driftcore.workflows.triage import accept
from tests.app.triage_world import OWN, WORLD, found, make_store, open_page, said, token

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("retraining") / "store.lance")


@pytest.fixture
def store(compared: Path, tmp_path: Path) -> Store:
    return open_store(shutil.copytree(compared, tmp_path / "store.lance"))


@pytest.fixture
def opened(store: Store, monkeypatch: pytest.MonkeyPatch) -> Open:
    return lambda **query: open_page(monkeypatch, store, "retraining", query)


def test_without_an_accepted_span_the_page_says_where_to_accept_one(opened: Open) -> None:
    app = opened()
    assert not app.exception
    assert not app.error
    assert "No span is accepted yet: read them on the Spans page" in said(app)
    assert not app.metric
    assert not app.get("download_button")


def test_the_waiting_set_is_counted_once_and_told_by_concept_and_label(opened: Open, store: Store) -> None:
    accept(store, [found(store), "beside"])
    n_samples = store.spans.get(found(store)).n_samples
    app = opened()
    assert not app.exception
    values = {metric.label: metric.value for metric in app.metric}
    assert (values["Accepted spans"], values["Samples"], values["Mispredicted"]) == ("2", str(n_samples), "3")
    # both spans hold the same samples
    assert f"The spans list {2 * n_samples} samples; {n_samples} of these are there more than once" in said(app)
    assert app.dataframe[0].value["samples"].tolist() == [n_samples]
    assert app.dataframe[1].value["label"].tolist() == ["concept 0"]
    labels = [button.label for button in app.get("download_button")]
    assert labels == [f"Export {n_samples} samples", "Manifest"]


def test_what_became_of_a_span_is_told_before_when_found_and_at_the_last_checkpoint(opened: Open, store: Store) -> None:
    accept(store, [found(store)])
    span = store.spans.get(found(store))
    ingest(store, {"id": WORLD.sample_ids, "label": WORLD.labels, "embedding": WORLD.vectors}, checkpoint="week 3")
    # one sample of the span is wrong still
    predictions = np.array(WORLD.labels, dtype=object)
    predictions[OWN[0]] = "concept 1"
    log_eval(store, {"id": WORLD.sample_ids, "prediction": predictions}, checkpoint="week 3")
    app = opened()
    assert not app.exception
    n = span.n_samples
    one, three = f"{100 * (n - 1) / n:.1f} %", f"{100 * (n - 3) / n:.1f} %"
    assert (
        f"accuracy was {one} at week 1 and {three} at week 2, where the span was found; at week 3 it is {one}"
        in said(app)
    )
    row = app.dataframe[2].value.iloc[0]
    assert (row["last checkpoint"], row["accuracy, last (%)"]) == ("week 3", round(100 * (n - 1) / n, 1))
    # week 3 is not compared with the reference
    assert np.isnan(row["shift, last (cosine)"])
    assert len(app.get("plotly_chart")) == 1


@pytest.mark.parametrize("format", export.ALL_FORMATS)
def test_every_format_is_offered_and_a_folder_brings_its_manifest_along(
    opened: Open, store: Store, format: str
) -> None:
    accept(store, [found(store)])
    app = opened()
    app.selectbox(key="export-format").select(format).run()
    assert not app.exception
    labels = [button.label for button in app.get("download_button")]
    whole = format in export.TRAINING_FORMATS
    first = "Export a retraining set" if whole else f"Export {store.spans.get(found(store)).n_samples} samples"
    assert labels == ([first] if format in export.FOLDER_FORMATS else [first, "Manifest"])
    assert ("kept out of training" in said(app)) == whole


def test_a_span_that_is_not_here_is_said(opened: Open, store: Store) -> None:
    accept(store, [found(store)])
    app = opened(span="feedbeef")
    assert not app.exception
    assert "is not here" in app.warning[0].value


def test_a_guest_sees_the_span_of_the_view_and_exports_nothing(opened: Open, store: Store) -> None:
    accept(store, [found(store), "beside"])
    view = keep_view(store, "retraining", {"span": ["beside"]})
    app = opened(share=token(view.view_id))
    assert not app.exception
    assert [title.value for title in app.title] == ["Retraining"]
    assert app.dataframe[2].value["name"].tolist() == ["beside"]
    assert not app.get("download_button")
    assert not app.button
