"""``python -m driftcore.projection``: compile what a frame needs, at low priority, before anybody waits for it."""

import os

from driftcore.projection import warm_up

if hasattr(os, "nice"):
    os.nice(19)
warm_up()
