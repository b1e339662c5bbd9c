"""Peers that come as packages, with their own defaults; loaded only in the peers' environment."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.bench.detection.protocol import Answer, Given, Method

# their memory grows with the square of the rows
KERNEL_ROWS = 1000


def evidently(name: str, **settings: object) -> Callable[[Given], Answer]:
    def answer(given: Given) -> Answer:
        import pandas as pd
        from evidently.legacy.metrics.data_drift import embedding_drift_methods as methods

        windows = windows_of(given, KERNEL_ROWS if name == "mmd" else None)
        before, after = (pd.DataFrame(window) for window in windows)
        # as its own metric sets it: a bootstrap below 1000 rows
        own = {"bootstrap": len(before) < 1000} if name == "model" else {}
        _, drifted, _ = getattr(methods, name)(**own, **settings)(after, before)
        return Answer(alarm=bool(drifted))

    return answer


def alibi_mmd(given: Given) -> Answer:
    import torch
    from alibi_detect.cd import MMDDrift

    torch.manual_seed(given.seed)
    before, after = windows_of(given, KERNEL_ROWS)
    found = MMDDrift(before, backend="pytorch", p_val=0.05, n_permutations=100).predict(after)
    return Answer(alarm=bool(found["data"]["is_drift"]))


def windows_of(given: Given, n_rows: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Both windows; where they are cut, by rows at random, the same on both sides if they are the same samples."""
    rng = np.random.default_rng(given.seed)
    first = rng.permutation(len(given.reference))[:n_rows]
    second = first if given.paired else rng.permutation(len(given.current))[:n_rows]
    return given.reference[first], given.current[second]


METHODS = (
    Method(
        name="Evidently, model",
        setting="domain classifier; AUC > .55, bootstrap below 1000 rows",
        answer=evidently("model"),
    ),
    Method(
        name="Evidently, euclidean", setting="distance of means > .2", answer=evidently("distance", dist="euclidean")
    ),
    Method(name="Evidently, cosine", setting="distance of means > .2", answer=evidently("distance", dist="cosine")),
    Method(name="Evidently, MMD", setting="> .015, at most 1000 rows a window", answer=evidently("mmd")),
    Method(
        name="Evidently, ratio",
        setting="Wasserstein > .1 in more than 20 % of the dimensions",
        answer=evidently("ratio"),
    ),
    Method(
        name="alibi-detect, MMDDrift",
        setting="PyTorch, p ≤ .05, 100 permutations, at most 1000 rows a window",
        answer=alibi_mmd,
    ),
)
