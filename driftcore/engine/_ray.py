"""The engine of a cluster: Ray runs the tasks, and runs those of a lost worker again."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any, Final

from driftcore.engine._engine import BRANCHES, Part, Read, Sums, Told, alone, tree_sum
from driftcore.errors import EngineError, one_line

# tasks for each core: enough that none waits long for the last one, few enough that sums are nothing beside reading
_TASKS_PER_CORE: Final = 8
_RETRIES: Final = 5
_PATIENCE_S: Final = 5.0


class RayEngine:
    """Parts are read and tallied where Ray has cores, and added up there: one sum comes back, and no vector does.

    Parameters
    ----------
    address : str, optional
        ``ray://host:port`` (a client's), or ``host:port`` of a head. Default: the cluster that ``RAY_ADDRESS`` or
        ``ray start`` on this machine made known, else one of this machine's cores, which ends with the process.

    Raises
    ------
    EngineError
        If Ray is not installed, or nobody answers at the address.
    """

    name = "ray"

    def __init__(self, address: str | None = None) -> None:
        try:
            import ray
        except ImportError as error:
            raise EngineError("Ray is not installed here: pip install 'driftloop[ray]'.") from error
        if address is not None:
            _reachable(address)
        if not ray.is_initialized():
            try:
                ray.init(address=address, log_to_driver=False, logging_level="error", include_dashboard=None)
            except (ConnectionError, RuntimeError, ValueError) as error:
                # a client's error is the traceback of the other side, which ends with what went wrong
                raise EngineError(f"The Ray cluster cannot be joined: {one_line(_last_line(error), 200)}") from error

    def total(
        self, read: Callable[[Part], Read], tally: Callable[[Read], Sums], parts: Sequence[Part], *, told: Told
    ) -> Sums:
        """See `Engine`."""
        import ray

        some = ray.remote(max_retries=_RETRIES, num_returns=2)(_tallied)
        add = ray.remote(max_retries=_RETRIES)(_added)
        # the rulers go to each machine once, not with every task
        how = ray.put((read, tally))
        size = _whole_subtrees(len(parts), int(ray.cluster_resources().get("CPU", 1)))
        tasks = [some.remote(how, parts[start : start + size]) for start in range(0, len(parts), size)]
        counts = [count for _, count in tasks]
        total = tree_sum((sums for sums, _ in tasks), add=add.remote)
        # Ray keeps what is referred to: the sums are the tree's from here on
        del tasks
        try:
            _watch(counts, told, len(parts))
            found: Sums = ray.get(total)
        except ray.exceptions.RayTaskError as error:
            # what went wrong over there is told as if it had gone wrong here
            raise error.cause from None
        except ray.exceptions.RayError as error:
            raise EngineError(f"The Ray cluster gave up: {one_line(error, 200)}") from error
        return found


def _whole_subtrees(n_parts: int, n_cores: int) -> int:
    """Parts of a task: as many as a branch of the one tree has that every engine adds by."""
    size = 1
    while n_parts > size * n_cores * _TASKS_PER_CORE:
        size *= BRANCHES
    return size


def _watch(counts: list[Any], told: Told, n_parts: int) -> None:
    """Say how many parts are tallied, as tasks end."""
    import ray

    done, waiting = 0, counts
    while waiting:
        ended, waiting = ray.wait(waiting)
        done += sum(ray.get(ended))
        told(done, n_parts)


def _tallied(how: tuple[Callable[[Part], Read], Callable[[Read], Sums]], parts: Sequence[Part]) -> tuple[Sums, int]:
    """A task: the sum over some parts, one of them in memory at a time, and how many they were."""
    read, tally = how
    with alone():
        return tree_sum(tally(read(part)) for part in parts), len(parts)


def _added(left: Sums, right: Sums) -> Sums:
    return left + right


def _last_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]


def _reachable(address: str) -> None:
    """Ray itself asks for a minute and more."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE_S).close()
    except ValueError as error:
        raise EngineError(f"'{one_line(address)}' is no address of a Ray cluster: say ray://HOST:PORT.") from error
    except OSError as error:
        raise EngineError(
            f"No Ray cluster answers at '{one_line(address)}' ({one_line(error.strerror or error)}): "
            "start one with ray start --head, or leave --engine away."
        ) from error
