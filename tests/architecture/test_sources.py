"""What may stand in the files that are handed on."""

from __future__ import annotations

import subprocess
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAX_LINES = 400

# in halves, so that this file does not name them
REGISTRIES = ["pypi" + ".org", "python" + "hosted.org", "deb" + ".debian.org", "registry" + ".npmjs", "npm" + "mirror"]
THIS_MACHINE = ["/work" + "/", "/opt" + "/pypi", "/opt" + "/wheels", "/root" + "/", ".py" + "env/", "bash" + "_jobs"]
MADE_HERE = ("*.lance", "*_cache", ".hypothesis", ".git", ".venv", "__pycache__", "build", "dist")


def handed_on() -> list[Path]:
    """Every file that is committed or about to be; in a tarball, which has no .git, all that were not made here."""
    if (ROOT / ".git").exists():
        # safe.directory: a checkout that belongs to another user, as in a container, is read all the same
        command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        paths = [ROOT / name for name in listed.split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not was_made_here(path)]
    return [path for path in paths if path.is_file()]


def was_made_here(path: Path) -> bool:
    return any(fnmatch(part, pattern) for part in path.relative_to(ROOT).parts for pattern in MADE_HERE)


def text_of(path: Path) -> str:
    """The text of a file; nothing where it is a picture or another binary."""
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8", errors="replace")


def places_that_name(words: list[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {word}"
        for path in handed_on()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        for word in words
        if word in line
    ]


def test_there_are_files_to_look_at():
    assert ROOT / "pyproject.toml" in handed_on()
    assert Path(__file__) in handed_on()


def test_no_file_names_the_address_of_a_registry():
    assert places_that_name(REGISTRIES) == []


def test_no_file_names_a_path_of_the_machine_it_was_written_on():
    assert places_that_name(THIS_MACHINE) == []


def test_no_module_is_longer_than_one_question():
    lengths = {str(path.relative_to(ROOT)): len(text_of(path).splitlines()) for path in handed_on()}
    written = {
        name: n for name, n in lengths.items() if name.startswith("driftcore/") and not name.endswith("lock.json")
    }
    assert {name: n for name, n in written.items() if n > MAX_LINES} == {}


def test_the_constraints_are_names_and_versions_only():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert [line for line in lines if line.count("==") != 1 or set(line) & set(" /@:;")] == []
