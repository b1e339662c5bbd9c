"""What waits for retraining, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from driftcore import charts, export
from driftcore.records import Span, SpanMoment, TriagedSpan, WaitingSet
from driftcore.store import Store
from driftcore.ui._access import may_edit, only_for_editors
from driftcore.ui._guest import guest
from driftcore.ui._loaders import load_aftermath
from driftcore.ui._metric import metric, metrics
from driftcore.ui._pickers import pick
from driftcore.ui._tables import percent_text, points_text
from driftcore.ui._text import plain
from driftcore.workflows.export_set import export_set
from driftcore.workflows.export_span import export_spans

_FORMATS = {
    "csv": ("CSV", "text/csv"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
    "jsonl": ("JSONL", "application/jsonl"),
    "label-studio": ("Label Studio", "application/zip"),
    "sentence-transformers": ("sentence-transformers", "application/zip"),
    "hf": ("Hugging Face dataset", "application/zip"),
    "openai": ("OpenAI chat", "application/jsonl"),
}


def waiting_panel(waiting: WaitingSet) -> None:
    """How many samples wait, of what, and how many are mispredicted."""
    n_spans, twice = len(waiting.span_ids), waiting.n_listed - waiting.n_samples
    st.subheader("Waiting for retraining", anchor=False)
    with metrics(key="waiting-numbers"):
        metric("Accepted spans", n_spans, "accepted on the Spans page")
        metric("Samples", waiting.n_samples, "each counted once, however many spans it is in")
        wrong = "that the latest of their checkpoints gets wrong; they weigh 2 in the export, the others 1"
        metric("Mispredicted", waiting.n_mispredicted, wrong)
        metric("Concepts", len(waiting.concepts), "that the samples are about")
    st.caption(
        "No sample is in two of the spans."
        if not twice
        else f"The spans list {waiting.n_listed:,} samples; {twice:,} of these are there more than once and count once."
    )
    left, right = st.columns(2)
    with left:
        _mix("Concepts", "concept", waiting.concepts, waiting.n_samples)
    with right:
        _mix("Labels", "label", waiting.labels, waiting.n_samples)


def export_panel(store: Store, waiting: WaitingSet) -> None:
    """All accepted spans as one file, each sample once, and the manifest that names them.

    What only trainers read is a whole retraining set; a folder comes as a zip with its manifest in it.
    """
    if not may_edit():
        return
    st.subheader("Export", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        format = st.selectbox(
            "Format",
            export.ALL_FORMATS,
            key="export-format",
            persist_state="session",
            format_func=lambda each: _FORMATS[each][0],
            width=240,
        )
        whole, folder = format in export.TRAINING_FORMATS, format in export.FOLDER_FORMATS
        made = partial(export_set if whole else export_spans, store, waiting.span_ids, format=format)
        name = f"retraining-set.{format}" + (".zip" if folder else ".jsonl" if whole else "")
        st.download_button(
            "Export a retraining set" if whole else f"Export {waiting.n_samples:,} samples",
            data=only_for_editors("export", lambda: made().content),
            file_name=name,
            mime=_FORMATS[format][1],
            key="export-waiting",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )
        if not folder:
            st.download_button(
                "Manifest",
                data=only_for_editors("export", lambda: made().manifest),
                file_name=f"{name}.manifest.json",
                mime="application/json",
                key="export-manifest",
                icon=":material/fact_check:",
                on_click="ignore",
            )
    st.caption(
        (
            "Traced training rows with the label they should have, samples of the spans, and as many rows of concepts "
            "that stayed; what judges a retrained checkpoint and a holdout are kept out of training. "
            if whole
            else "A sample in two spans appears once, with both reasons. "
        )
        + "The manifest names every span, its checkpoints, the policy that found it and the file's checksum"
        + ("; cells that a spreadsheet would run are made plain text." if format == "csv" else ".")
    )


def aftermath_panel(spans: Sequence[TriagedSpan]) -> None:
    """For each accepted span its accuracy and shift before, when it was found, and now; one of them in full."""
    st.subheader("What happened to them", anchor=False)
    by_id = {each.span.span_id: each.span for each in spans}
    became = load_aftermath(tuple(by_id.values()))
    st.dataframe(
        aftermath_table(by_id, became),
        hide_index=True,
        key="aftermath-table",
        placeholder="–",
        alt="Accepted spans: accuracy and shift before, when found, and now",
    )
    st.caption(
        "Accuracy is on the samples of the span only. Where the last checkpoint is at or above the reference again, "
        "what was lost on the span has come back."
    )
    chosen = by_id[
        pick(
            "Span",
            list(by_id),
            key="span",
            default=next(iter(by_id)),
            shown=lambda each: f"{by_id[each].name} · {by_id[each].current} · {each}",
        )
    ]
    moments = became[chosen.span_id]
    st.markdown(plain(aftermath_sentence(chosen, moments)))
    st.plotly_chart(charts.aftermath_figure(moments, found_at=chosen.current), key="aftermath")
    st.caption(
        "Above: the share of the span's samples that each checkpoint gets right, beside all other samples of the "
        f"split {plain(chosen.split)}. Below: how far the span's samples have moved on average since the reference, "
        "0 = not at all. Gaps are checkpoints that were not evaluated, or not compared with the reference yet."
    )
    if guest() is None:
        st.page_link(
            "pages/spans.py",
            label="Read its samples",
            icon=":material/checklist:",
            query_params={"span": chosen.span_id},
        )


def aftermath_table(spans: dict[str, Span], became: dict[str, tuple[SpanMoment, ...]]) -> pd.DataFrame:
    """Spans as rows: accuracy and shift at the reference, at the current checkpoint, and at the last one."""
    table = pd.DataFrame(
        [
            {
                "name": span.name,
                "from → to": f"{span.reference} → {span.current}",
                "samples": span.n_samples,
                "accuracy, reference (%)": _accuracy(became[span_id], span.reference),
                "accuracy, current (%)": _accuracy(became[span_id], span.current),
                "accuracy, last (%)": _accuracy(became[span_id], became[span_id][-1].checkpoint),
                "last checkpoint": became[span_id][-1].checkpoint,
                "shift, current (cosine)": _shift(became[span_id], span.current),
                "shift, last (cosine)": _shift(became[span_id], became[span_id][-1].checkpoint),
            }
            for span_id, span in spans.items()
        ]
    )
    # a column in which nothing is known is still one of numbers
    return table.astype({name: float for name in table.columns if name.startswith(("accuracy", "shift"))})


def aftermath_sentence(span: Span, moments: Sequence[SpanMoment]) -> str:
    """Before, when found, and at the last checkpoint that was evaluated, in one sentence."""
    told = {moment.checkpoint: moment.accuracy for moment in moments if moment.accuracy is not None}
    if not told:
        return "No checkpoint since the reference has an eval run of these samples: store one with driftloop evaluate."
    last = list(told)[-1]
    before, then = told.get(span.reference), told.get(span.current)
    said = f"On these {span.n_samples:,} samples accuracy was {percent_text(before)} at {span.reference} and "
    said += f"{percent_text(then)} at {span.current}, where the span was found"
    since = points_text(then, told[last])
    if last == span.current:
        return f"{said}. No later checkpoint has been evaluated yet."
    return f"{said}; at {last} it is {percent_text(told[last])}" + (f" ({since})." if since else ".")


def _mix(title: str, column: str, counts: Sequence[tuple[str, int]], total: int) -> None:
    table = pd.DataFrame(counts, columns=[column, "samples"])
    table["share (%)"] = 100 * table["samples"] / total
    st.dataframe(
        table,
        hide_index=True,
        key=f"mix-{column}",
        height=min(38 + 35 * len(table), 250),
        alt=f"{title} of the waiting samples",
        column_config={"share (%)": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100)},
    )


def _accuracy(moments: Sequence[SpanMoment], checkpoint: str) -> float | None:
    found = next((moment.accuracy for moment in moments if moment.checkpoint == checkpoint), None)
    return None if found is None else round(100 * found, 1)


def _shift(moments: Sequence[SpanMoment], checkpoint: str) -> float | None:
    found = next((moment.mean_shift for moment in moments if moment.checkpoint == checkpoint), None)
    return None if found is None else round(found, 3)
