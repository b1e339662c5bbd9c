"""`driftloop check`, as a pipeline runs it: last line, exit code, files, and the composite action's own shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree as ET

import pytest

from driftcore import open_store
from driftcore.testing import moved
from driftcore.workflows.alert import alert, webhook_secret
from driftcore.workflows.check import check
from tests.cli.road import DRIFTLOOP, MOVED, SHARE, TOWARD, WORLD, driftloop, ingest, snapshot_file

ACTION = Path(__file__).parents[2] / "action.yml"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """wk0, wk1 with nothing moved, wk2 with a concept that moved, and a split of another width."""
    folder = tmp_path_factory.mktemp("gate")
    wk2 = moved(WORLD, MOVED, toward=TOWARD, share=SHARE)
    for week, vectors in enumerate((WORLD.vectors, WORLD.vectors, wk2)):
        file = snapshot_file(folder / f"wk{week}.parquet", vectors)
        assert ingest(file, f"wk{week}", week + 1, folder / "store").code == 0
    return folder / "store"


def test_a_gate_that_passes_ends_with_0_and_says_so_last(store: Path) -> None:
    done = driftloop("check", "--current", "wk1", "--store", store)
    assert (done.code, done.out.splitlines()[-1].split(":")[0]) == (0, "passed")


def test_a_gate_that_fails_ends_with_1_and_writes_every_file(store: Path, tmp_path: Path) -> None:
    files = {name: tmp_path / f"gate.{name}" for name in ("junit", "markdown", "prometheus")}
    options = [part for name, path in files.items() for part in (f"--{name}", path)]
    done = driftloop("--store", store, "check", *options)

    assert (done.code, done.out.splitlines()[-1].split(":")[0]) == (1, "failed")
    assert len(ET.parse(files["junit"]).findall(".//failure")) >= 2
    assert files["markdown"].read_text(encoding="utf-8").startswith("### ❌ Driftloop: failed")
    told = files["prometheus"].read_text(encoding="utf-8")
    assert 'driftloop_gate_status{split="validation"} 1.0' in told
    assert 'driftloop_queue_jobs{state="queued"} 0.0' in told
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in files.values())


def test_what_cannot_be_evaluated_ends_with_3_and_an_error_in_junit(store: Path, tmp_path: Path) -> None:
    done = driftloop("check", "--current", "wk0", "--store", store, "--junit", tmp_path / "gate.xml")
    assert (done.code, done.out.splitlines()[-1].split(":")[0]) == (3, "not evaluated")
    root = ET.parse(tmp_path / "gate.xml").getroot()
    assert (root.get("errors"), len(root.findall(".//error"))) == ("1", 1)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--fail-on", "silnet"), "Known to --fail-on: stable"),
        (("--current", "wk9"), "Known: wk0, wk1, wk2"),
        (("--split", "nope"), "No checkpoint has the split 'nope'. Known: validation"),
        (("--webhook", "not an address"), "The address of a webhook is"),
        (("--junit", "/no/such/folder/gate.xml"), "folder that does not exist"),
        (("--markdown", "."), "is a folder"),
    ],
)
def test_bad_input_ends_with_2_and_one_line(store: Path, options: tuple[str, ...], says: str) -> None:
    done = driftloop("check", "--store", store, *options)
    assert done.code == 2 and says in done.complaint


def test_json_is_one_document_and_the_last_line_goes_beside_it(store: Path) -> None:
    done = driftloop("check", "--current", "wk1", "--store", store, "--json")
    assert (done.json["status"], done.json["current"]) == ("passed", "wk1")
    assert done.err.startswith("passed: ")


def test_an_alert_that_is_lost_is_said_and_the_gate_stays_what_it_was(store: Path) -> None:
    done = driftloop("check", "--current", "wk1", "--store", store, "--webhook", "http://127.0.0.1:1/very-secret")
    assert done.code == 0 and "did not reach 127.0.0.1" in done.err and "very-secret" not in done.err


def test_addresses_and_the_secret_come_from_the_settings(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTLOOP_WEBHOOK_SECRET", "a secret of some length")
    monkeypatch.setenv("DRIFTLOOP_SLACK_URL", "nonsense")
    assert driftloop("webhook-secret", "--store", store).out.strip() == "a secret of some length"
    assert driftloop("check", "--store", store).code == 2


def test_the_webhook_secret_of_a_store_stays_and_is_not_the_one_that_signs_links(store: Path) -> None:
    opened = open_store(store)
    derived = driftloop("webhook-secret", "--store", store).out.strip()
    assert derived == webhook_secret(opened, None)
    assert derived.startswith("whsec_") and opened.secret() not in derived


def test_each_lost_alert_is_told_in_a_line(store: Path) -> None:
    opened = open_store(store)
    gate = check(opened, current="wk1")
    assert len(alert(opened, gate, webhook="http://127.0.0.1:1/a", slack="http://127.0.0.1:1/b")) == 2
    assert alert(opened, gate) == ()


def shell_steps() -> list[str]:
    """The scripts of the action's steps, as GitHub would hand them to bash."""
    block = re.compile(r"^      run: (?:\|\n((?:        .*\n|\n)+)|(.*)\n)", re.MULTILINE)
    return [dedent(long) or short for long, short in block.findall(ACTION.read_text(encoding="utf-8"))]


