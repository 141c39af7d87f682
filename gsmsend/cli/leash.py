"""`python -m gsmsend.cli.leash ARGS`: gsmsend that ends when whoever started it does, however that ends.

Its standard input is the leash: a pipe whose other end the system closes with the process that holds it.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress

from gsmsend.cli import main


def _heed() -> None:
    # Not sys.stdin: Python could not end while a thread waits in its buffer.
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_heed, name="leash", daemon=True).start()
    main()
