"""A store with two spans to decide on, and how a test opens a page over it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from driftcore import compare, ingest, log_eval, open_store
from driftcore.settings import bundled
from driftcore.store import Store
from driftcore.testing import make_world, moved
from driftcore.workflows.share import share_token

SECRET = "a secret of the test, long enough"
WORLD = make_world(n_concepts=8, n_per_concept=30)
OWN = np.flatnonzero(WORLD.labels == "concept 0")


def make_store(path: Path) -> Path:
    """`concept 0` went toward `concept 1`: three of its samples are wrong now, one of them was wrong before.

    The found span, and one named "beside" with the same samples, as if it had been drawn.
    """
    before, after = (np.array(WORLD.labels, dtype=object) for _ in range(2))
    before[OWN[0]] = "concept 5"
    after[OWN[:3]] = "concept 1"
    texts = np.array([f"text {row} of *{label}* <b>" for row, label in enumerate(WORLD.labels)], dtype=object)
    store = open_store(path)
    weeks = {"week 1": (WORLD.vectors, before), "week 2": (moved(WORLD, 0, toward=1, share=0.3), after)}
    for name, (vectors, predictions) in weeks.items():
        columns = {"id": WORLD.sample_ids, "label": WORLD.labels, "text": texts, "embedding": vectors}
        ingest(store, columns, checkpoint=name)
        log_eval(store, {"id": WORLD.sample_ids, "prediction": predictions}, checkpoint=name)
    compare(store, "week 1", "week 2")
    (span,) = store.spans.all()
    store.spans.write(replace(span, span_id="beside", name="beside", origin="lasso", kind="lasso", toward=None))
    return path


def found(store: Store) -> str:
    """The id of the span that the comparison found."""
    return next(span.span_id for span in store.spans.all() if span.origin == "found")


def open_page(monkeypatch: pytest.MonkeyPatch, store: Store, page: str, query: dict[str, str]) -> AppTest:
    monkeypatch.setenv("DRIFTLOOP_STORE", store.uri)
    monkeypatch.setenv("DRIFTLOOP_SECRET", SECRET)
    app = AppTest.from_file(str(bundled("app.py")), default_timeout=180).switch_page(f"pages/{page}.py")
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def token(view_id: str) -> str:
    return share_token(view_id, SECRET, until=datetime.now(UTC) + timedelta(days=1))


def said(app: AppTest) -> str:
    """All plain text of the page, as a person reads it."""
    lines = (*app.markdown, *app.caption, *app.info, *app.success, *app.warning, *app.error)
    return "\n".join(line.value for line in lines).replace("\\", "")
