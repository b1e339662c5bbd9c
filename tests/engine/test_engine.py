"""Whatever adds up, and however many at a time: the same tree, and so the same digits."""

from __future__ import annotations

import socket
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

from driftcore.engine import LocalEngine, choose_engine, chosen_engine, open_engine, tree_sum
from driftcore.engine._ray import _whole_subtrees
from driftcore.errors import BadInputError, EngineError


def grown(left: str, right: str) -> str:
    return f"({left}{right})"


def unheard(done: int, total: int) -> None:
    """Nobody listens."""


class Tree(str):
    """Adds up to a drawing of how it was added up."""

    __slots__ = ()

    def __add__(self, other: str) -> Tree:
        return Tree(grown(self, other))


@given(st.integers(1, 300), st.integers(1, 64))
def test_a_task_is_a_branch_of_the_one_tree(n_parts: int, n_cores: int) -> None:
    parts = [chr(0x4E00 + number) for number in range(n_parts)]
    size = _whole_subtrees(n_parts, n_cores)
    tasks = [tree_sum(parts[start : start + size], add=grown) for start in range(0, n_parts, size)]
    assert tree_sum(tasks, add=grown) == tree_sum(parts, add=grown)


@given(st.integers(1, 3000))
def test_few_sums_are_held_at_a_time(n_terms: int) -> None:
    held = [0]

    def term(_: object) -> int:
        held[0] += 1
        return 1

    def add(left: int, right: int) -> int:
        held[0] -= 1
        # one of each size, and the one that comes in
        assert held[0] <= np.log(n_terms) / np.log(4) + 2
        return left + right

    assert tree_sum(map(term, range(n_terms)), add=add) == n_terms


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_the_tree_does_not_depend_on_how_many_work_at_it(n_threads: int) -> None:
    engine = LocalEngine(n_threads)
    total = engine.total(str.upper, Tree, [*"abcdefg"], told=unheard)
    # four, and what is left over last
    assert total == "((((AB)C)D)((EF)G))"


def test_parts_that_are_done_are_told_in_order() -> None:
    heard: list[tuple[int, int]] = []
    LocalEngine(2).total(int, float, [1, 2, 3], told=lambda done, total: heard.append((done, total)))
    assert heard == [(1, 3), (2, 3), (3, 3)]


def test_only_as_many_parts_are_held_as_are_worked_at() -> None:
    held: list[int] = []

    def read(part: int) -> int:
        held.append(part)
        return part

    def told(done: int, total: int) -> None:
        # what is done, what is worked at, and the one that was begun in place of the one that is done
        assert len(held) <= done + 2 + 1

    assert LocalEngine(2).total(read, int, range(50), told=told) == sum(range(50))


def test_each_multiplies_on_one_core_and_the_others_get_theirs_back() -> None:
    def cores(_: object) -> int:
        found = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
        return max(found, default=1)

    np.ones((2, 2)) @ np.ones((2, 2))
    before = cores(None)
    assert LocalEngine(2).total(cores, int, [None], told=unheard) == 1
    assert cores(None) == before


def test_what_goes_wrong_in_a_part_is_raised_as_it_was() -> None:
    def read(part: int) -> int:
        raise KeyError(part)

    with pytest.raises(KeyError, match="7"):
        LocalEngine(2).total(read, int, [7, 8], told=unheard)


@pytest.mark.parametrize("name", ["cluster", "", "Ray"])
def test_an_engine_that_is_none_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(BadInputError, match="say local, ray, or ray://HOST:PORT"):
        open_engine(name)


def test_a_process_adds_up_by_itself_until_told_otherwise() -> None:
    assert chosen_engine().name == "local"
    choose_engine("local")
    assert chosen_engine() is chosen_engine()


def test_without_ray_the_next_step_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EngineError, match=r"pip install 'driftloop\[ray\]'"):
        open_engine("ray")


@pytest.mark.parametrize("address", ["ray://127.0.0.1:{port}", "127.0.0.1:{port}"])
def test_a_cluster_where_nobody_answers_is_said_at_once(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # that it is installed is all that is asked of it
    monkeypatch.setitem(sys.modules, "ray", sys)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = address.format(port=taken.getsockname()[1])
        with pytest.raises(EngineError, match=r"No Ray cluster answers at .* ray start --head"):
            open_engine(place)


def test_an_address_without_a_port_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", sys)
    with pytest.raises(EngineError, match="no address of a Ray cluster: say ray://HOST:PORT"):
        open_engine("ray://somewhere")
