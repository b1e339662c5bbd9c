"""What a method is given and what it answers; knows no method, so that both environments can load it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """Two windows of vectors with the concept of each row; the rows are the same samples where `paired`."""

    reference: NDArray[np.float32]
    current: NDArray[np.float32]
    concepts: NDArray[np.int64]
    current_concepts: NDArray[np.int64]
    n_concepts: int
    paired: bool
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a method says.

    Parameters
    ----------
    alarm : bool or None
        None where the method does not apply.
    moved : tuple of int or None
        The concepts it names; None where it cannot say.
    toward : dict of int to int or None
        Where it says that they went.
    noted : bool
        It says something of the whole space, without an alarm.
    parts : dict of str to Answer
        What its parts would have said alone.
    """

    alarm: bool | None
    moved: tuple[int, ...] | None = None
    toward: dict[int, int] | None = None
    noted: bool = False
    parts: dict[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A row of the table: its name, how it was set, and the function."""

    name: str
    setting: str
    answer: Callable[[Given], Answer]


DOES_NOT_APPLY = Answer(alarm=None)
