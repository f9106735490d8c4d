"""Keep the solver's stray lines off standard output, where a command's answer stands.

HiGHS prints a line of its own from within branch and bound, whatever it is told. While it works, standard output goes
to a file; what others wrote there meanwhile is handed on afterwards, the solver's own lines are not.
"""

import ctypes
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_STDOUT: Final = 1
_SOLVERS_OWN: Final = b"Highs"
_ONE_AT_A_TIME: Final = threading.Lock()


@contextmanager
def quiet() -> Iterator[None]:
    """Hold standard output back while the solver works; do nothing where there is none."""
    with _ONE_AT_A_TIME:
        try:
            real = os.dup(_STDOUT)
        except OSError:
            yield
            return
        with os.fdopen(real, "wb") as after, tempfile.TemporaryFile() as held:
            _flush()
            os.dup2(held.fileno(), _STDOUT)
            try:
                yield
            finally:
                _flush()
                os.dup2(real, _STDOUT)
                held.seek(0)
                after.writelines(line for line in held if not line.startswith(_SOLVERS_OWN))


def _flush() -> None:
    """Empty Python's buffer and that of the C library: what lies there would come out on the wrong side."""
    if sys.stdout is not None and not sys.stdout.closed:
        sys.stdout.flush()
    if os.name == "posix":
        ctypes.CDLL(None).fflush(None)
