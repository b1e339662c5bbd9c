"""A real browser for the tests: finds one, or installs Debian's, or says loudly that there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

LAUNCH_ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # WebGL in software, for machines without a graphics card
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def chromium_path() -> str | None:
    """Where Chromium or Chrome is; DRIFTLOOP_BROWSER names another, and then no other is taken."""
    named = os.environ.get("DRIFTLOOP_BROWSER")
    wanted = [named] if named else [*_NAMES, str(_MAC)]
    return next((path for path in map(shutil.which, wanted) if path), None)


def provide() -> str | None:
    """A browser's path, after installing Debian's package where there is none and it may."""
    root = os.geteuid() == 0
    may_install = shutil.which("apt-get") and (root or shutil.which("sudo")) and "DRIFTLOOP_BROWSER" not in os.environ
    if chromium_path() is None and may_install:
        print("no Chromium here: installing Debian's package …", file=sys.stderr)
        prefix = [] if root else ["sudo", "--non-interactive"]
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", "chromium"]):
            subprocess.run([*prefix, "apt-get", *command], check=False, env=quiet, stdout=subprocess.DEVNULL)
    return chromium_path()


def main() -> int:
    path = provide()
    if path is None:
        print(
            "\n*** No Chromium or Chrome on this machine, and none could be installed. The browser tests need one:\n"
            "*** install Chromium or Chrome, or name one with DRIFTLOOP_BROWSER=/path/to/chrome.\n",
            file=sys.stderr,
        )
        return 1
    print(f"browser for the tests: {Path(path).name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
