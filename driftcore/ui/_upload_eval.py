"""What a person chooses in an eval tool's file: which answers, by which metric, of which samples."""

from __future__ import annotations

from typing import TypedDict

import streamlit as st

from driftcore.readers.evals import EvalGuess
from driftcore.ui._text import plain


class EvalChoice(TypedDict):
    """The choices, as `log_eval` takes them."""

    mapping: dict[str, str]
    variant: str | None
    metric: str


def pick_from_eval(guess: EvalGuess, file_id: str) -> EvalChoice | None:
    """The choices in a tool's file; None while one that is needed is not made."""
    st.caption(plain(f"{guess.n_rows:,} rows of {guess.tool}. {' '.join(f'{note}.' for note in guess.notes)}"))
    places = iter(st.columns(4))
    variant: str | None = guess.variants[0]
    if len(guess.variants) > 1:
        variant = next(places).selectbox(
            "Variant", guess.variants, index=None, key=f"upload-variant-{file_id}", placeholder="choose one"
        )
    metric = next(places).selectbox(
        "Right by",
        guess.metrics,
        index=None if guess.metric is None else guess.metrics.index(guess.metric),
        key=f"upload-metric-{file_id}",
        placeholder="choose one",
        help="Which metric decides. Equality compares the answer with its target, or with the stored label.",
    )
    sample = next(places).selectbox(
        "Id (optional)",
        guess.fields,
        index=None,
        key=f"upload-eval-id-{file_id}",
        placeholder="the field that fits",
        help="Which field is the sample's id. Left out, the one that fits the stored samples is taken.",
    )
    answer: str | None = None
    if guess.needs_prediction:
        answer = next(places).selectbox(
            "Prediction", guess.fields, index=None, key=f"upload-eval-prediction-{file_id}", placeholder="choose one"
        )
    if variant is None or metric is None or (guess.needs_prediction and answer is None):
        return None
    mapping = {"id": sample, "prediction": answer}
    return {
        "mapping": {role: field for role, field in mapping.items() if field is not None},
        "variant": variant or None,
        "metric": metric,
    }
