"""An exported span says truly where it came from."""

from __future__ import annotations

import json
from pathlib import Path

from driftcore import DriftPolicy, compare, export_span, open_store
from tests.workflows.worlds import store_checkpoint


def test_the_manifest_quotes_the_policy_that_found_the_span(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.lance")
    store_checkpoint(store, "before", week=0)
    store_checkpoint(store, "after", week=1, share=0.25)
    strict = DriftPolicy(min_effect=0.1)

    report = compare(store, "before", "after", policy=strict)
    exported = export_span(store, report.spans[0].span_id)

    assert json.loads(exported.manifest)["policy"]["min_effect"] == 0.1
    # and nothing was compared again under another policy on the way
    assert [kept.policy for kept in store.reports.all()] == [strict]
