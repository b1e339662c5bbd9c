"""A training service: a signed JSON that asks for the training, its status until it is done, its answer as Parquet."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from driftcore.adapters._exchange import of_one_width, read_split, samples_of
from driftcore.adapters._options import number
from driftcore.adapters._service import Service
from driftcore.errors import TrainingError, listed, one_line
from driftcore.records.training import Beat, Log, Trained, TrainingTask

_SECRET = "DRIFTLOOP_WEBHOOK_SECRET"
_TIMEOUT_S = 86_400.0
_POLL_S = 10.0
_BEAT_EVERY_S = 2.0
_INLINE_MB = 20.0


class WebhookTrainer:
    """Asks a service to train, waits, and stores what it made.

    The options: ``url`` (needed), ``secret_env`` (the environment variable that holds the secret, by default
    DRIFTLOOP_WEBHOOK_SECRET; the secret itself is never in the store), ``poll_s`` (10), ``timeout_s`` (a day) and
    ``inline_mb`` (20).

    The request is ``{"type": "driftloop.training.requested", "data": {job_id, store, reference, current, checkpoint,
    seed, span_ids, splits, retraining_set, samples}}``, signed by the Standard Webhooks scheme; an attempt at the same
    job has the same ``webhook-id``. `retraining_set` is a list of rows. `samples`, a list of {sample_id, text, label}
    for each split, is what must be embedded; where the request would be larger than `inline_mb` it is null, and the
    service reads the splits of `current` from the store.

    The service answers ``{"state": "running", "status_url": …}``, and at that address, until it is done,
    ``{"state": "running", "progress": 0.4, "message": "epoch 2"}``; then ``{"state": "done", "outputs": {split: URL},
    "model_id": …}``, or ``{"state": "failed", "message": …}``. Each output is a Parquet file with the columns
    sample_id, vector, and where it predicts, prediction and confidence. All addresses are of the service's own host;
    requests to them are signed, too.
    """

    def train(self, task: TrainingTask, *, beat: Beat, log: Log) -> Trained:
        """Ask, wait, fetch.

        Raises
        ------
        TrainingError
            If an option is missing, the service cannot be reached, fails, takes too long, or answers something else.
        """
        url, secret = task.options.get("url", ""), _secret(task.options)
        if not url:
            raise TrainingError("The trainer 'webhook' needs the option url: the address of the service that trains.")
        deadline = time.monotonic() + number(task.options, "timeout_s", _TIMEOUT_S)
        poll_s = number(task.options, "poll_s", _POLL_S)
        body = _request(task, most=int(number(task.options, "inline_mb", _INLINE_MB) * 1e6))
        progress = _Progress(beat, log, deadline)
        with Service(url, secret=secret, wait=progress.wait) as service:
            progress.said(f"asking {service.host}")
            # the same request has the same id: a service that has begun already answers where it is
            status = service.ask(body, delivery_id=f"msg_{hashlib.sha256(body).hexdigest()[:32]}")
            where = status.get("status_url")
            while (state := _state(status, service.host)) == "running":
                if not isinstance(where, str):
                    raise TrainingError(f"{service.host} took the job and gave no status_url to ask at.")
                progress.said(status.get("message"), status.get("progress"))
                progress.wait(poll_s)
                status = service.status(where)
            if state == "failed":
                raise TrainingError(
                    f"{service.host} failed: {one_line(status.get('message') or 'it said no more', 300)}"
                )
            outputs = _outputs(task, status, service.host)
            progress.said("fetching the outputs", 1.0)
            made = [read_split(split, service.fetch(outputs[split.split])) for split in task.splits]
        model_id = status.get("model_id")
        return Trained(
            splits=of_one_width(made),
            model_id=one_line(model_id) if isinstance(model_id, str) and model_id.strip() else None,
            facts={"service": service.host},
        )


class _Progress:
    """Beats while somebody else works, and gives up when the time is over."""

    def __init__(self, beat: Beat, log: Log, deadline: float) -> None:
        self._beat, self._log, self._deadline = beat, log, deadline
        self._what, self._share = "", 0.0

    def said(self, what: object, share: object = None) -> None:
        """What the service says about itself, which may be anything."""
        if what and (line := one_line(what, 300)) != self._what:
            self._what = line
            self._log(line)
        if isinstance(share, int | float) and 0 <= share <= 1:
            self._share = float(share)
        self._beat(self._what, self._share)

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if time.monotonic() > self._deadline:
                raise TrainingError("The service took too long: give it more by the option timeout_s.")
            time.sleep(min(left, _BEAT_EVERY_S))
            self._beat(self._what, self._share)


def _secret(options: Mapping[str, str]) -> str:
    name = options.get("secret_env") or _SECRET
    secret = os.environ.get(name)
    if not secret:
        raise TrainingError(f"The trainer 'webhook' signs its requests: set {one_line(name)} where the worker runs.")
    return secret


def _request(task: TrainingTask, *, most: int) -> bytes:
    """The request; without the samples where they make it too large."""
    data = {
        "job_id": task.job_id,
        "store": task.store,
        "reference": task.reference,
        "current": task.current,
        "checkpoint": task.checkpoint,
        "seed": task.seed,
        "span_ids": sorted(set(task.rows["span_id"].dropna().astype(str))) if "span_id" in task.rows.columns else [],
        "splits": [split.split for split in task.splits],
        "retraining_set": _records(task.rows),
    }
    asked = _encoded({**data, "samples": None})
    if len(asked) > most:
        raise TrainingError(
            f"The retraining set makes a request of {len(asked) / 1e6:.2g} MB, and inline_mb is {most / 1e6:g}: raise "
            "it, or use the trainer 'command'."
        )
    whole = _encoded({**data, "samples": {split.split: _records(samples_of(split)) for split in task.splits}})
    return whole if len(whole) <= most else asked


def _records(table: pd.DataFrame) -> list[dict[Hashable, Any]]:
    cells = table.astype(object)
    return cells.where(table.notna(), None).to_dict(orient="records")


def _encoded(data: Mapping[str, Any]) -> bytes:
    request = {"type": "driftloop.training.requested", "data": data}
    # default: numbers of numpy and times
    return json.dumps(request, ensure_ascii=False, allow_nan=False, default=_plain).encode("utf-8")


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else str(value)


def _state(status: Mapping[str, Any], host: str) -> str:
    state = status.get("state")
    if state not in ("running", "done", "failed"):
        raise TrainingError(f"{host} says the state {one_line(state)!r}: running, done or failed is meant.")
    return str(state)


def _outputs(task: TrainingTask, status: Mapping[str, Any], host: str) -> dict[str, str]:
    """The address of every split's output."""
    outputs = status.get("outputs")
    outputs = outputs if isinstance(outputs, dict) else {}
    named = {split.split: outputs.get(split.split) for split in task.splits}
    if missing := [split for split, where in named.items() if not isinstance(where, str)]:
        raise TrainingError(
            f"{host} is done and gives no output for {listed(missing)}: its outputs are {listed(outputs)}."
        )
    return {split: str(where) for split, where in named.items()}
