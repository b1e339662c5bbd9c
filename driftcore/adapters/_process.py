"""Another program, run to its end: its lines to the log, its progress to the job, and no process of it left behind."""

from __future__ import annotations

import re
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from driftcore.adapters import _guard
from driftcore.errors import TrainingError, one_line
from driftcore.records.training import Beat, Log

# "PROGRESS 0.4 epoch 2 of 5": what a program says about itself
_PROGRESS = re.compile(r"PROGRESS\s+(\d*\.?\d+)\s*(.*)")
_BEAT_EVERY_S = 2.0
_LOOK_EVERY_S = 0.2
_BLOCK = 65_536
_LONGEST_LINE = 2000
# more than the guard needs to end a program that does not want to
_PATIENCE_S = 15.0


def run(
    words: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    timeout_s: float,
    beat: Beat,
    log: Log,
    name: str,
) -> None:
    """Run a command, wait for it, and pass on what it prints.

    Whatever ends the waiting (the time is over, `beat` raises because the job was taken over, the worker is stopped or
    killed) ends the command and all processes of its group.

    Parameters
    ----------
    words : sequence of str
        The program and its arguments; no shell reads them.
    folder : Path
        Where it runs.
    environment : mapping of str to str
        All of it.
    timeout_s : float
        After so many seconds it is ended.
    beat, log : callable
        Of the job; `beat` is called every two seconds, lines like ``PROGRESS 0.4 epoch 2`` move its share.
    name : str
        What messages call the command.

    Raises
    ------
    TrainingError
        If it ends with another code than 0, is killed, or the time is over.
    """
    with subprocess.Popen(
        [sys.executable, "-I", _guard.__file__, *words],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
        # Ctrl-C is for the worker, which then ends the command in its own way
        start_new_session=True,
    ) as process:
        try:
            last = _follow(process, timeout_s=timeout_s, beat=beat, log=log, name=name)
        finally:
            _end(process)
    if process.returncode:
        said = one_line(last, limit=300) or "it printed nothing"
        raise TrainingError(f"{name} {_ended(process.returncode)}: {said}.")


def _follow(process: subprocess.Popen[bytes], *, timeout_s: float, beat: Beat, log: Log, name: str) -> str:
    """Pass on lines and beats until the command has ended; its last line."""
    began, beaten = time.monotonic(), -_BEAT_EVERY_S
    what, share, last = f"running {name}", 0.0, ""
    for lines in _looks(process):
        for line in lines:
            if said := _PROGRESS.fullmatch(line):
                what, share = said[2] or what, min(float(said[1]), 1.0)
            else:
                log(line)
                last = line
        now = time.monotonic()
        if now - began > timeout_s:
            raise TrainingError(f"{name} was ended after {timeout_s:g} s: give it more by the option timeout_s.")
        if now - beaten >= _BEAT_EVERY_S:
            beat(what, share)
            beaten = now
    return last


def _looks(process: subprocess.Popen[bytes]) -> Iterator[list[str]]:
    """The lines printed since the last look, several times a second, until the command has ended."""
    assert process.stdout is not None
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if selector.select(_LOOK_EVERY_S):
                block = process.stdout.read(_BLOCK)
                if not block:  # it has closed its output and may still run
                    selector.unregister(process.stdout)
                *whole, rest = (rest + block).split(b"\n")
                if len(rest) > _BLOCK:
                    whole, rest = [*whole, rest], b""
                yield [line for raw in whole if (line := _shown(raw))]
            elif process.poll() is None:
                yield []
            else:
                break  # and nothing more to read, even where a process that left the group holds the output open
    yield [line for line in [_shown(rest)] if line]


def _shown(raw: bytes) -> str:
    """A line as a terminal shows it in the end: what a progress bar wrote over is gone."""
    return one_line(raw.decode("utf-8", errors="replace").rstrip().rsplit("\r", 1)[-1], limit=_LONGEST_LINE)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close the guard's pipe, on which it ends the command where that still runs."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()


def _ended(code: int) -> str:
    if code in (137, -9):
        return "was killed, as it happens where memory runs out"
    if code == 127:
        return "could not be started"
    return f"was ended by signal {abs(code) % 128}" if code > 128 or code < 0 else f"ended with exit code {code}"
