"""A training service: a signed JSON that asks for the training, its status until it is done, its answer as Parquet."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from typing import Any

from driftcore.adapters._exchange import read_split, samples_of
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
            while (state := _state(status)) == "running":
                if not isinstance(where, str):
                    raise TrainingError(f"{service.host} took the job and gave no status_url to ask at.")
                progress.said(status.get("message"), status.get("progress"))
                progress.wait(poll_s)
                status = service.status(where)
            if state == "failed":
                raise TrainingError(f"{service.host} failed: {one_line(status.get('message') or 'it said no more', 300)}")
            outputs = _outputs(task, status)
            progress.said("fetching the outputs", 1.0)
            splits = tuple(read_split(split, service.fetch(outputs[split.split])) for split in task.splits)
        model_id = status.get("model_id")
        return Trained(
            splits=splits,
            model_id=one_line(model_id) if isinstance(model_id, str) and model_id.strip() else None,
            facts={"service": service.host},
        )
