"""Where drift comes from: every source planted in a small store, and the numbers that say so."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from driftcore import DriftPolicy, DriftReport, compare, ingest, log_eval, open_store
from driftcore.records import Cause, ModelFingerprint, from_json, to_json
from driftcore.records.windows import Composition, ConceptContent, ConceptShare, WindowDrift
from driftcore.testing import int8_rounded, jittered, make_world, moved, resampled, retrained, rotated, scaled
from driftcore.workflows import _limits as limits
from driftcore.workflows._data_cause import data_cause
from driftcore.workflows._finding import Finding, as_cause

WORLD = make_world(n_concepts=8, n_per_concept=50, n_dims=24, anisotropy=0.5)
VECTORS = WORLD.vectors
N_SAMPLES = len(VECTORS)
RNG = np.random.default_rng(0)
LENGTHS = RNG.integers(10, 200, size=N_SAMPLES)
TEXTS = np.array(["w" * length for length in LENGTHS], dtype=object)
LONG = LENGTHS > 160

Vectors = NDArray[np.float32]


def compared(
    place: Path,
    current: Vectors,
    *,
    reference: Vectors = VECTORS,
    labels: NDArray[np.object_] | None = None,
    texts: tuple[NDArray[np.object_] | None, NDArray[np.object_] | None] = (None, None),
    models: tuple[ModelFingerprint, ModelFingerprint] = (ModelFingerprint(), ModelFingerprint()),
    predictions: tuple[NDArray[np.object_], NDArray[np.object_]] | None = None,
) -> DriftReport:
    """Two checkpoints of the same samples, ingested, compared."""
    store = open_store(place / "store")
    sides = (("wk0", reference, WORLD.labels), ("wk1", current, WORLD.labels if labels is None else labels))
    for week, (name, vectors, given) in enumerate(sides):
        frame = pd.DataFrame({"id": ids(len(vectors)), "label": given, "embedding": list(vectors)})
        if texts[week] is not None:
            frame["text"] = texts[week]
        at = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=week)
        ingest(store, frame, checkpoint=name, at=at, model=models[week])
        if predictions is not None:
            log_eval(store, pd.DataFrame({"id": ids(N_SAMPLES), "prediction": predictions[week]}), checkpoint=name)
    return compare(store, "wk0", "wk1")


def ids(n: int) -> list[str]:
    return [f"s{row:04d}" for row in range(n)]


def unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def reordered(vectors: Vectors) -> Vectors:
    rng = np.random.default_rng(3)
    return np.asarray(vectors[:, rng.permutation(24)] * rng.choice((-1, 1), size=24), dtype=np.float32)


def noisy(vectors: Vectors, *, scale: float = 0.01) -> Vectors:
    return jittered(vectors, scale=scale)


def moved_world(share: float = 0.3) -> Vectors:
    return moved(WORLD, 1, toward=4, share=share)


def cut() -> Vectors:
    """Long texts have other vectors, all others the same."""
    return np.where(LONG[:, None], noisy(VECTORS, scale=0.2), VECTORS)


def line(report: DriftReport, test: str) -> str:
    """The evidence of one test."""
    found = [each for each in report.cause.evidence if each.startswith(test) or f", {test}:" in each]
    assert found, report.cause.evidence
    return found[0]


def number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    assert found is not None, text
    return float(found[1].replace(",", ""))


# one cause


@pytest.mark.parametrize(
    ("kind", "current"),
    [
        ("none", VECTORS.copy()),
        ("none", VECTORS.astype(np.float16).astype(np.float32)),
        ("none", VECTORS * np.float32(1 + 1e-7)),
        ("infrastructure", int8_rounded(VECTORS)),
        ("infrastructure", int8_rounded(VECTORS, lattice="dim")),
        ("infrastructure", noisy(VECTORS)),
        ("infrastructure", unit(VECTORS)),
        ("infrastructure", reordered(VECTORS)),
        ("infrastructure", cut()),
        ("model", rotated(VECTORS)),
        ("model", rotated(noisy(VECTORS))),
        ("model", scaled(VECTORS, factor=2.0)),
        ("model", retrained(WORLD, strength=0.03, seed=1)),
        ("semantic", moved_world()),
    ],
    ids=[
        "the same", "float16", "rounding", "int8", "int8 by dimension", "noise", "length 1", "columns", "cut texts",
        "rotation", "rotation and noise", "scale", "retrained", "a concept moved",
    ],
)  # fmt: skip
def test_a_single_source_is_named_alone(tmp_path: Path, kind: str, current: Vectors) -> None:
    cause = compared(tmp_path, current).cause

    assert (cause.kind, cause.also) == (kind, ())
    assert cause.evidence


# mixed causes


@pytest.mark.parametrize(
    ("kinds", "current"),
    [
        (("semantic", "infrastructure"), int8_rounded(moved_world())),
        (("semantic", "infrastructure"), reordered(moved_world())),
        (("semantic", "model"), rotated(noisy(moved_world(), scale=0.002))),
        (("model", "infrastructure"), int8_rounded(rotated(VECTORS))),
    ],
    ids=["int8 and a move", "columns and a move", "rotation and a move", "int8 and a rotation"],
)
def test_mixed_sources_are_all_listed_with_the_one_to_act_on_first(
    tmp_path: Path, kinds: tuple[str, ...], current: Vectors
) -> None:
    cause = compared(tmp_path, current).cause

    assert (cause.kind, *cause.also) == kinds
    assert {each.split(",")[0] for each in cause.evidence if each.split(",")[0] in kinds} == set(kinds)


def test_of_infrastructure_and_model_the_one_that_moved_more_is_named_first() -> None:
    found = [
        Finding(kind="infrastructure", text="lattice", share=0.02),
        Finding(kind="model", text="whole space", share=0.98),
    ]

    assert as_cause(found).title == "model, also infrastructure"
    assert as_cause([*found, Finding(kind="infrastructure", text="lengths", share=1.5)]).kind == "infrastructure"


def test_data_goes_before_a_model_that_moved_everything_and_after_a_concept_that_moved() -> None:
    data, model = Finding(kind="data", text="labels"), Finding(kind="model", text="whole space", share=1.0)

    assert as_cause([model, data]).title == "data, also model"
    assert as_cause([model, data, Finding(kind="semantic", text="concept")]).title == "semantic, also data and model"


def test_a_mixed_cause_goes_through_json() -> None:
    cause = Cause(kind="semantic", evidence=("semantic, concept: …",), also=("model", "infrastructure"))

    assert from_json(Cause, to_json(cause)) == cause


def test_a_cause_kept_before_mixed_causes_were_listed_is_read_back() -> None:
    assert from_json(Cause, {"kind": "model", "evidence": ["whole space"]}).also == ()


# the evidence has the right numbers


def test_the_lattice_says_its_step_and_how_much_of_the_movement_it_explains(tmp_path: Path) -> None:
    said = line(compared(tmp_path, int8_rounded(VECTORS)), "lattice")

    # 255 levels up to the largest value
    step = float(np.abs(VECTORS).max()) / 127
    assert number(r"one step for all of them: ([\d.e-]+)", said) == pytest.approx(step, rel=0.01)
    assert number(r"movement is ([\d.]+) times", said) == pytest.approx(1, abs=0.1)
    assert f"up to {limits.LATTICE_ERROR:g} times" in said


def test_lengths_say_their_ratios(tmp_path: Path) -> None:
    said = line(compared(tmp_path, unit(VECTORS)), "lengths")

    ratios = 1 / np.linalg.norm(VECTORS, axis=1)
    assert number(r"the median ([\d.]+)", said) == pytest.approx(np.median(ratios), rel=0.01)
    assert "only the current snapshot has vectors of length 1" in said


def test_columns_say_how_many_were_displaced(tmp_path: Path) -> None:
    swapped = VECTORS.copy()
    swapped[:, [2, 5, 7, 9]] = -VECTORS[:, [5, 2, 9, 7]]

    report = compared(tmp_path, np.concatenate([swapped[:, 12:], swapped[:, :12]], axis=1))

    # every column went to the other half
    assert "24 of 24 stand in another place" in line(report, "columns")


def test_cut_texts_say_how_many_were_touched_and_what_tells_them_apart(tmp_path: Path) -> None:
    said = line(compared(tmp_path, cut(), texts=(TEXTS, TEXTS)), "touched")

    assert f"{LONG.sum()} of {N_SAMPLES} samples moved" in said
    # exactly the longest were cut
    assert "the length of the text tells them apart with AUROC 1.00" in said


def test_float_storage_says_the_bits_of_both_sides(tmp_path: Path) -> None:
    cause = compared(tmp_path, VECTORS.astype(np.float16).astype(np.float32)).cause

    assert "the reference holds 24 significant bits, the current snapshot 11 (float16)" in cause.evidence[0]


def test_a_moved_concept_says_the_numbers_of_the_report_and_of_the_policy(tmp_path: Path) -> None:
    report = compared(tmp_path, rotated(noisy(moved_world(), scale=0.002)))
    (concept,) = [each for each in report.concepts if each.kind != "none"]

    said = line(report, "concept")
    assert f"'{concept.concept}' moved {concept.displacement:.2f}" in said
    assert f"(at least {report.policy.min_effect:g})" in said
    assert f"{concept.standout:.1f} robust deviations" in said


def test_infrastructure_says_its_harm(tmp_path: Path) -> None:
    other = np.where(np.arange(N_SAMPLES) < 8, "somebody else", WORLD.labels).astype(object)
    report = compared(tmp_path, int8_rounded(VECTORS), predictions=(WORLD.labels, other))

    said = line(report, "harm")
    # 8 of 400
    assert "2.0% of the predictions changed" in said
    assert 90 < number(r"harm: ([\d.]+)%", said) <= 100


# what was touched


def test_a_concept_that_moved_alone_is_its_meaning_even_where_it_has_long_texts(tmp_path: Path) -> None:
    longest = np.where(WORLD.concepts == 1, "w" * 500, TEXTS).astype(object)

    cause = compared(tmp_path, moved_world(), texts=(longest, longest)).cause

    assert (cause.kind, cause.also) == ("semantic", ())


def test_cut_texts_do_not_hide_a_concept_that_moved_as_a_whole(tmp_path: Path) -> None:
    both = np.asarray(cut() + (moved_world() - VECTORS), dtype=np.float32)

    cause = compared(tmp_path, both, texts=(TEXTS, TEXTS)).cause

    assert cause.title == "semantic, also infrastructure"


def test_touched_samples_whose_text_is_another_are_data(tmp_path: Path) -> None:
    rewritten = np.where(LONG, "something else", TEXTS).astype(object)

    report = compared(tmp_path, cut(), texts=(TEXTS, rewritten))

    assert report.cause.kind == "data"
    assert f"{LONG.sum()} of {LONG.sum()} of them have another text now" in line(report, "touched")


def test_touched_samples_whose_text_was_stored_cut_are_infrastructure(tmp_path: Path) -> None:
    shorter = np.array([text[:160] for text in TEXTS], dtype=object)

    assert compared(tmp_path, cut(), texts=(TEXTS, shorter)).cause.kind == "infrastructure"


def test_a_text_is_quoted_on_one_line(tmp_path: Path) -> None:
    # as long as the others, without digits or capitals: the prefix alone tells them apart
    starts = np.where(LONG, "evil\n\x1b[mprefix", "w" * len("evil\n\x1b[mprefix")).astype(object)
    texts = starts + np.array([f"{row:04d}" for row in range(N_SAMPLES)], dtype=object)

    report = compared(tmp_path, cut(), texts=(texts, texts))

    assert "the prefix 'evil  [mprefix" in line(report, "touched")
    assert all(each.isprintable() for each in report.cause.evidence)


# what was declared, and what reads the vectors


def test_a_declared_prefix_explains_what_the_vectors_cannot(tmp_path: Path) -> None:
    current = rotated(noisy(VECTORS))
    models = ModelFingerprint(model_id="m", prefix="query: "), ModelFingerprint(model_id="m", prefix="passage: ")

    report = compared(tmp_path, current, models=models)

    assert (report.cause.kind, report.cause.also) == ("infrastructure", ())
    assert "prefix 'query: ' → 'passage: ' between checkpoints of the same weights" in line(report, "declared")


def test_a_prefix_declared_with_other_weights_does_not_excuse_the_model(tmp_path: Path) -> None:
    models = ModelFingerprint(revision="1", prefix="a"), ModelFingerprint(revision="2", prefix="b")

    assert compared(tmp_path, rotated(VECTORS), models=models).cause.title == "model, also infrastructure"


def test_other_answers_over_the_same_vectors_are_the_models_head(tmp_path: Path) -> None:
    other = np.where(np.arange(N_SAMPLES) < 40, "somebody else", WORLD.labels).astype(object)

    report = compared(tmp_path, VECTORS.copy(), predictions=(WORLD.labels, other))

    assert report.cause.kind == "model"
    # 40 of 400
    assert "10.0% of the predictions changed" in line(report, "head")


# data


def test_labels_that_changed_are_data(tmp_path: Path) -> None:
    labels = np.where(np.arange(N_SAMPLES) < 20, "concept 7", WORLD.labels).astype(object)

    report = compared(tmp_path, VECTORS.copy(), labels=labels)

    assert report.cause.kind == "data"
    assert "20 samples (5.0%) have another label now" in line(report, "labels")


def test_more_samples_of_one_concept_are_another_mix(tmp_path: Path) -> None:
    new = resampled(make_world(n_concepts=8, n_per_concept=50, n_dims=24, anisotropy=0.5), sizes=[100] + [0] * 7)
    labels = np.concatenate([WORLD.labels, new.labels])

    report = compared(tmp_path, np.concatenate([VECTORS, new.vectors]), labels=labels)

    assert (report.cause.kind, report.cause.also) == ("data", ())
    # of 400: 50; of 500: 150. The total variation is the gain of the one: 0.30 − 0.125
    assert number(r"composition: ([\d.]+)%", line(report, "composition")) == pytest.approx(17.5)
    assert "'concept 0', 12.5% → 30.0%" in line(report, "composition")


def test_more_samples_of_the_same_mix_are_no_cause(tmp_path: Path) -> None:
    new = resampled(make_world(n_concepts=8, n_per_concept=50, n_dims=24, anisotropy=0.5), sizes=[12] * 8)
    labels = np.concatenate([WORLD.labels, new.labels])

    assert compared(tmp_path, np.concatenate([VECTORS, new.vectors]), labels=labels).cause.kind == "none"


def windows(shares: tuple[float, float], *, p_value: float, q_value: float) -> WindowDrift:
    """Two windows of two concepts, with these tests."""
    return WindowDrift(
        reference_split="early",
        current_split="late",
        n_reference=100,
        n_current=100,
        spaces="same encoder",
        n_anchors=0,
        composition=Composition(
            g=9.0,
            p_value=p_value,
            shares=tuple(
                ConceptShare(concept=name, share_reference=a, share_current=b, n_reference=50, n_current=50)
                for name, a, b in (("refund", *shares), ("cancel", 1 - shares[0], 1 - shares[1]))
            ),
        ),
        content=(
            ConceptContent(
                concept="cancel", n_reference=50, n_current=50, mmd=0.1, p_value=q_value, q_value=q_value, judged=True
            ),
        ),
        novelty=None,
        divergences=(),
    )


def test_windows_name_the_mix_and_the_content_that_changed() -> None:
    cause = data_cause(windows((0.5, 0.7), p_value=0.001, q_value=0.01), DriftPolicy())

    assert cause.kind == "data"
    assert "composition: 20.0%" in cause.evidence[0]
    assert "what is said within 'cancel' (q = 0.01)" in cause.evidence[1]


def test_a_sure_but_tiny_change_of_the_mix_is_no_cause() -> None:
    assert data_cause(windows((0.5, 0.52), p_value=1e-9, q_value=0.5), DriftPolicy()).kind == "none"
