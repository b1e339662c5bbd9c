"""The dashboard's page frame, pickers, loaders and map: streamlit is imported here and nowhere else."""

from driftcore.ui._chosen import camera, push_selection, selection_steps, set_camera, set_selection, undo_selection
from driftcore.ui._finding import changed_panel, history_panel, map_tabs, search_panel
from driftcore.ui._frame import page, run
from driftcore.ui._guest import guest
from driftcore.ui._handout import report_button
from driftcore.ui._loaders import (
    current_store,
    load_frame,
    load_histories,
    load_moments,
    load_report,
    load_rows,
    load_selected,
)
from driftcore.ui._map import draw_map, map_notes
from driftcore.ui._offers import offer_compare, offer_frame, offer_timeline
from driftcore.ui._pickers import (
    members,
    pick,
    pick_checkpoints,
    pick_filter,
    pick_span,
    pick_split,
    step_buttons,
)
from driftcore.ui._selection import selection_panel, span_panel
from driftcore.ui._stash import stash_choices, unstash_choices
from driftcore.ui._tables import (
    checkpoint_table,
    concept_table,
    eval_table,
    percent_text,
    points_text,
    snapshot_table,
    span_overview,
    span_samples,
)
from driftcore.ui._text import plain

__all__ = [
    "camera",
    "changed_panel",
    "checkpoint_table",
    "concept_table",
    "current_store",
    "draw_map",
    "eval_table",
    "guest",
    "history_panel",
    "load_frame",
    "load_histories",
    "load_moments",
    "load_report",
    "load_rows",
    "load_selected",
    "map_notes",
    "map_tabs",
    "members",
    "offer_compare",
    "offer_frame",
    "offer_timeline",
    "page",
    "percent_text",
    "pick",
    "pick_checkpoints",
    "pick_filter",
    "pick_span",
    "pick_split",
    "plain",
    "points_text",
    "push_selection",
    "report_button",
    "run",
    "search_panel",
    "selection_panel",
    "selection_steps",
    "set_camera",
    "set_selection",
    "snapshot_table",
    "span_overview",
    "span_panel",
    "span_samples",
    "stash_choices",
    "step_buttons",
    "undo_selection",
    "unstash_choices",
]
