"""Which samples judge a retrained checkpoint: half of all, by their ids, and never part of a retraining set."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray


def is_judge(sample_ids: Sequence[str] | NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether each sample is a judge: true for about half of them, for ever, in every store and split.

    A judge only ever scores a retrained checkpoint; the others, the pool, may be trained on. The choice is the first
    bit of the BLAKE2b hash of the id in UTF-8, so it depends on nothing else.

    Parameters
    ----------
    sample_ids : sequence of str, length n_samples

    Returns
    -------
    bool array of shape (n_samples,)

    Examples
    --------
    >>> is_judge(["val-00000", "val-00001", "val-00002", "val-00003"]).tolist()
    [True, False, True, False]
    """
    bits = (blake2b(sample_id.encode(), digest_size=1).digest()[0] >> 7 for sample_id in sample_ids)
    return np.fromiter(bits, dtype=bool, count=len(sample_ids))
