"""A span as a person reads it: one sentence, its words, and what became of each sample."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from driftcore import compare, ingest, log_eval, open_store
from driftcore.records import Span
from driftcore.store import Store
from driftcore.testing import make_world, moved
from driftcore.workflows.describe_span import describe_span
from driftcore.workflows.retraining import aftermath

WORLD = make_world(n_concepts=8, n_per_concept=40, n_dims=24)
OWN = np.flatnonzero(WORLD.labels == "concept 1")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Half of `concept 1` speaks of a voucher; of its samples one was wrong, one got wrong and one got right."""
    store = open_store(tmp_path_factory.mktemp("described") / "store.lance")
    texts = np.array([f"please help with number {row}" for row in range(len(WORLD.labels))], dtype=object)
    texts[OWN[:20]] = [f"my voucher {row} expired" for row in OWN[:20]]
    before, after = (np.array(WORLD.labels, dtype=object) for _ in range(2))
    before[OWN[[0, 2]]] = "concept 5"
    after[OWN[[0, 1]]] = "concept 4"
    # the tool gave no answer
    after[OWN[3]] = None
    weeks = {"week 1": (WORLD.vectors, before), "week 2": (moved(WORLD, 1, toward=4, share=0.3), after)}
    for name, (vectors, predictions) in weeks.items():
        frame = pd.DataFrame({"id": WORLD.sample_ids, "label": WORLD.labels, "text": texts, "embedding": list(vectors)})
        ingest(store, frame, checkpoint=name)
        log_eval(store, pd.DataFrame({"id": WORLD.sample_ids, "prediction": predictions}), checkpoint=name)
    compare(store, "week 1", "week 2")
    return store


@pytest.fixture
def span(store: Store) -> Span:
    (found,) = store.spans.all()
    return found


def test_the_sentence_counts_what_is_wrong_now_and_was_right_before(store: Store, span: Span) -> None:
    assert describe_span(store, span).sentence == (
        "40 samples of concept 1 drifted toward concept 4 between week 1 and week 2. "
        "2 of 40 (5 %) are mispredicted now, 1 of them right at week 1."
    )


def test_every_sample_says_what_became_of_it(store: Store, span: Span) -> None:
    samples = describe_span(store, span).samples.set_index("sample_id")
    ids = WORLD.sample_ids[OWN]
    told = ["wrong", "right → wrong", "wrong → right", "unknown", "right"]
    assert samples.loc[ids[:5], "outcome"].tolist() == told
    assert samples.loc[ids[1], ["before", "now"]].tolist() == ["concept 1", "concept 4"]
    assert samples["shift"].is_monotonic_decreasing


def test_what_a_person_drew_is_told_by_the_words_that_set_it_apart_from_its_concept(store: Store, span: Span) -> None:
    ids = tuple(str(each) for each in WORLD.sample_ids[OWN[:20]])
    lasso = replace(span, span_id="x", origin="lasso", kind="lasso", words=(), n_samples=20, sample_ids=ids)
    detail = describe_span(store, lasso)
    assert "voucher" in " ".join(detail.words)
    assert detail.sentence.startswith("20 samples, mostly of concept 1, selected by a person on the map between")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("part", "40 samples, a part of concept 1, drifted toward concept 4"),
        ("scattered", "40 samples of concept 1 were scattered"),
        ("novel", "40 samples are unlike any known sample"),
    ],
)
def test_every_kind_has_words_of_its_own(store: Store, span: Span, kind: str, words: str) -> None:
    assert describe_span(store, replace(span, kind=kind)).sentence.startswith(words)


def test_a_span_between_two_windows_begins_with_its_own_checkpoint(store: Store, span: Span) -> None:
    # its samples are not in the reference's split: no accuracy there, and no shift from sample to sample
    (moment,) = aftermath(store, [replace(span, reference_split="live")])[span.span_id]
    assert (moment.checkpoint, moment.mean_shift) == ("week 2", None)
    # 40 samples, of which one has no answer and two are wrong
    assert moment.accuracy == pytest.approx(37 / 39)


def test_one_sample_is_said_in_the_singular(store: Store, span: Span) -> None:
    alone = replace(span, n_samples=1, sample_ids=(str(WORLD.sample_ids[OWN[1]]),))
    assert describe_span(store, alone).sentence == (
        "1 sample of concept 1 drifted toward concept 4 between week 1 and week 2. "
        "1 of 1 (100 %) is mispredicted now, 1 of them right at week 1."
    )
