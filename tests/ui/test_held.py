"""Large values are held within a limit, made once, and shared."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from numpy.typing import NDArray

from driftcore.ui._held import Held

# of 1,000 bytes each
ROW_BYTES = 1_000


def made(number: int) -> NDArray[np.uint8]:
    return np.full(ROW_BYTES, number, dtype=np.uint8)


def test_what_is_held_never_weighs_more_than_the_limit() -> None:
    held = Held(3 * ROW_BYTES)
    for number in range(10):
        held.get(number, lambda number=number: made(number))
        assert held.n_bytes <= 3 * ROW_BYTES
    assert len(held) == 3


def test_what_was_used_last_stays_longest() -> None:
    held = Held(2 * ROW_BYTES)
    first = held.get("a", lambda: made(0))
    held.get("b", lambda: made(1))
    held.get("a", lambda: made(2))
    held.get("c", lambda: made(3))
    # b went, and a is the very object that was made first
    assert held.get("a", lambda: made(4)) is first


def test_a_value_that_is_too_heavy_is_made_and_not_held() -> None:
    held = Held(ROW_BYTES // 2)
    assert held.get("a", lambda: made(7))[0] == 7
    assert (len(held), held.n_bytes) == (0, 0)


def test_twenty_who_ask_at_once_wait_for_one_making() -> None:
    held, makings = Held(10 * ROW_BYTES), []

    def slowly() -> NDArray[np.uint8]:
        makings.append(threading.get_ident())
        time.sleep(0.05)
        return made(1)

    got: list[NDArray[np.uint8]] = []
    threads = [threading.Thread(target=lambda: got.append(held.get("a", slowly))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(makings) == 1
    assert all(each is got[0] for each in got)


def test_a_making_that_fails_is_tried_again() -> None:
    held = Held(ROW_BYTES)

    def fails() -> NDArray[np.uint8]:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        held.get("a", fails)
    assert held.get("a", lambda: made(5))[0] == 5
