"""A small bank's support chat: our own phrases, a model really trained on them, and a drift nobody painted.

>>> from pathlib import Path
>>> from driftcore.demo import weeks
>>> for week in weeks(Path("data/support_phrases.toml"), n_weeks=1):
...     print(week.checkpoint, [(split.split, len(split.sample_ids)) for split in week.splits])
2026-W01 [('validation', 1800), ('live', 1200), ('train', 3500)]
"""

from driftcore.demo.story import Split, Week, WeekSplit, weeks

__all__ = ["Split", "Week", "WeekSplit", "weeks"]
