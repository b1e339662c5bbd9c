"""Make a frame: one map for all checkpoints, kept in the store so that a page only reads it."""

from __future__ import annotations

from driftcore import projection
from driftcore.records import Frame, FrameStep, Snapshot
from driftcore.store import Store
from driftcore.workflows._moved_step import moved_step, own_clusters
from driftcore.workflows._reference_step import reference_step
from driftcore.workflows.progress import Progress, silent


def make_frame(
    store: Store,
    reference: str,
    current: str | None = None,
    *,
    split: str = "validation",
    seed: int = 0,
    progress: Progress = silent,
) -> Frame:
    """Compute what is missing of a frame, keep it, and return it.

    Places come from UMAP on the reference, movement from the full space (see `projection`). Of more than 10,000
    samples so many, drawn from every concept, give the layout, and the rest stands between its neighbours. Every
    further checkpoint costs its movement, which is kept at once, and its clusters, which are kept when they are there.

    Parameters
    ----------
    store : Store
    reference : str
        The checkpoint whose samples make the layout.
    current : str, optional
        The last checkpoint to draw; all between it and the reference are drawn too. Default: every checkpoint.
    split : str
    seed : int

    Raises
    ------
    NotFoundError
        If a checkpoint or the split is not stored.
    NotComparableError
        If the reference has neither labels nor clusters.
    """
    sides = _sides(store, reference, current, split)
    base_key = _basis(sides[0], sides[0], seed)
    base = store.frames.get(*base_key)
    if base is None:
        base = reference_step(store, sides[0], seed=seed, progress=progress)
        store.frames.write(base, *base_key)

    # a checkpoint can be looked at once its movement is kept; its clusters take longer, the last one's come first
    moving = [side for side in sides[1:] if not store.frames.kept(*_basis(sides[0], side, seed))]
    for number, side in enumerate(moving):
        progress(f"drawing {side.checkpoint}", 0.4 + 0.3 * number / len(moving))
        store.frames.write(moved_step(store, sides[0], side, base, seed=seed), *_basis(sides[0], side, seed))
    changing = [side for side in sides[1:] if not store.frames.clustered(*_basis(sides[0], side, seed))]
    for number, side in enumerate(reversed(changing)):
        progress(f"clustering {side.checkpoint}", 0.7 + 0.3 * number / len(changing))
        clusters = own_clusters(store, sides[0], side, base, seed=seed)
        store.frames.write_clusters(clusters, *_basis(sides[0], side, seed))
    progress("done", 1.0)
    frame = kept_frame(store, reference, split=split, seed=seed)
    assert frame is not None, "just written"
    return frame


def kept_frame(store: Store, reference: str, *, split: str = "validation", seed: int = 0) -> Frame | None:
    """The frame of a reference with all steps that are kept, or None where it was never computed."""
    sides = _sides(store, reference, None, split)
    found = (store.frames.get(*_basis(sides[0], side, seed)) for side in sides)
    steps = tuple(step for step in found if step is not None)
    if not steps or steps[0].checkpoint != reference:
        return None
    return Frame(reference=reference, split=split, method=projection.METHOD, steps=steps)


def kept_outline(store: Store, reference: str, *, split: str = "validation", seed: int = 0) -> Frame | None:
    """As `kept_frame`, but each step without its samples: names, centroids and what it explains, in one read."""
    sides = _sides(store, reference, None, split)
    steps = tuple(s for s in store.frames.outlines([_basis(sides[0], side, seed) for side in sides]) if s is not None)
    if not steps or steps[0].checkpoint != reference:
        return None
    return Frame(reference=reference, split=split, method=projection.METHOD, steps=steps)


def kept_step(
    store: Store, reference: str, checkpoint: str, *, split: str = "validation", seed: int = 0
) -> FrameStep | None:
    """One step of a kept frame with its samples, or None where it was not computed."""
    sides = store.snapshots.get(reference, split), store.snapshots.get(checkpoint, split)
    return store.frames.get(*_basis(*sides, seed))


def step_stamp(store: Store, reference: str, current: str, *, split: str = "validation", seed: int = 0) -> str:
    """What the kept step of one checkpoint was computed from, in one word; empty where it is not kept."""
    sides = store.snapshots.get(reference, split), store.snapshots.get(current, split)
    basis = _basis(*sides, seed)
    return "/".join(basis) if store.frames.kept(*basis) else ""


def fitted_part(frame: Frame) -> str | None:
    """What is to be said where only a part of the reference gave the layout, as the end of a sentence; else None."""
    first = frame.steps[0]
    if first.n_fitted >= first.n_reference:
        return None
    return (
        f"places drawn from {first.n_fitted:,} of {first.n_reference:,} samples, every concept among them, the rest "
        "placed by their neighbours"
    )


def _sides(store: Store, reference: str, current: str | None, split: str) -> list[Snapshot]:
    """The reference's snapshot, then those of the other checkpoints up to `current`, in order of time."""
    first = store.snapshots.get(reference, split)
    all_sides = store.line(split, *([] if current is None else [current]))
    others = [side for side in all_sides if side.checkpoint != reference]
    if current is not None:
        last = store.snapshots.get(current, split)
        low, high = sorted((first.at, last.at))
        others = [side for side in others if low <= side.at <= high]
    return [first, *others]


def _basis(reference: Snapshot, side: Snapshot, seed: int) -> tuple[str, ...]:
    return projection.METHOD, reference.fingerprint, side.checkpoint, side.fingerprint, str(seed)
