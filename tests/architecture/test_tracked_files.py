"""What is tracked works on any machine: no address of a package registry, no path of the machine it was written on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# written in pieces, so that this file is not the first one found
FORBIDDEN = {
    "a package registry": re.compile(
        "|".join(
            (
                r"(?:index|extra-index|find-links|registry)" + r"[-_ ]?(?:url)?\s*[=: ]\s*[\"']?https?" + r"://",
                r"py" + r"pi\.org/simple",
                r"files\.python" + r"hosted\.org",
                r"registry\.npm" + r"js\.org",
                r"https?" + r"://[^\s\"')]*(?:artifact" + r"ory|nex" + r"us|dev" + r"pi)",
            )
        ),
        re.IGNORECASE,
    ),
    "a path of this machine": re.compile(
        r"(?<![\w.])/(?:wo" + r"rk/|ro" + r"ot/|ho" + r"me/\w|Us" + r"ers/\w|pri" + r"vate/)"
    ),
}


def tracked_texts() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    # a file that is deleted and not committed yet is still listed; binary files hold a NUL early on
    return [file for file in files if file.is_file() and b"\0" not in file.read_bytes()[:8192]]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_text_names(what: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for file in tracked_texts()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if FORBIDDEN[what].search(line)
    ]

    assert found == []


def test_the_patterns_find_what_they_are_for() -> None:
    assert FORBIDDEN["a package registry"].search("--index-url " + "https" + "://example.test/simple")
    assert FORBIDDEN["a package registry"].search('"resolved": "https' + "://registry.npm" + 'js.org/x.tgz"')
    assert FORBIDDEN["a path of this machine"].search("cd /ho" + "me/ada/driftloop")
    assert not FORBIDDEN["a path of this machine"].search("https://example.test/ho" + "me/ada")
