"""Some samples moved and all others are exactly where they were: what do the touched ones share?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.errors import listed, one_line
from driftcore.records import CauseKind
from driftcore.workflows import _limits as limits

Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]
Objects = NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Texts:
    """The texts of some rows as each side stored them; None where there is none."""

    reference: Objects
    current: Objects


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What the touched samples have in common, in words, and what that makes the cause."""

    kind: CauseKind
    text: str


def touched_finding(
    touched: Flags,
    codes: Codes,
    names: tuple[str, ...],
    *,
    together: float,
    texts: Callable[[Codes], Texts] | None,
) -> Touched:
    """Their text: infrastructure (or data, where the text itself is another). Their concept: semantic.

    Spread over the concepts without a known trait, they are infrastructure too: a change of the weights would have
    left no sample where it was. `together` is the share of their movement that members of a concept have in common.
    """
    start = f"touched: {int(touched.sum()):,} of {len(touched):,} samples moved, the others are exactly where they were"
    rows = _some(touched)
    if texts is not None and (read := texts(rows)) is not None:
        n_other, n_read = _n_rewritten(read, touched[rows])
        if n_other > n_read / 2:
            return Touched(kind="data", text=f"{start}; {n_other} of {n_read} of them have another text now")
        trait = _telling_trait(read.reference, touched[rows], codes[rows], len(names))
        if trait:
            return Touched(kind="infrastructure", text=f"{start}; {trait}")
    reach = stats.spread_over_concepts(touched, codes, len(names))
    if reach is None:
        return Touched(kind="infrastructure", text=f"{start}; they belong to no concept")
    numbers = (
        f"{reach:.0%} of the concepts they could reach, and members of a concept have {together:.2f} of their movement "
        f"in common (not the meaning: from {limits.TOUCHED_SPREAD:.0%} on, or from {limits.TOUCHED_FEW:.0%} on with at "
        f"most {limits.TOUCHED_TOGETHER:g} in common)"
    )
    spread = reach >= limits.TOUCHED_SPREAD and _share_in_whole_concepts(touched, codes, len(names)) < 0.5
    if spread or (reach >= limits.TOUCHED_FEW and together <= limits.TOUCHED_TOGETHER):
        return Touched(kind="infrastructure", text=f"{start}; they reach {numbers}")
    sizes = np.bincount(codes[touched & (codes >= 0)], minlength=len(names))
    shown = [f"'{one_line(names[k])}' ({sizes[k]})" for k in np.argsort(-sizes, kind="stable") if sizes[k]]
    return Touched(kind="semantic", text=f"{start}; they belong to {listed(shown, 5)}: {numbers}")


def whole_concepts(touched: Flags, codes: Codes, n_concepts: int) -> Flags:
    """Concepts of which hardly a sample is where it was, shape (n_concepts,)."""
    inside = codes >= 0
    sizes = np.bincount(codes[inside], minlength=n_concepts)
    hit = np.bincount(codes[inside & touched], minlength=n_concepts)
    return (sizes > 0) & (hit >= limits.WHOLE * sizes)


def _some(touched: Flags) -> Codes:
    """Rows whose texts are read: a bounded draw of both kinds."""
    rng = np.random.default_rng(0)
    sides = [rng.permutation(np.flatnonzero(side))[: limits.TRAIT_SAMPLES] for side in (touched, ~touched)]
    return np.sort(np.concatenate(sides))


def _n_rewritten(texts: Texts, touched: Flags) -> tuple[int, int]:
    """Touched samples with another text, and touched samples whose text both sides know.

    A text that was cut is no other text: that is plumbing.
    """
    known = [
        (before, after)
        for before, after in zip(texts.reference[touched], texts.current[touched], strict=True)
        if before is not None and after is not None
    ]
    return sum(before != after and not before.startswith(after) for before, after in known), len(known)


def _telling_trait(texts: Objects, touched: Flags, codes: Codes, n_concepts: int) -> str:
    """The trait of the text that tells touched from untouched samples best, in words; empty where none does."""
    known = np.array([text is not None for text in texts], dtype=bool)
    if not (known & touched).any() or not (known & ~touched).any():
        return ""
    # samples of no concept are compared among themselves
    strata = np.where(codes >= 0, codes, n_concepts)[known]
    found = []
    for name, values in _traits(texts[known], touched[known]).items():
        within = stats.auroc_within(values, touched[known], strata, n_concepts + 1)
        if within is not None:
            found.append((abs(within.auroc - 0.5), name, within))
    if not found:
        return ""
    beyond, name, best = max(found, key=lambda each: each[0])
    if beyond < limits.TRAIT_AUROC - 0.5 or abs(best.z) < limits.TRAIT_Z:
        return ""
    return (
        f"within concepts, {name} tells them apart with AUROC {best.auroc:.2f}, {abs(best.z):.1f} standard errors from "
        f"0.5 (at least {limits.TRAIT_AUROC:g} or at most {1 - limits.TRAIT_AUROC:g}, and {limits.TRAIT_Z:g})"
    )


def _traits(texts: Objects, touched: Flags) -> dict[str, NDArray[np.float64]]:
    lengths = np.array([len(text) for text in texts], dtype=np.float64)
    rare = np.array([sum(not character.isascii() for character in text) for text in texts], dtype=np.float64)
    upper = np.array([sum(character.isupper() for character in text) for text in texts], dtype=np.float64)
    digits = np.array([sum(character.isdigit() for character in text) for text in texts], dtype=np.float64)
    traits = {
        "the length of the text": lengths,
        "the number of characters outside ASCII": rare,
        "the number of capitals": upper,
        "the number of digits": digits,
    }
    prefix = _common_prefix(texts[touched])
    if prefix:
        traits[f"the prefix '{one_line(prefix, 30)}'"] = np.array([text.startswith(prefix) for text in texts], float)
    return traits


def _share_in_whole_concepts(touched: Flags, codes: Codes, n_concepts: int) -> float:
    """Share of the touched samples whose concept was touched as a whole."""
    whole = whole_concepts(touched, codes, n_concepts)
    inside = codes[touched & (codes >= 0)]
    return float(whole[inside].mean()) if len(inside) else 0.0


def _common_prefix(texts: Objects) -> str:
    """What all texts begin with: what the first and the last in order have in common."""
    first, last = min(texts), max(texts)
    n = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return str(first[:n])