def run_gate(folder: Path, **inputs: object) -> tuple[int, str, str]:
    """Run the gate's step; returns its exit code, its outputs and the summary that it wrote."""
    outputs, summary = folder / "outputs", folder / "summary"
    outputs.touch()
    summary.touch()
    given = {"REFERENCE": "", "CURRENT": "", "SPLIT": "validation", "FAIL_ON": "silent,regression", "JUNIT": ""}
    given |= {name: str(value) for name, value in inputs.items()}
    path = os.pathsep.join([str(DRIFTLOOP.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(summary)}
    # as GitHub runs `shell: bash`
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", shell_steps()[1]]
    done = subprocess.run(
        command, cwd=folder, env={**environment, **given}, capture_output=True, text=True, encoding="utf-8", check=False
    )
    return done.returncode, outputs.read_text(encoding="utf-8"), summary.read_text(encoding="utf-8")


def test_no_input_of_the_action_is_pasted_into_a_script() -> None:
    steps = shell_steps()
    assert len(steps) == 2
    assert not [step for step in steps if "${{" in step]
    # every variable that a script reads was given by `env`, each from one input
    text = ACTION.read_text(encoding="utf-8")
    given = dict(re.findall(r"^        ([A-Z_]+): \$\{\{ inputs\.([a-z-]+) \}\}$", text, re.MULTILINE))
    declared = set(re.findall(r"^  ([a-z-]+):$", text[text.index("inputs:") : text.index("outputs:")], re.MULTILINE))
    assert set(given.values()) == declared
    github = {"GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"}
    assert set(re.findall(r"\$\{?([A-Z_]+)", "".join(steps))) == set(given) | github


def test_the_action_fails_a_drift_writes_the_summary_and_says_what_was_found(store: Path, tmp_path: Path) -> None:
    code, outputs, summary = run_gate(tmp_path, STORE=store, JUNIT="gate.xml")
    assert code == 1
    assert outputs.startswith("status=failed\nsentence='wk2' against 'wk0'") and len(outputs.splitlines()) == 2
    assert summary.startswith("### ❌ Driftloop: failed")
    assert ET.parse(tmp_path / "gate.xml").getroot().get("failures") != "0"


def test_the_action_runs_nothing_that_stands_in_an_input(store: Path, tmp_path: Path) -> None:
    code, outputs, _ = run_gate(tmp_path, STORE=store, CURRENT='wk1"; touch pwned; $(touch pwned) `touch pwned`')
    assert (code, outputs) == (2, "")
    assert not (tmp_path / "pwned").exists()
    # what begins with a dash is a value all the same
    assert run_gate(tmp_path, STORE=store, CURRENT="--json")[0] == 2


def test_the_action_passes_where_nothing_moved(store: Path, tmp_path: Path) -> None:
    code, outputs, summary = run_gate(tmp_path, STORE=store, REFERENCE="wk0", CURRENT="wk1")
    assert (code, outputs.splitlines()[0]) == (0, "status=passed")
    assert summary.startswith("### ✅ Driftloop: passed")
