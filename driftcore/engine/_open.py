"""Which engine is meant by its name, and which one this process adds up on."""

from __future__ import annotations

import threading

from driftcore.engine._engine import Engine
from driftcore.engine._local import LocalEngine
from driftcore.engine._ray import RayEngine
from driftcore.errors import BadInputError, one_line


def open_engine(name: str = "local") -> Engine:
    """The engine of that name.

    Parameters
    ----------
    name : str
        ``local``; ``ray`` for the cluster that Ray knows of, else one made of this machine's cores; ``ray://HOST:PORT``
        for a cluster elsewhere; ``HOST:PORT`` for the head of one that this machine is in.

    Raises
    ------
    BadInputError
        If there is no such engine.
    EngineError
        If Ray is not installed, or nobody answers at the address.

    Examples
    --------
    >>> open_engine("local").name
    'local'
    """
    _check(name)
    if name == "local":
        return LocalEngine()
    return RayEngine(None if name == "ray" else name)


class _Chosen:
    """The engine of this process, as threads and memory are its: not a value of a report, for no number depends on it.

    Opened when something is first large enough to need it.
    """

    def __init__(self) -> None:
        self._lock, self._name = threading.Lock(), "local"
        self._engine: Engine | None = None

    def choose(self, name: str) -> None:
        _check(name)
        with self._lock:
            if name != self._name:
                self._name, self._engine = name, None

    def engine(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = open_engine(self._name)
            return self._engine


_chosen = _Chosen()


def choose_engine(name: str) -> None:
    """Let everything of this process that is large be added up by the engine of that name: see `open_engine`.

    Raises
    ------
    BadInputError
        If there is no such engine.
    """
    _chosen.choose(name)


def chosen_engine() -> Engine:
    """The engine of this process, by default the local one."""
    return _chosen.engine()


def _check(name: str) -> None:
    if name not in ("local", "ray") and ":" not in name:
        raise BadInputError(f"No engine named '{one_line(name)}': say local, ray, or ray://HOST:PORT.")
