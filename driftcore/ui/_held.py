"""Large values that all sessions share, read-only: as many as fit into a fixed number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from threading import Lock
from typing import Any, TypeVar, cast

import numpy as np
import streamlit as st

Value = TypeVar("Value")

# ten looks at a million samples; a hundred thousand take a tenth of it
MOST_BYTES = 512 << 20
# of small ones the keys would weigh more than the values
_MOST_VALUES = 1024


class Held:
    """Values by key; the least recently used ones are let go when all together weigh more than `most` bytes.

    Parameters
    ----------
    most : int
        Bytes. A value that is heavier alone is made, and not held.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock, self._making = Lock(), dict[Hashable, Lock]()

    def get(self, key: Hashable, make: Callable[[], Value], *, weigh: Callable[[Value], int] | None = None) -> Value:
        """The value under `key`; made where it is not held, once however many ask for it at the same time."""
        with self._lock:
            making = self._making.setdefault(key, Lock())
        with making:
            with self._lock:
                if key in self._values:
                    self._values.move_to_end(key)
                    return cast("Value", self._values[key][0])
            value = make()
            with self._lock:
                self._values[key] = value, (weigh or weight)(value)
                while self.n_bytes > self._most or len(self) > _MOST_VALUES:
                    self._values.popitem(last=False)
                # those who wait have the lock itself
                self._making.pop(key, None)
            return value

    @property
    def n_bytes(self) -> int:
        """What all held values weigh together."""
        return sum(heavy for _, heavy in self._values.values())

    def __len__(self) -> int:
        return len(self._values)


@st.cache_resource(show_spinner=False)
def held() -> Held:
    """What this server holds for all of its sessions."""
    return Held(MOST_BYTES)


def weight(value: object) -> int:
    """Bytes of the arrays in a record, not of the texts that an object array refers to: those are shared.

    Examples
    --------
    >>> weight((np.zeros(10, dtype=np.float32), b"ab"))
    42
    """
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, bytes):
        return len(value)
    if is_dataclass(value):
        return sum(weight(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, dict):
        return sum(map(weight, value.values()))
    return sum(map(weight, value)) if isinstance(value, tuple | list) else 0
