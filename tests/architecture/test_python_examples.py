"""What docs/python.md shows can be typed as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

import driftcore

DOCS = Path(__file__).parents[2] / "docs"
CODE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def examples(title: str) -> str:
    """The code under one title of docs/python.md."""
    page = (DOCS / "python.md").read_text(encoding="utf-8")
    return "\n".join(CODE.findall(page.split(f"## {title}\n")[1].split("\n## ")[0]))


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_every_name_that_a_page_uses_is_there(page: Path) -> None:
    used = set(re.findall(r"\bdriftcore\.([a-zA-Z_]+)\(", page.read_text(encoding="utf-8")))
    assert [name for name in sorted(used) if not hasattr(driftcore, name)] == []


@pytest.fixture
def given(tmp_path: Path) -> dict[str, Any]:
    """What the page takes for given: a store, some samples, a model."""
    texts = [f"{what} number {row}" for row in range(20) for what in ("lost card", "top up", "refund please")]
    labels = [text.split()[0] for text in texts]
    steps = [("tfidf", TfidfVectorizer()), ("svd", TruncatedSVD(5, random_state=0)), ("model", LogisticRegression())]
    pipeline = Pipeline(steps).fit(texts, labels)
    return {
        "driftcore": driftcore,
        "store": driftcore.open_store(tmp_path / "store"),
        "ids": [f"s{row}" for row in range(len(texts))],
        "texts": texts,
        "labels": labels,
        "pipeline": pipeline,
        "encode": pipeline[:-1].transform,
        "predicted": pipeline.predict(texts),
        "confidences": pipeline.predict_proba(texts).max(axis=1),
    }


def test_the_examples_of_a_model_instead_of_a_file_run(given: dict[str, Any]) -> None:
    exec(compile(examples("A model instead of a file"), "docs/python.md", "exec"), given)
    assert [each.checkpoint for each in given["store"].checkpoints()] == ["v2", "v3", "v4"]
    assert {each.accuracy for each in given["store"].checkpoints()} == {1.0}
    # the first checkpoint is the reference, and has nothing to be compared with
    assert (given["arrival"].report, given["arrival"].note) == (None, None)
    assert {each.current for each in given["store"].reports.all()} == {"v3", "v4"}


def test_the_example_of_a_trainer_runs(given: dict[str, Any]) -> None:
    callbacks: list[driftcore.DriftloopCallback] = []
    samples = {name: given[column] for name, column in {"id": "ids", "text": "texts", "label": "labels"}.items()}
    given |= {"samples": samples, "trainer": SimpleNamespace(add_callback=callbacks.append)}
    exec(compile(examples("While a model trains"), "docs/python.md", "exec"), given)
    model = SimpleNamespace(encode=lambda texts, **_settings: np.asarray(given["encode"](texts)))
    callbacks[0].on_save(None, SimpleNamespace(global_step=500), None, model=model)
    assert [each.checkpoint for each in given["store"].checkpoints()] == ["march-step00500"]
