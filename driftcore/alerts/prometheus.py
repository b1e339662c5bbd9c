"""A gate as Prometheus text: for a node exporter's textfile folder or a push gateway."""

from __future__ import annotations

from collections.abc import Mapping

from driftcore.records import Gate

# the exit codes of `driftloop check`
_STATUS = {"passed": 0, "failed": 1, "not_evaluated": 3}


def prometheus(gate: Gate, *, queue: Mapping[str, int] | None = None) -> bytes:
    """The numbers of a gate in the text format that Prometheus scrapes.

    Parameters
    ----------
    gate : Gate
    queue : mapping of str to int, optional
        Jobs by state, as in ``{"queued": 2, "running": 1}``.

    Notes
    -----
    ``driftloop_gate_status`` is 0 passed, 1 failed, 3 could not be evaluated. ``driftloop_concept_displacement`` is a
    share of the mean gap between concepts.
    """
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()
    status = Gauge(
        "driftloop_gate_status", "0 passed, 1 failed, 3 could not be evaluated.", ["split"], registry=registry
    )
    status.labels(gate.split).set(_STATUS[gate.status])
    last = Gauge("driftloop_last_run_timestamp_seconds", "When the gate was asked.", ["split"], registry=registry)
    last.labels(gate.split).set(gate.at.timestamp())
    moved = Gauge(
        "driftloop_concept_displacement",
        "How far a concept moved, as a share of the mean gap between concepts.",
        ["concept", "reference", "current", "split"],
        registry=registry,
    )
    for check in gate.checks:
        if check.concept is not None and check.displacement is not None:
            moved.labels(check.concept, gate.reference, gate.current, gate.split).set(check.displacement)
    if queue is not None:
        jobs = Gauge("driftloop_queue_jobs", "Jobs of the retraining queue.", ["state"], registry=registry)
        for state, count in queue.items():
            jobs.labels(state).set(count)
    return generate_latest(registry)
