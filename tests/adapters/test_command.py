"""A team's own script, really run: what it is given, what it may leave, and that nothing of it is left running."""

import io
import os
import shlex
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from driftcore.adapters.command import CommandTrainer
from driftcore.errors import TrainingError
from tests.adapters.handed_over import Told, task_for

# answers each file of the samples with vectors that tell the place of a row, in reversed order
ANSWERS = """
    import os, pathlib, sys
    import pyarrow as pa, pyarrow.parquet as pq
    out = pathlib.Path(os.environ["DRIFTLOOP_OUT"])
    for path in pathlib.Path(os.environ["DRIFTLOOP_SAMPLES"]).iterdir():
        table = pq.read_table(path)
        n = table.num_rows
        answer = pa.table({
            "sample_id": table["sample_id"].to_pylist()[::-1],
            "vector": [[float(row), 1.0] for row in range(n)][::-1],
            "prediction": ["refund"] * n,
            "confidence": [row / 10 for row in range(n)][::-1],
        })
        pq.write_table(answer, out / path.name)
"""


def script(folder, code):
    folder.mkdir(exist_ok=True)
    path = folder / "train me.py"
    path.write_text(textwrap.dedent(code))
    return shlex.join([sys.executable, str(path)])


def train(tmp_path, code, *, told=None, model=None, **options):
    told = told or Told()
    task = task_for(tmp_path / "attempt", model=model, command=script(tmp_path / "scripts", code), **options)
    return CommandTrainer().train(task, beat=told.beat, log=told.log)


def said_by(tmp_path, code, **options):
    with pytest.raises(TrainingError) as refused:
        train(tmp_path, code, **options)
    message = str(refused.value)
    assert "\n" not in message
    return message


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # a process that nobody has waited for yet is dead all the same
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def wait_until(true, *, for_s=20.0):
    end = time.monotonic() + for_s
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    assert true()


def test_a_script_s_answer_is_read_in_the_order_of_the_samples(tmp_path):
    trained = train(tmp_path, ANSWERS)
    validation, live = trained.splits
    assert (validation.split, live.split) == ("validation", "../live")
    assert validation.vectors.tolist() == [[0, 1], [1, 1], [2, 1]]
    assert validation.confidences.tolist() == pytest.approx([0, 0.1, 0.2])
    assert validation.predictions.tolist() == ["refund"] * 3
    assert live.vectors.shape == (1, 2)
    assert trained.model is None


def test_a_script_is_told_the_job_and_reads_the_retraining_set(tmp_path):
    told = Told()
    train(
        tmp_path,
        ANSWERS
        + """
    names = ["STORE", "JOB", "REFERENCE", "CURRENT", "CHECKPOINT", "SEED"]
    print(*(os.environ["DRIFTLOOP_" + name] for name in names))
    for row in pq.read_table(os.environ["DRIFTLOOP_RETRAINING_SET"]).to_pylist():
        print(row["sample_id"], row["text"], row["vector"])
    print("DRIFTLOOP_MODEL" in os.environ, os.getcwd() == os.path.dirname(os.environ["DRIFTLOOP_OUT"]))
    """,
        told=told,
    )
    assert told.lines == [
        "memory:// j1 wk0 wk5 wk5+j1 7",
        "a text of a [1.0, 2.0, 3.0]",
        "new =1+1 None",
        "False True",
    ]


def test_what_lies_below_model_is_kept_and_handed_to_the_next_training(tmp_path):
    keeps = (
        ANSWERS + "    (out / 'model' / 'deep').mkdir(parents=True); (out / 'model/deep/a.txt').write_text('kept')\n"
    )
    (tmp_path / "one").mkdir()
    model = train(tmp_path / "one", keeps).model
    assert zipfile.ZipFile(io.BytesIO(model)).namelist() == ["deep/a.txt"]

    told = Told()
    (tmp_path / "two").mkdir()
    reads = ANSWERS + "    print((pathlib.Path(os.environ['DRIFTLOOP_MODEL']) / 'deep/a.txt').read_text())\n"
    train(tmp_path / "two", reads, told=told, model=model)
    assert told.lines == ["kept"]


def test_the_model_of_another_trainer_is_left_aside(tmp_path):
    npz = io.BytesIO()
    np.savez(npz, weights=np.eye(2))
    told = Told()
    train(tmp_path, ANSWERS + "    print('DRIFTLOOP_MODEL' in os.environ)\n", told=told, model=npz.getvalue())
    assert told.lines == ["False"]


