"""What the values of two snapshots were stored in: a lattice, short floats, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from driftcore import stats
from driftcore.workflows import _limits as limits

Vectors = NDArray[np.float32]

_GROUPS: Final[tuple[Literal["tensor", "dim", "row"], ...]] = ("tensor", "dim", "row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """What one side's values were rounded to, in words, where the other side's were not.

    `variance` is the mean square error that this predicts, in units of that side's mean square; `tolerance` what
    rounding to the shorter floats of the two does to a row's largest value.
    """

    text: str
    variance: float
    tolerance: float


def storage(reference: Vectors, current: Vectors) -> Storage:
    """What the values of both sides were stored in."""
    lattices = [_lattice(side) for side in (reference, current)]
    bits = [
        stats.significand_bits(side) if lattice is None else 24
        for side, lattice in zip((reference, current), lattices, strict=True)
    ]
    tolerance = max(limits.ARITHMETIC, 2.0 ** -min(bits) if min(bits) <= limits.SHORT_FLOAT else 0.0)
    found = [(side, *lattice) for side, lattice in zip(("reference", "current"), lattices, strict=True) if lattice]
    if len(found) != 1:
        return Storage(text="", variance=0.0, tolerance=tolerance)
    side, per, variance = found[0]
    of = {"reference": reference, "current": current}
    step = {"tensor": "one step for all of them", "dim": "a step a dimension", "row": "a step a sample"}[per]
    return Storage(
        text=f"the values of the {side} snapshot stand on a lattice of at most 256 levels ({step}: "
        f"{np.sqrt(12 * variance):.3g})",
        variance=variance / float(np.square(of[side], dtype=np.float64).mean()),
        tolerance=tolerance,
    )


def _lattice(vectors: Vectors) -> tuple[str, float] | None:
    """What shares a step, and the mean error variance Δ²/12 of a value; None where there is no lattice."""
    for per in _GROUPS:
        steps = stats.lattice_steps(vectors, per=per)
        known = steps[~np.isnan(steps)]
        if len(known) >= limits.LATTICE_GROUPS * len(steps):
            return per, float(np.square(known).mean() / 12)
    return None


def unmoved(change: NDArray[np.float64], tolerance: float, reference: Vectors, current: Vectors) -> str:
    """In words, how surely every vector is where it was."""
    if not change.any():
        return "every vector is where it was: all samples are exactly equal"
    bits = [stats.significand_bits(side) for side in (reference, current)]
    stored = {11: "float16", 8: "bfloat16"}.get(min(bits), "float32" if min(bits) == 24 else f"{min(bits)}-bit floats")
    return (
        f"every vector is where it was, up to rounding: no value changed by more than {change.max():.2g} of its row's "
        f"largest (rounding: up to {tolerance:.2g}); the reference holds {bits[0]} significant bits, the current "
        f"snapshot {bits[1]} ({stored})"
    )
