"""The policy of the loop, as a team writes it in the table ``[loop]`` of driftloop.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pydantic import ValidationError

from driftcore.errors import BadInputError, listed, one_line
from driftcore.records import RetrainingPolicy, from_json


def read_policy(table: Mapping[str, Any], **given: Any) -> RetrainingPolicy:
    """The policy that a table says, with what was given on the command line (None: not given) in its place.

    Raises
    ------
    BadInputError
        If a name or a value is not one of the policy's.

    Examples
    --------
    >>> read_policy({"trainer": "head", "max_loss": 0.01}, trainer="lowrank").trainer
    'lowrank'
    """
    known = [field.name for field in fields(RetrainingPolicy)]
    unknown = [name for name in table if name not in known]
    if unknown:
        raise BadInputError(f"[loop] knows no {one_line(unknown[0])!r}. Known: {listed(known, 20)}.")
    try:
        policy = from_json(RetrainingPolicy, {**table, **{k: v for k, v in given.items() if v is not None}})
    except ValidationError as error:
        wrong = error.errors()[0]
        name = ".".join(map(str, wrong["loc"]))
        raise BadInputError(f"[loop] {one_line(name)} is wrong: {one_line(wrong['msg'], 200)}.") from error
    shares = {"holdout": policy.holdout, "max_loss": policy.max_loss, "alpha": policy.alpha}
    for name, value in shares.items():
        if not 0 <= value < 1:
            raise BadInputError(f"[loop] {name} is {value:g}: write a share of at least 0 and below 1.")
    if policy.max_attempts < 1 or policy.replay < 0:
        raise BadInputError("[loop] max_attempts must be 1 or more, and replay 0 or more.")
    return policy