def test_progress_lines_move_the_job_and_progress_bars_are_logged_once(tmp_path):
    told = Told()
    code = """
    import sys, time
    sys.stdout.write("1%\\r50%\\r100%\\n")
    print("PROGRESS 0.4 epoch 2", file=sys.stderr)
    time.sleep(2.5)
    """
    train(tmp_path, code + ANSWERS, told=told)
    assert told.lines == ["100%"]
    assert ("epoch 2", 0.4) in told.beats


def test_a_failed_script_says_its_code_and_its_last_line(tmp_path):
    message = said_by(tmp_path, "print('first'); raise SystemExit('no GPU here')")
    assert message.endswith("ended with exit code 1: no GPU here.")


def test_a_script_killed_by_a_signal_says_so(tmp_path):
    (tmp_path / "term").mkdir()
    (tmp_path / "kill").mkdir()
    assert "was ended by signal 15" in said_by(tmp_path / "term", "import os; os.kill(os.getpid(), 15)")
    assert "memory runs out" in said_by(tmp_path / "kill", "import os; os.kill(os.getpid(), 9)")


def test_a_command_that_is_not_there_is_one_line(tmp_path):
    task = task_for(tmp_path / "attempt", command="no-such-trainer --fast")
    with pytest.raises(TrainingError, match=r"^Command 'no-such-trainer' could not be started: .*No such file"):
        CommandTrainer().train(task, beat=Told().beat, log=Told().log)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "needs the option command"),
        ({"command": "  "}, "needs the option command"),
        ({"command": "python 'train.py"}, "cannot be split: No closing quotation"),
        ({"command": "true", "timeout_s": "soon"}, "The option timeout_s is 'soon': a positive number is meant"),
        ({"command": "true", "cwd": "/no/such/folder"}, "The option cwd names no folder"),
    ],
)
def test_options_that_mean_nothing_are_one_line(tmp_path, options, said):
    with pytest.raises(TrainingError, match=said):
        CommandTrainer().train(task_for(tmp_path / "attempt", **options), beat=Told().beat, log=Told().log)


def test_no_shell_reads_the_command(tmp_path):
    told = Told()
    task = task_for(tmp_path / "attempt", command=f"echo $HOME ; touch {tmp_path}/made && true")
    with pytest.raises(TrainingError, match="is missing"):
        CommandTrainer().train(task, beat=told.beat, log=told.log)
    assert told.lines == [f"$HOME ; touch {tmp_path}/made && true"]
    assert not (tmp_path / "made").exists()


CHANGES = {
    "no column": ("answer.drop_columns(['vector'])", "lacks the columns vector"),
    "another sample": (
        "answer.set_column(0, 'sample_id', [['z', 'b', 'a'][:n]])",
        r"1 samples are missing \(c\); 1 are not of the split \(z\)",
    ),
    "twice": ("pa.concat_tables([answer, answer])", "duplicate id in 3 rows"),
    "not a number": ("answer.set_column(1, 'vector', [[[float('nan'), 1.0]] * n])", "NaN in the vector in 3 rows"),
    "zero": ("answer.set_column(1, 'vector', [[[0.0, 0.0]] * n])", "zero vector in 3 rows"),
    "ragged": ("answer.set_column(1, 'vector', [[[1.0] * (row + 1) for row in range(n)]])", "1, 2, 3 dimensions"),
    "no vector": ("answer.set_column(1, 'vector', [[None] * n])", "3 rows have no vector"),
    "words for vectors": ("answer.set_column(1, 'vector', [['x'] * n])", "values of another kind"),
    "words for confidence": ("answer.set_column(3, 'confidence', [['x'] * n])", "values of another kind"),
    "too sure": ("answer.set_column(3, 'confidence', [[1.5] * n])", "a confidence of 1.5 in 3 rows"),
    "no rows": ("answer.slice(0, 0)", "are empty"),
}


@pytest.mark.parametrize(("change", "said"), CHANGES.values(), ids=CHANGES)
def test_a_wrong_answer_is_one_clear_line(tmp_path, change, said):
    code = ANSWERS.replace(
        "        pq.write_table",
        f"        if path.name == 'validation.parquet': answer = {change}\n        pq.write_table",
    )
    with pytest.raises(TrainingError, match=rf"^The output 'validation\.parquet'.*{said}"):
        train(tmp_path, code)


