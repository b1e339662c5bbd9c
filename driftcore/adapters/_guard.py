"""Runs a command in a process group of its own, and ends the whole group when whoever asked for it is gone.

Started by file, with nothing but the standard library: ``python _guard.py WORD...``. Its standard input is a pipe that
the worker holds open and never writes to; the system closes it however the worker ends, killed with -9 included.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

# how long a command may take to save what it has, after it was asked to end
_GRACE_S = 5.0


def main(words: Sequence[str]) -> int:
    """Run `words`; return what a shell would: the exit code, 128 + n after signal n, 127 where it cannot be started."""
    try:
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, start_new_session=True)
    except OSError as error:
        print(f"{words[0]}: {error.strerror}", file=sys.stderr)
        return 127
    ended = threading.Event()
    watcher = threading.Thread(target=_end_with_the_pipe, args=(child.pid, ended), daemon=True)
    watcher.start()
    # not reaped yet: until then nobody else can be given the number of the group
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    ended.set()
    _signal_group(child.pid, signal.SIGKILL)
    code = child.wait()
    return 128 - code if code < 0 else code


def _end_with_the_pipe(group: int, ended: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    _signal_group(group, signal.SIGTERM)
    if not ended.wait(_GRACE_S):
        _signal_group(group, signal.SIGKILL)


def _signal_group(group: int, number: int) -> None:
    # nobody is left in it; macOS says "not permitted" where only the leader is, dead and unreaped
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    # not sys.exit: the interpreter would wait at its end for the lock of a standard input that a thread still reads
    os._exit(code)
