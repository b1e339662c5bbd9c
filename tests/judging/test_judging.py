"""Which samples judge: half of all, for ever, by their ids and nothing else."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcore.judging import is_judge

law = settings(deadline=None, derandomize=True, max_examples=50)


def test_the_first_bit_of_the_hash_decides() -> None:
    # by another program: printf '%s' ID | b2sum -l 8
    hashes = {"val-00000": "ad", "val-00001": "53", "Ä": "00", "a/b": "4a", "": "2e", "live/0": "e5"}
    assert is_judge(list(hashes)).tolist() == [int(code, 16) >= 0x80 for code in hashes.values()]


def test_about_half_of_all_samples_judge() -> None:
    # 10,000 throws of a coin: five standard deviations are 250
    assert abs(int(is_judge([f"sample {row}" for row in range(10_000)]).sum()) - 5_000) < 250


@given(ids=st.lists(st.text(st.characters(codec="utf-8")), max_size=20))
@law
def test_neither_the_order_nor_the_company_matters(ids: list[str]) -> None:
    alone = [bool(is_judge([each])[0]) for each in ids]
    assert is_judge(np.array(ids, dtype=object)).tolist() == alone
