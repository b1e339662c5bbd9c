"""Find a trainer by name: those that come along, then those that a team has installed."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import cast

from driftcore.errors import NotFoundError, TrainingError, listed, one_line
from driftcore.records.training import Trainer

GROUP = "driftloop.trainers"

BUILT_IN = {
    "align": "driftcore.adapters.align:AlignTrainer",
    "head": "driftcore.adapters.head:HeadTrainer",
    "lowrank": "driftcore.adapters.lowrank:LowRankTrainer",
    "lora": "driftcore.adapters.lora:LoraTrainer",
    "command": "driftcore.adapters.command:CommandTrainer",
    "webhook": "driftcore.adapters.webhook:WebhookTrainer",
    "demo": "driftcore.demo.trainer:DemoTrainer",
}

# what importing and making a stranger's class may raise; what else it raises is a bug that nobody should hide
_BROKEN = (
    ImportError,
    SyntaxError,
    AttributeError,
    NameError,
    TypeError,
    ValueError,
    LookupError,
    OSError,
    RuntimeError,
)


def trainer_names() -> tuple[str, ...]:
    """Every name by which a job may ask for a trainer: those that come along first, a team's own after them."""
    return (*BUILT_IN, *sorted(set(_installed()) - set(BUILT_IN)))


def find_trainer(name: str) -> Trainer:
    """The trainer of this name.

    A team's own is an entry point of the group ``driftloop.trainers`` that names a class which can be made without
    arguments; the names that come along cannot be taken.

    Raises
    ------
    NotFoundError
        If there is none; the message lists all.
    TrainingError
        If there is one and it cannot be imported or made, or has no method `train`.

    Examples
    --------
    >>> type(find_trainer("head")).__name__
    'HeadTrainer'
    """
    if name in BUILT_IN:
        return _made(EntryPoint(name=name, value=BUILT_IN[name], group=GROUP))
    installed = _installed()
    if name not in installed:
        raise NotFoundError(f"No trainer named '{one_line(name)}'. Known: {listed(trainer_names(), limit=30)}.")
    return _made(installed[name])


def _installed() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _made(point: EntryPoint) -> Trainer:
    try:
        trainer = point.load()()
    except _BROKEN as error:
        raise TrainingError(
            f"Trainer '{one_line(point.name)}' ({one_line(point.value)}) cannot be loaded: {type(error).__name__}: "
            f"{one_line(error, limit=200)}. Mend or remove the package that brings it."
        ) from error
    if not callable(getattr(trainer, "train", None)):
        raise TrainingError(
            f"Trainer '{one_line(point.name)}' ({one_line(point.value)}) has no method train(task, beat=, log=): "
            "see driftcore.records.training.Trainer."
        )
    return cast(Trainer, trainer)
