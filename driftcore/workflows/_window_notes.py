"""What the report of two windows could not compute, had to leave out, or assumed, in words."""

from __future__ import annotations

import numpy as np

from driftcore.errors import listed
from driftcore.records import DriftPolicy
from driftcore.stats.content import MAX_ROWS as MAX_CONTENT_ROWS
from driftcore.workflows._judge_windows import N_QUESTIONS
from driftcore.workflows._window_concepts import WindowConcepts
from driftcore.workflows._window_novelty import MAX_ROWS
from driftcore.workflows._window_numbers import WindowNumbers
from driftcore.workflows._window_rows import Ground, Window


def window_notes(
    reference: Window,
    current: Window,
    concepts: WindowConcepts,
    numbers: WindowNumbers,
    met: Ground,
    policy: DriftPolicy,
    n_shared: int,
    closely: int,
) -> tuple[str, ...]:
    """The notes that hold."""
    small = [name for name, q_value in zip(concepts.names, numbers.q_values, strict=True) if np.isnan(q_value)]
    outside = int((concepts.reference < 0).sum() + (concepts.current < 0).sum())
    largest = max(int(counts.max(initial=0)) for counts in (numbers.counts_reference, numbers.counts_current))
    n_reference, n_current = len(reference.sample_ids), len(current.sample_ids)
    no_eval = [side for side, told in (("reference", reference), ("current", current)) if told.outcome is None]
    candidates = {
        "The windows have different samples: movement of single samples, churn, CKA and gap closure are unknown, and "
        "'shift' is each sample's cosine distance from the nearest known one.": True,
        f"Composition, content and novelty are each held to {policy.alpha / N_QUESTIONS:.3g}, a third of alpha, so "
        f"that together they err in {policy.alpha:.0%} of quiet comparisons.": True,
        **dict.fromkeys(concepts.notes, True),
        **dict.fromkeys(_anchor_notes(concepts, numbers, met), met.spaces == "anchors"),
        f"{n_shared} samples are in both windows: they make the windows more alike than independent ones.": (
            n_shared > 0
        ),
        f"{len(small)} concepts have fewer than {policy.min_samples} samples in a window and are too small to be "
        f"judged: {listed(small, 5)}.": bool(small),
        f"{outside} samples belong to no concept: they count in novelty and in the divergences only.": outside > 0,
        f"No eval run is stored for the {' and the '.join(no_eval)} window: whether accuracy changed is unknown. Add "
        "one with driftloop evaluate.": bool(no_eval),
        f"{numbers.n_close[0]:,} of the {n_reference:,} samples of the reference window and {numbers.n_close[1]:,} of "
        f"the {n_current:,} of the current one, drawn from every concept, were looked at closely: what is said within "
        "concepts was tested on them; the mix, how far concepts moved, novelty, shifts and the spans are told by all "
        "samples.": max(n_reference, n_current) > closely,
        f"Content was tested on {MAX_CONTENT_ROWS} samples of a concept at most, drawn at random.": (
            largest > MAX_CONTENT_ROWS
        ),
        f"Novelty, the divergences and the shifts were measured against {MAX_ROWS} samples drawn at random.": (
            n_reference > MAX_ROWS
        ),
        "The divergences look at each window as a whole: a change of the mix alone moves them too.": bool(
            numbers.divergences
        ),
    }
    return tuple(note for note, holds in candidates.items() if holds)


def _anchor_notes(concepts: WindowConcepts, numbers: WindowNumbers, met: Ground) -> tuple[str, ...]:
    """What was taken off because the model made it."""
    if met.anchors is None or numbers.model_part is None:
        return ()
    n, n_close = met.anchors.n, len(met.anchors.reference)
    width = max(met.anchors.reference.shape[1], met.anchors.current.shape[1])
    most = np.argsort(-numbers.model_part)[:3]
    shown = ", ".join(f"{concepts.names[k]} {numbers.model_part[k]:.0%}" for k in most)
    notes = [
        f"The checkpoints have different encoders: {n} anchors in '{met.anchors.split}', which both embedded, say what "
        "the model did to the samples of each concept, and so much was taken off before content was compared (of the "
        f"mean gap between concepts, most: {shown}). Novelty holds each window against the anchors under its own "
        "checkpoint; the divergences cannot be told from the model's part and are left out.",
    ]
    if n_close < n:
        notes.append(f"{n_close:,} of the {n:,} anchors, drawn from every label, were looked at.")
    if numbers.n_directions < width:
        notes.append(
            f"{n} anchors are few for {width} dims: content was compared in the {numbers.n_directions} directions that "
            "carry most of them."
        )
    return tuple(notes)
