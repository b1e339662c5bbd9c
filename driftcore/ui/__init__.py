"""The dashboard's page frame, pickers, loaders and map: streamlit is imported here and nowhere else."""

from driftcore.ui._checkpoints import checkpoints_panel, evals_panel, models_panel
from driftcore.ui._chosen import selection_steps
from driftcore.ui._creep import between_panel, cluster_panel, corridor_chart, draw_matrix, pair_sentence, pick_pair
from driftcore.ui._filters import pick_beside, pick_map_choices
from driftcore.ui._finding import changed_panel, history_panel, map_columns, map_tabs, search_panel
from driftcore.ui._frame import PAGES, page, run
from driftcore.ui._handout import report_button
from driftcore.ui._jobs import job_panel, jobs_panel, load_jobs, queue_panel
from driftcore.ui._links import page_link
from driftcore.ui._live import live_traffic
from driftcore.ui._loaders import (
    load_between,
    load_checkpoints,
    load_clusters,
    load_corridor,
    load_gaps,
    load_histories,
    load_moments,
    load_report,
    load_spans,
    load_waiting,
)
from driftcore.ui._map import draw_map, map_notes
from driftcore.ui._map_loaders import load_frame, load_rows, load_selected
from driftcore.ui._offers import offer_clusters, offer_compare, offer_corridor, offer_frame, offer_timeline
from driftcore.ui._overview import attention, draw_timeline, hero, key_numbers, next_steps
from driftcore.ui._pickers import members, pick, pick_checkpoints, pick_span, pick_split
from driftcore.ui._reading import current_store
from driftcore.ui._retraining import aftermath_panel, export_panel, waiting_panel
from driftcore.ui._second_map import draw_other_map
from driftcore.ui._selection import selection_panel, span_panel, ticked_samples
from driftcore.ui._span_detail import span_detail
from driftcore.ui._tables import concept_table
from driftcore.ui._text import plain
from driftcore.ui._triage import pick_spans, pick_triaged, triage_progress
from driftcore.ui._upload import upload_panel

__all__ = [
    "PAGES",
    "aftermath_panel",
    "attention",
    "between_panel",
    "changed_panel",
    "checkpoints_panel",
    "cluster_panel",
    "concept_table",
    "corridor_chart",
    "current_store",
    "draw_map",
    "draw_matrix",
    "draw_other_map",
    "draw_timeline",
    "evals_panel",
    "export_panel",
    "hero",
    "history_panel",
    "job_panel",
    "jobs_panel",
    "key_numbers",
    "live_traffic",
    "load_between",
    "load_checkpoints",
    "load_clusters",
    "load_corridor",
    "load_frame",
    "load_gaps",
    "load_histories",
    "load_jobs",
    "load_moments",
    "load_report",
    "load_rows",
    "load_selected",
    "load_spans",
    "load_waiting",
    "map_columns",
    "map_notes",
    "map_tabs",
    "members",
    "models_panel",
    "next_steps",
    "offer_clusters",
    "offer_compare",
    "offer_corridor",
    "offer_frame",
    "offer_timeline",
    "page",
    "page_link",
    "pair_sentence",
    "pick",
    "pick_beside",
    "pick_checkpoints",
    "pick_map_choices",
    "pick_pair",
    "pick_span",
    "pick_spans",
    "pick_split",
    "pick_triaged",
    "plain",
    "queue_panel",
    "report_button",
    "run",
    "search_panel",
    "selection_panel",
    "selection_steps",
    "span_detail",
    "span_panel",
    "ticked_samples",
    "triage_progress",
    "upload_panel",
    "waiting_panel",
]
