"""What changed most between two checkpoints, as selections that a person can take with one click."""

from __future__ import annotations

from dataclasses import dataclass

from driftcore.records import MapRows


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedSelection:
    """Samples worth a look: `title` says in plain words what they are, `sample_ids` names them."""

    title: str
    sample_ids: tuple[str, ...]


def newly_wrong(rows: MapRows, *, at_least: int = 3) -> tuple[SuggestedSelection, ...]:
    """The samples of each concept that were right at the reference and are wrong now.

    Ranked by their number, the most first; equal numbers by the concept's name. Concepts with fewer than
    `at_least` are left out, and so are samples whose outcome is unknown at either checkpoint.
    """
    changed = (rows.correct_reference == 1) & (rows.correct_current == 0)
    names = sorted({str(name) for name in rows.concepts[changed] if name is not None})
    found = []
    for name in names:
        ids = rows.sample_ids[changed & (rows.concepts == name)]
        if len(ids) >= at_least:
            title = f"{len(ids):,} samples of {name} newly wrong"
            found.append(SuggestedSelection(title=title, sample_ids=tuple(str(each) for each in ids)))
    return tuple(sorted(found, key=lambda each: -len(each.sample_ids)))
