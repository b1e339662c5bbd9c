"""What is compiled before the first frame of an installation, so that no visitor waits for it."""

from __future__ import annotations

import subprocess
import sys

from driftcore import projection


def warm_up() -> bool:
    """Compile what a frame needs, and wait for it; False where that was done before."""
    if projection.is_warm():
        return False
    projection.warm_up()
    return True


def warm_up_in_background() -> None:
    """Compile it in a process of its own, at low priority, while this one goes on; nothing where that was done before.

    A frame that is asked for meanwhile compiles it, too: it waits as long as it would have, and no longer.
    """
    if projection.is_warm():
        return
    subprocess.Popen(
        [sys.executable, "-m", "driftcore.projection"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
