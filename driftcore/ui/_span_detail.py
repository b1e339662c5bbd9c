"""One span to be read and decided on: its sentence, its words, its samples, and the buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from driftcore.records import Span, TriagedSpan
from driftcore.store import Store
from driftcore.ui._access import may_edit, person
from driftcore.ui._actions import act
from driftcore.ui._guest import guest
from driftcore.ui._loaders import load_detail, load_span_texts, load_texts
from driftcore.ui._metric import metric, metrics
from driftcore.ui._pager import rows_in_sight, turn_pages
from driftcore.ui._pickers import pick
from driftcore.ui._selection import export_button
from driftcore.ui._text import plain
from driftcore.ui._triage import open_next, status_text
from driftcore.workflows.describe_span import FLIPS, SpanDetail
from driftcore.workflows.merge_spans import merge, mergeable
from driftcore.workflows.triage import accept, annotate, dismiss, rename, reopen

_SHOWN = {"all": "All samples", **{flip: flip.capitalize() for flip in FLIPS}}


def span_detail(store: Store, chosen: TriagedSpan, spans: Sequence[TriagedSpan], shown: Sequence[TriagedSpan]) -> None:
    """A span to be read: what it is, what sets it apart, what to do with it, and its samples.

    Parameters
    ----------
    store : Store
    chosen : TriagedSpan
    spans, shown : sequences of TriagedSpan
        All spans, of which some can be merged with it; and those that the filters leave, of which the next is opened.
    """
    span = chosen.span
    detail = load_detail(span)
    st.subheader(plain(span.name), anchor=False)
    st.markdown(plain(detail.sentence))
    if detail.words:
        st.markdown(f"What sets its texts apart: **{plain(', '.join(detail.words))}**")
    st.caption(plain(_small_print(chosen)))
    if chosen.note:
        st.info(plain(chosen.note), icon=":material/sticky_note_2:")
    if may_edit():
        _buttons(store, chosen, spans, shown)
    _numbers(span, detail)
    _samples(span, detail)
    if guest() is None:
        st.page_link(
            "pages/map.py",
            label="See it on the map",
            icon=":material/scatter_plot:",
            query_params={"reference": span.reference, "current": span.current, "span": span.span_id},
        )


def _small_print(chosen: TriagedSpan) -> str:
    lines = [f"Span {chosen.span.span_id}, status: {status_text(chosen)}"]
    if chosen.decided_at is not None:
        by = f" by {chosen.who}" if chosen.who else ""
        lines.append(f"last decided on {chosen.decided_at:%Y-%m-%d %H:%M} UTC{by}")
    if chosen.decided_on is not None:
        lines.append(f"it had {chosen.decided_on:,} samples then and was found again with {chosen.span.n_samples:,}")
    if chosen.merged_into is not None:
        lines.append(f"a part of span {chosen.merged_into}")
    return f"{'; '.join(lines)}."


def _buttons(store: Store, chosen: TriagedSpan, spans: Sequence[TriagedSpan], shown: Sequence[TriagedSpan]) -> None:
    span_id = chosen.span.span_id

    def decide(verb: str, work: Callable[[], object]) -> None:
        def done() -> str:
            work()
            return f"{verb} {chosen.span.name}"

        if act("decide on spans", done):
            open_next(shown, span_id)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        if chosen.status == "merged":
            st.button(
                "Open the merged span",
                key="open-merged",
                icon=":material/arrow_forward:",
                on_click=lambda: st.session_state.update(
                    {"span": chosen.merged_into, "span-status": "all", "span-kind": "all", "span-concept": "all"}
                ),
            )
        if chosen.status in ("open", "dismissed"):
            st.button(
                "Accept",
                key="accept",
                type="primary",
                icon=":material/check:",
                shortcut="A",
                on_click=lambda: decide("Accepted", lambda: accept(store, [span_id], who=person().email)),
                help="Worth retraining on: its samples go to the waiting set on the Retraining page.",
            )
        if chosen.status in ("open", "accepted"):
            st.button(
                "Dismiss",
                key="dismiss",
                icon=":material/close:",
                shortcut="D",
                on_click=lambda: decide("Dismissed", lambda: dismiss(store, [span_id], who=person().email)),
                help="Read, and not worth retraining on.",
            )
        if chosen.status in ("accepted", "dismissed"):
            st.button(
                "Reopen",
                key="reopen",
                icon=":material/undo:",
                on_click=lambda: decide("Reopened", lambda: reopen(store, [span_id], who=person().email)),
            )
        if chosen.status != "merged":
            _merge(store, chosen, spans)
            _write(store, chosen)
        export_button(store, chosen.span)


def _merge(store: Store, chosen: TriagedSpan, spans: Sequence[TriagedSpan]) -> None:
    """Choose spans of the same two checkpoints to merge with."""
    others = {each.span_id: each for each in mergeable(chosen.span, spans)}
    with st.popover("Merge…", key="merge-open", icon=":material/merge:", on_change="rerun"):
        if not others:
            st.markdown("There is no other span between the same two checkpoints.")
            return
        wanted: list[str] = st.multiselect(
            "Merge with",
            list(others),
            key=f"merge-with-{chosen.span.span_id}",
            format_func=lambda each: f"{others[each].name} ({others[each].n_samples})",
        )
        name = st.text_input("Name of the merged span", key="merge-name", placeholder="the names of its parts")
        together = {each for part in (chosen.span, *map(others.__getitem__, wanted)) for each in part.sample_ids}
        if wanted:
            st.caption(f"{len(together):,} samples together, each counted once. The parts are kept and marked merged.")

        def merge_now() -> None:
            def done() -> str:
                span = merge(store, [chosen.span.span_id, *wanted], name=name, who=person().email)
                st.session_state["span"] = span.span_id
                return f"Merged {len(span.merged_from)} spans: {span.n_samples:,} samples"

            act("merge spans", done)
            st.session_state["merge-open"] = False

        st.button("Merge them", key="merge-now", type="primary", disabled=not wanted, on_click=merge_now)


def _write(store: Store, chosen: TriagedSpan) -> None:
    """Rename the span, or write a note beside it."""
    span = chosen.span
    # another key after each decision: what is in the store is shown, also when it was undone
    key = f"{span.span_id}-{chosen.decided_at}"

    def save(what: str, popover: str, work: Callable[[str], object]) -> None:
        def done() -> str:
            work(st.session_state[f"{what}-{key}"])
            return f"Kept the {what} of the span"

        act("write on spans", done)
        st.session_state[popover] = False

    whose = person().email
    with st.popover("Rename", key="rename-open", icon=":material/edit:", on_change="rerun"):
        st.text_input("Name", value=span.name, key=f"name-{key}", max_chars=200)
        st.button(
            "Keep the name",
            key="rename-now",
            on_click=lambda: save("name", "rename-open", lambda given: rename(store, span.span_id, given, who=whose)),
        )
    with st.popover("Note", key="note-open", icon=":material/sticky_note_2:", on_change="rerun"):
        st.text_area("Note", value=chosen.note, key=f"note-{key}", max_chars=2000, placeholder="why, or what to check")
        st.button(
            "Keep the note",
            key="note-now",
            on_click=lambda: save("note", "note-open", lambda given: annotate(store, span.span_id, given, who=whose)),
        )


def _numbers(span: Span, detail: SpanDetail) -> None:
    told = detail.samples["outcome"]
    flipped = None if (told == "unknown").all() else int((told == "right → wrong").sum())
    with metrics(key="span-numbers"):
        metric("Samples", span.n_samples, "each is in the span once")
        metric("Mispredicted", span.n_mispredicted, f"that {span.current} gets wrong")
        metric("Right → wrong", flipped, f"right at {span.reference}, wrong at {span.current}")
        metric("Mean shift", f"{span.mean_shift:.3f}", "cosine distance after alignment; 0 did not move")


def _samples(span: Span, detail: SpanDetail) -> None:
    counts = {"all": len(detail.samples), **detail.samples["outcome"].value_counts().to_dict()}
    options = [option for option in _SHOWN if counts.get(option)]
    left, right = st.columns([1, 2])
    with left:
        wanted = pick(
            "Samples to show",
            options,
            key="span-outcome",
            default="all",
            shown=lambda option: f"{_SHOWN[option]} ({counts[option]:,})",
        )
    text = right.text_input("Text to find", key="span-text", placeholder="a word or a part of one")
    passing = np.ones(len(detail.samples), dtype=bool) if wanted == "all" else detail.samples["outcome"] == wanted
    rows = np.flatnonzero(passing & load_span_texts(span, detail, text))
    if not len(rows):
        st.info("No sample of this span has this text.", icon=":material/search_off:")
        return
    _page(span, detail, rows, key=f"span-page-{span.span_id}-{wanted}-{text.strip()}")


@st.fragment
def _page(span: Span, detail: SpanDetail, rows: NDArray[np.int64], *, key: str) -> None:
    """One page of the samples; their texts are read when it is turned to."""
    seen = rows[rows_in_sight(len(rows), key=key)]
    table = detail.samples.iloc[seen]
    table.insert(0, "text", load_texts(detail.texts, seen))
    st.dataframe(
        table,
        hide_index=True,
        key="span-samples",
        placeholder="–",
        alt="Samples of the span, the most shifted first",
        column_config={
            "text": st.column_config.TextColumn(width="large"),
            "before": st.column_config.TextColumn(f"predicted, {span.reference}"),
            "now": st.column_config.TextColumn(f"predicted, {span.current}"),
            "confidence": st.column_config.NumberColumn(format="%.2f"),
            "shift": st.column_config.NumberColumn("shift (cosine)", format="%.3f"),
        },
    )
    turn_pages(len(rows), key=key, what="samples, the most shifted first. Shift 0 = did not move.")
