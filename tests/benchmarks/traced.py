"""`gsmsend` under tracemalloc: `python -m tests.benchmarks.traced run ...`.

Every minute, from the third on, it tells on standard error which lines of code hold more than after the second.
"""

from __future__ import annotations

import sys
import threading
import tracemalloc

from gsmsend.cli import main

_FIRST_S, _EVERY_S, _MOST = 120.0, 60.0, 15


def _watch(over: threading.Event) -> None:
    over.wait(_FIRST_S)
    ours = (tracemalloc.Filter(inclusive=False, filename_pattern=tracemalloc.__file__),)
    first = tracemalloc.take_snapshot().filter_traces(ours)
    minutes = _FIRST_S / 60
    while not over.wait(_EVERY_S):
        minutes += _EVERY_S / 60
        now = tracemalloc.take_snapshot().filter_traces(ours)
        grown = now.compare_to(first, "lineno")
        total = sum(each.size_diff for each in grown)
        print(f"-- {minutes:g} min: {total / 1024:,.0f} KiB more", file=sys.stderr)
        for each in grown[:_MOST]:
            print(f"   {each}", file=sys.stderr)
        sys.stderr.flush()


if __name__ == "__main__":
    tracemalloc.start(1)
    ended = threading.Event()
    threading.Thread(target=_watch, args=(ended,), daemon=True).start()
    try:
        main()
    finally:
        ended.set()
