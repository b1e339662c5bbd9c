"""Opening a store, and what concerns all of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from driftcore.errors import ConflictError, NotFoundError, listed, one_line
from driftcore.records import Checkpoint, Snapshot
from driftcore.store._clusters import ClusterReports
from driftcore.store._corridors import Corridors, SpaceMaps
from driftcore.store._database import connected
from driftcore.store._decisions import Decisions
from driftcore.store._evals import EvalRuns
from driftcore.store._frames import FrameSteps
from driftcore.store._jobs import Jobs
from driftcore.store._marks import Marks
from driftcore.store._models import Models
from driftcore.store._place import Place
from driftcore.store._reports import Reports, Spans
from driftcore.store._rounds import Rounds
from driftcore.store._samplings import Samplings
from driftcore.store._shelf import Shelf
from driftcore.store._snapshots import Snapshots
from driftcore.store._traces import Traces
from driftcore.store._upkeep import Upkeep
from driftcore.store._views import Views

_PINNED, _SECRET = "reference", "secret"


class Store:
    """A Driftloop store; open one with `open_store`.

    Attributes
    ----------
    uri : str
    place : Place
    snapshots, models, evals, reports, cluster_reports, frames, space_maps, corridors, spans, decisions, views, jobs,
    marks, traces, rounds, samplings, upkeep
        The parts; each knows how to write, list and read its own kind.
    """

    def __init__(self, place: Place, *, read_only: bool = False) -> None:
        database = connected(place, read_only=read_only)
        self._choices = Shelf(database, "choices")
        # readers too need the secret that share links are signed with, and the first of them makes it
        self._secrets = Shelf(replace(database, read_only=False), "choices")
        self.uri, self.place = place.uri, place
        self.snapshots = Snapshots(database)
        self.models = Models(database)
        self.evals = EvalRuns(database)
        self.reports = Reports(database)
        self.cluster_reports = ClusterReports(database)
        self.frames = FrameSteps(database)
        self.space_maps = SpaceMaps(database)
        self.corridors = Corridors(database)
        self.spans = Spans(database)
        self.decisions = Decisions(database)
        self.views = Views(database)
        self.jobs = Jobs(database)
        self.marks = Marks(database)
        self.traces = Traces(database)
        self.rounds = Rounds(database)
        self.samplings = Samplings(database)
        self.upkeep = Upkeep(database)

    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """Every checkpoint in order of time, as its snapshots describe it."""
        by_name: dict[str, list[Snapshot]] = {}
        for snapshot in self.snapshots.all():
            by_name.setdefault(snapshot.checkpoint, []).append(snapshot)
        accuracy = {(run.checkpoint, run.split): run.accuracy for run in self.evals.all()}
        pinned, marks = self._choices.get(_PINNED), self.marks.all()
        return tuple(
            Checkpoint(
                checkpoint=name,
                order=order,
                at=min(snapshot.at for snapshot in own),
                splits=tuple(snapshot.split for snapshot in own),
                n_samples=sum(snapshot.n_samples for snapshot in own),
                n_dims=own[0].n_dims,
                fingerprint=own[0].fingerprint,
                accuracy=next((accuracy[name, s.split] for s in own if (name, s.split) in accuracy), None),
                pinned=pinned is not None and pinned.payload["checkpoint"] == name,
                status=marks[name].status if name in marks else None,
                reason=marks[name].reason or None if name in marks else None,
            )
            for order, (name, own) in enumerate(by_name.items())
        )

    def stamp(self) -> str:
        """Changes with every snapshot, eval run, report, frame, corridor, mark and pin; read under it, all stands."""
        parts = (
            self._choices,
            self.marks,
            self.snapshots,
            self.evals,
            self.reports,
            self.cluster_reports,
            self.frames,
            self.corridors,
        )
        return "-".join(str(part.version()) for part in parts)

    def reference(self) -> Checkpoint:
        """The checkpoint that others are compared with: the pinned one, else the first.

        Raises
        ------
        NotFoundError
            If the store is empty.
        """
        checkpoints = self.checkpoints()
        if not checkpoints:
            raise NotFoundError(
                f"The store '{one_line(self.uri, 200)}' is empty: add a snapshot with driftloop ingest."
            )
        return next((checkpoint for checkpoint in checkpoints if checkpoint.pinned), checkpoints[0])

    def line(self, split: str, *also: str) -> tuple[Snapshot, ...]:
        """The snapshots of a split that are the model's history, in order of time, and those of the checkpoints named.

        What a job made and nobody took, or has not judged yet, is not among them.
        """
        off = {name for name, mark in self.marks.all().items() if mark.status != "accepted"} - set(also)
        return tuple(each for each in self.snapshots.all() if each.split == split and each.checkpoint not in off)

    def current(self, split: str | None = None) -> Checkpoint:
        """The newest checkpoint of the model's history, of those that have the split: none on trial, none rejected.

        Raises
        ------
        NotFoundError
            If there is none.
        """
        line = [each for each in self.checkpoints() if each.on_line and (split is None or split in each.splits)]
        if not line:
            what = "checkpoint" if split is None else f"checkpoint with the split '{one_line(split)}'"
            raise NotFoundError(f"The store '{one_line(self.uri, 200)}' has no {what}: add one with driftloop ingest.")
        return line[-1]

    def pin(self, checkpoint: str) -> None:
        """Make `checkpoint` the store's reference.

        Raises
        ------
        NotFoundError
            If it is not stored.
        """
        names = [known.checkpoint for known in self.checkpoints()]
        if checkpoint not in names:
            raise NotFoundError(f"No checkpoint named '{one_line(checkpoint)}'. Known: {listed(names)}.")
        self._choices.replace(_PINNED, checkpoint, {"checkpoint": checkpoint})

    def discard(self, checkpoint: str) -> None:
        """Take away a checkpoint that an attempt at a job made and nobody refers to: all that is stored of it.

        Raises
        ------
        ConflictError
            If it is the reference, or what a finished job made.
        """
        pinned = self._choices.get(_PINNED)
        if pinned is not None and pinned.payload["checkpoint"] == checkpoint:
            raise ConflictError(f"Checkpoint '{one_line(checkpoint)}' is the reference: pin another one first.")
        if checkpoint in self.jobs.made():
            raise ConflictError(f"Checkpoint '{one_line(checkpoint)}' was made by a finished job: it stays.")
        # what is measured on a snapshot goes before it
        for part in (self.spans, self.reports, self.evals, self.models, self.snapshots, self.marks):
            part.discard(checkpoint)

    def sweep(self) -> None:
        """Drop every table that a killed writer left behind; what a live writer is at work on stays."""
        for part in (
            self.snapshots,
            self.models,
            self.evals,
            self.reports,
            self.frames,
            self.space_maps,
            self.corridors,
        ):
            part.sweep()

    def secret(self) -> str:
        """A random secret of this store, made when it is first asked for; whoever can read the files can read it."""
        import secrets

        # the first writer wins: everyone signs with the one that is stored
        entry, _ = self._secrets.put(_SECRET, "", {"secret": secrets.token_urlsafe(32)})
        return str(entry.payload["secret"])


def open_store(
    uri: str | Path,
    *,
    create: bool = True,
    read_only: bool = False,
    storage_options: Mapping[str, str] | None = None,
) -> Store:
    """Open the store at `uri`, or make one.

    Parameters
    ----------
    uri : str or Path
        A folder, or any URI LanceDB takes (``s3://…``).
    create : bool
        False for reading: a local folder that does not exist is then an error and not a new, empty store.
    read_only : bool
        Refuse with a `NotAllowedError` whatever would change what the store keeps.
    storage_options : mapping of str to str, optional
        How to reach it where it is no folder (``endpoint``, ``region``, ``access_key_id`` …), beside what the
        environment says (``AWS_…``).

    Raises
    ------
    NotFoundError
        If there is no store and `create` is False.
    UnreachableError
        If its storage is away.
    StoreError
        If it cannot be opened.
    """
    # whole, for it is told to other processes, which may stand elsewhere
    where = str(uri) if "://" in str(uri) else str(Path(uri).absolute())
    place = Place(uri=where, options=tuple(sorted((storage_options or {}).items())))
    return Store(place, read_only=read_only) if create else open_place(place, read_only=read_only)


def open_place(place: Place, *, read_only: bool = True) -> Store:
    """Open the store that stands at a place, by default for reading only.

    Raises
    ------
    NotFoundError
        If there is none, be it that the place is a folder of another machine.
    StoreError
        If it cannot be opened.
    """
    if "://" not in place.uri and not Path(place.uri).is_dir():
        raise NotFoundError(
            f"No store at '{one_line(place.uri, 200)}'. Make one with driftloop ingest or driftloop demo, "
            "or name another with --store."
        )
    return Store(place, read_only=read_only)