def test_a_missing_a_strange_and_a_half_written_answer_are_one_clear_line(tmp_path):
    (tmp_path / "missing").mkdir()
    (tmp_path / "strange").mkdir()
    (tmp_path / "half").mkdir()
    (tmp_path / "widths").mkdir()
    assert "The output validation.parquet, ..%2Flive.parquet is missing" in said_by(tmp_path / "missing", "pass")
    strange = ANSWERS + "    pq.write_table(answer, out / 'test.parquet')\n"
    assert "No split belongs to the output test.parquet" in said_by(tmp_path / "strange", strange)
    half = ANSWERS + "    whole = (out / path.name).read_bytes(); (out / path.name).write_bytes(whole[:50])\n"
    assert "is not a Parquet file that can be read" in said_by(tmp_path / "half", half)
    widths = ANSWERS.replace("[float(row), 1.0]", "[1.0] * (n + 1)")
    assert "these differ: validation 4, ../live 2" in said_by(tmp_path / "widths", widths)


def test_predictions_may_be_left_out_and_embedding_is_a_name_for_vectors(tmp_path):
    code = ANSWERS.replace(
        "        pq.write_table",
        "        answer = answer.select(['sample_id', 'vector']).rename_columns(['sample_id', 'embedding'])\n"
        "        pq.write_table",
    )
    validation, _ = train(tmp_path, code).splits
    assert validation.predictions is None
    assert validation.confidences is None
    assert validation.vectors.tolist() == [[0, 1], [1, 1], [2, 1]]


# a script with a child of its own, which both would run for ever
LINGERS = """
    import os, pathlib, subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    place = pathlib.Path(sys.argv[0]).parent / "pids"
    place.with_suffix(".part").write_text(f"{os.getpid()} {child.pid}")
    os.replace(place.with_suffix(".part"), place)
"""


def pids(tmp_path):
    return [int(pid) for pid in (tmp_path / "scripts" / "pids").read_text().split()]


def test_a_script_that_takes_too_long_is_ended_with_its_children(tmp_path):
    message = said_by(tmp_path, LINGERS + "    time.sleep(600)\n", timeout_s="2")
    assert message.endswith("was ended after 2 s: give it more by the option timeout_s.")
    # a signal that was sent takes its time to arrive
    wait_until(lambda: not any(alive(pid) for pid in pids(tmp_path)))


def test_a_job_that_was_taken_over_ends_its_script_with_its_children(tmp_path):
    class TakenOverError(Exception): ...

    class Loses(Told):
        def beat(self, what, share):
            if (tmp_path / "scripts" / "pids").exists():
                raise TakenOverError

    with pytest.raises(TakenOverError):
        train(tmp_path, LINGERS + "    time.sleep(600)\n", told=Loses())
    # a signal that was sent takes its time to arrive
    wait_until(lambda: not any(alive(pid) for pid in pids(tmp_path)))


def test_children_that_a_script_leaves_behind_are_ended(tmp_path):
    train(tmp_path, LINGERS + textwrap.dedent(ANSWERS).replace("\n", "\n    "))
    # a signal that was sent takes its time to arrive
    wait_until(lambda: not any(alive(pid) for pid in pids(tmp_path)))


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_killed_leaves_no_process_behind(tmp_path, ending):
    command = script(tmp_path / "scripts", LINGERS + "    time.sleep(600)\n")
    worker = f"""
    import pathlib, signal
    from driftcore.adapters.command import CommandTrainer
    from tests.adapters.handed_over import Told, task_for
    signal.signal(signal.SIGINT, signal.default_int_handler)
    task = task_for(pathlib.Path({str(tmp_path / "attempt")!r}), command={command!r})
    CommandTrainer().train(task, beat=Told().beat, log=Told().log)
    """
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(worker)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": root},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until((tmp_path / "scripts" / "pids").exists)
        assert [alive(pid) for pid in pids(tmp_path)] == [True, True]
    finally:
        process.send_signal(ending)
        process.wait(30)
    wait_until(lambda: not any(alive(pid) for pid in pids(tmp_path)))


def test_the_retraining_set_is_an_ordinary_parquet_file(tmp_path):
    said_by(tmp_path, "pass")
    schema = pq.read_schema(tmp_path / "attempt" / "retraining_set.parquet")
    assert schema.names == ["sample_id", "text", "label", "role", "vector"]
    assert schema.field("vector").type == pa.list_(pa.float32(), 3)
