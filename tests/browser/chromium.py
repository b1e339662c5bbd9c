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
    """Where Chromium or Chrome is; DRIFTLOOP_BROWSER names another."""
    named = os.environ.get("DRIFTLOOP_BROWSER")
    found = [named] if named else [shutil.which(name) for name in _NAMES]
    return next((path for path in found if path), str(_MAC) if _MAC.exists() else None)


def provide() -> str | None:
    """A browser's path, after installing Debian's package where there is none and it may."""
    if chromium_path() is None and shutil.which("apt-get"):
        print("no Chromium here: installing Debian's package …", file=sys.stderr)
        prefix = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
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
