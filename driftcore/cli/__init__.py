"""The command `driftloop`: one command a workflow."""

from driftcore.cli._main import main

__all__ = ["main"]
