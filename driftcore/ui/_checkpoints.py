"""What is stored: checkpoints, the models behind them, eval runs, and which one others are compared with."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from driftcore.records import Checkpoint, Snapshot
from driftcore.store import Store
from driftcore.ui._access import may_edit
from driftcore.ui._actions import act
from driftcore.ui._loaders import load_checkpoints, load_evals, load_snapshots
from driftcore.ui._text import plain
from driftcore.workflows.provenance import ago, differences

_SHORT = 12
_ACCURACY = {"accuracy (%)": st.column_config.NumberColumn(format="%.1f")}


def checkpoints_panel(store: Store) -> None:
    """Every checkpoint as a row, and which of them is the reference."""
    reference = _reference()
    st.dataframe(
        checkpoint_table(now=datetime.now(UTC)),
        hide_index=True,
        key="checkpoints-table",
        placeholder="–",
        alt="Checkpoints in order of time",
        column_config={
            **_ACCURACY,
            "stored at": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            "made at": st.column_config.DatetimeColumn(format="YYYY-MM-DD"),
        },
    )
    st.caption(
        f"Others are compared with {plain(reference.checkpoint)}, "
        + ("which is pinned. " if reference.pinned else "the first one; pin another to change that. ")
        + "Accuracy is on the first split that was evaluated. The fingerprint is of the content: the same vectors, "
        "texts and labels have the same one."
    )
    if may_edit():
        _pin(store, reference)


def models_panel() -> None:
    """What sets each snapshot's model apart from the reference's."""
    st.subheader("Models behind them", anchor=False)
    snapshots, reference = load_snapshots(), _reference().checkpoint
    first = next(snapshot for snapshot in snapshots if snapshot.checkpoint == reference)
    told = {
        f"{each.checkpoint} ({each.split})": differences(first, each) for each in snapshots if differences(first, each)
    }
    for name, lines in told.items():
        st.warning(f"**{plain(name)}**: {plain('; '.join(lines))}.", icon=":material/difference:")
    if not told:
        st.success(
            f"As far as is known, all snapshots were made as {plain(reference)} was: the same width, the same model.",
            icon=":material/check:",
        )
    if any(each.model.model_id is None for each in snapshots):
        st.caption(
            "Some snapshots do not say which model made them: ingest with `--model-id`, and a swapped model at the "
            "same width is noticed."
        )
    with st.expander(f"All {len(snapshots):,} snapshots"):
        st.dataframe(snapshot_table(snapshots), hide_index=True, key="snapshots-table", placeholder="–")


def evals_panel() -> None:
    """The eval runs, the newest last."""
    st.subheader("Eval runs", anchor=False)
    table = eval_table()
    if table.empty:
        st.info("No eval run is stored: add one below, or with `driftloop evaluate FILE --checkpoint NAME`.")
        return
    st.dataframe(table, hide_index=True, key="evals-table", placeholder="–", alt="Eval runs", column_config=_ACCURACY)
    st.caption("Failed: the eval tool gave no answer; these count neither as right nor as wrong.")


def checkpoint_table(*, now: datetime) -> pd.DataFrame:
    """Every checkpoint as a row, in order of time."""
    stored: dict[str, datetime] = {}
    for snapshot in load_snapshots():
        stored[snapshot.checkpoint] = max(snapshot.written_at, stored.get(snapshot.checkpoint, snapshot.written_at))
    reference, known = _reference(), load_checkpoints()
    # a column only where the loop has made something: what became of it, and why
    looped = any(each.status is not None for each in known)

    def row(each: Checkpoint) -> dict[str, object]:
        return {
            "order": each.order + 1,
            "checkpoint": each.checkpoint,
            "reference": ("pinned" if each.pinned else "first") if each == reference else "",
            **({"retrained": _became(each)} if looped else {}),
            "made at": each.at,
            "stored at": stored[each.checkpoint],
            "stored": ago(stored[each.checkpoint], now),
            "splits": ", ".join(each.splits),
            "samples": each.n_samples,
            "width (dims)": each.n_dims,
            "accuracy (%)": None if each.accuracy is None else round(100 * each.accuracy, 1),
            "fingerprint": each.fingerprint[:_SHORT],
        }

    return pd.DataFrame([row(each) for each in known])


def _reference() -> Checkpoint:
    """What others are compared with, see `Store.reference`; the page asks only where there is a checkpoint."""
    known = load_checkpoints()
    return next((each for each in known if each.pinned), known[0])


def _became(each: Checkpoint) -> str:
    if each.status is None:
        return ""
    return each.status if each.reason is None else f"{each.status}: {each.reason}"


def snapshot_table(snapshots: tuple[Snapshot, ...]) -> pd.DataFrame:
    """Every snapshot as a row, with the model that made it."""
    return pd.DataFrame(
        [
            {
                "checkpoint": each.checkpoint,
                "split": each.split,
                "samples": each.n_samples,
                "width (dims)": each.n_dims,
                "model": each.model.model_id,
                "revision": each.model.revision,
                "unit length": each.model.normalized,
                "source": each.source,
                "stored at": each.written_at,
                "fingerprint": each.fingerprint[:_SHORT],
            }
            for each in snapshots
        ]
    )


def eval_table() -> pd.DataFrame:
    """Every eval run as a row."""
    return pd.DataFrame(
        [
            {
                "checkpoint": each.checkpoint,
                "split": each.split,
                "predictions": each.n_samples,
                "failed": each.n_failed,
                "accuracy (%)": None if each.accuracy is None else round(100 * each.accuracy, 1),
                "source": each.source,
                "tool": each.tool,
                "variant": each.variant,
                "right by": each.metric,
                "samples found by": each.matched_by,
            }
            for each in load_evals()
        ]
    )


def _pin(store: Store, reference: Checkpoint) -> None:
    names = [each.checkpoint for each in load_checkpoints()]

    def pin() -> None:
        def done() -> str:
            store.pin(st.session_state["pin-checkpoint"])
            return f"{st.session_state['pin-checkpoint']} is the reference now"

        act("pin a reference", done)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Reference of the store",
            names,
            index=names.index(reference.checkpoint),
            key="pin-checkpoint",
            width=260,
            help="What others are compared with where nobody names another.",
        )
        st.button("Pin it", key="pin", icon=":material/keep:", on_click=pin)
