"""The dashboard's page frame, pickers, loaders and map: streamlit is imported here and nowhere else."""

from driftcore.ui._checkpoints import checkpoints_panel, evals_panel, models_panel
from driftcore.ui._chosen import camera, push_selection, selection_steps, set_camera, set_selection, undo_selection
from driftcore.ui._finding import changed_panel, history_panel, map_tabs, search_panel
from driftcore.ui._frame import page, run
from driftcore.ui._guest import guest
from driftcore.ui._loaders import (
    current_store,
    load_aftermath,
    load_frame,
    load_histories,
    load_moments,
    load_report,
    load_rows,
    load_selected,
    load_spans,
    load_waiting,
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
from driftcore.ui._retraining import aftermath_panel, export_panel, waiting_panel
from driftcore.ui._selection import selection_panel, span_panel
from driftcore.ui._span_detail import span_detail
from driftcore.ui._stash import stash_choices, unstash_choices
from driftcore.ui._tables import (
    concept_table,
    percent_text,
    points_text,
)
from driftcore.ui._text import plain
from driftcore.ui._triage import pick_spans, pick_triaged, triage_progress
from driftcore.ui._upload import upload_panel

__all__ = [
    "aftermath_panel",
    "camera",
    "changed_panel",
    "checkpoints_panel",
    "concept_table",
    "current_store",
    "draw_map",
    "evals_panel",
    "export_panel",
    "guest",
    "history_panel",
    "load_aftermath",
    "load_frame",
    "load_histories",
    "load_moments",
    "load_report",
    "load_rows",
    "load_selected",
    "load_spans",
    "load_waiting",
    "map_notes",
    "map_tabs",
    "members",
    "models_panel",
    "offer_compare",
    "offer_frame",
    "offer_timeline",
    "page",
    "percent_text",
    "pick",
    "pick_checkpoints",
    "pick_filter",
    "pick_span",
    "pick_spans",
    "pick_split",
    "pick_triaged",
    "plain",
    "points_text",
    "push_selection",
    "run",
    "search_panel",
    "selection_panel",
    "selection_steps",
    "set_camera",
    "set_selection",
    "span_detail",
    "span_panel",
    "stash_choices",
    "step_buttons",
    "triage_progress",
    "undo_selection",
    "unstash_choices",
    "upload_panel",
    "waiting_panel",
]
