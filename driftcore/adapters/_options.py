"""A trainer's options, which are text, as what they mean."""

from __future__ import annotations

import math
from collections.abc import Mapping

from driftcore.errors import TrainingError, one_line


def number(options: Mapping[str, str], name: str, default: float) -> float:
    """A positive number, `default` where the option is left out.

    Raises
    ------
    TrainingError
        If it is something else.

    Examples
    --------
    >>> number({"epochs": "3"}, "epochs", 8)
    3.0
    """
    said = options.get(name)
    if said is None:
        return default
    try:
        value = float(said)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise TrainingError(f"The option {name} is {one_line(said)!r}: a positive number is meant, as in {default:g}.")
    return value


def count(options: Mapping[str, str], name: str, default: int) -> int:
    """A whole number from 1, `default` where the option is left out.

    Raises
    ------
    TrainingError
        If it is something else.
    """
    value = number(options, name, default)
    if value != int(value):
        raise TrainingError(f"The option {name} is {value:g}: a whole number is meant, as in {default}.")
    return int(value)
