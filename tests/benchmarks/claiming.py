"""One host of the measure `pg-claim`: lines that claim a text, open its attempt, send for a second, close it.

`python -m tests.benchmarks.claiming URL FOLDER HOST LINES SECONDS RADIO_S`: waits for a line on standard input,
then works; prints the time of each claim in milliseconds, and of empty transactions that take the
same way, as JSON: what those take is the computer's and the server's, and no claim's. There is one for every four
claims, as they take room too. A radio is no metronome: each text takes up to a tenth more or less.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

from gsmsend.contract import AttemptClose, AttemptOpen, Claimed
from gsmsend.contract.leasing import Joining
from gsmsend.engine.rules import EngineRules
from gsmsend.model import Device, Outcome, OutcomeKind, Sim, State
from gsmsend.store import SqlStore
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.server import parse

_LEASE_S = 3600.0
_EMPTY_EACH = 4


def main() -> None:
    """Be one host."""
    url, folder, host, count, seconds, radio_s = sys.argv[1:]
    with closing(SqlStore(parse(url), EngineRules(), key=OperationKey(Path(folder) / NAME))) as store:
        store.join(Joining(host, f"run of {host}", f"mark of {host}", _LEASE_S), time.time())
        lines = [_line(store, host, index) for index in range(int(count))]
        print("ready", flush=True)
        sys.stdin.readline()
        until_s, times, empty = time.monotonic() + float(seconds), list[float](), list[float]()
        work = (store, until_s, float(radio_s), times, empty)
        threads = [threading.Thread(target=_send, args=(line, *work)) for line in lines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(json.dumps({"claims": times[len(lines) :], "empty": empty}), flush=True)


def _line(store: SqlStore, host: str, index: int) -> int:
    sim = Sim(iccid=f"8944{host[-1]}{index:014d}", imsi=f"00101{host[-1]}{index:09d}")
    return store.line(sim, Device("virtual", f"virtual:{host}:{index}"), time.time()).line_id


def _send(
    line: int, store: SqlStore, until_s: float, radio_s: float, times: list[float], empty: list[float]
) -> None:
    """As a line's thread does: the next text is claimed while the radio is busy with the one before."""
    time.sleep(random.random() * radio_s)
    close: AttemptClose | None = None
    reference = 0
    while time.monotonic() < until_s:
        began_s = time.perf_counter()
        claimed = store.claim(line, 1, time.time()).result()
        times.append((time.perf_counter() - began_s) * 1000)
        if not claimed:
            return
        opened = store.advance(close, AttemptOpen(claimed[0].message_id, 1, line, time.time())).result().attempt_id
        if opened is None:
            return
        text_s = radio_s * (0.9 + random.random() / 5)
        time.sleep(text_s / 2)
        if radio_s and reference % _EMPTY_EACH == 0:
            began_s = time.perf_counter()
            store._writer.claim(lambda connection: None).result()
            empty.append((time.perf_counter() - began_s) * 1000)
        time.sleep(text_s / 2)
        reference = (reference + 1) % 256
        close = _accepted(claimed[0], opened, line, reference)
    if close is not None:
        store.advance(close, None).result()


def _accepted(message: Claimed, attempt: int, line: int, reference: int) -> AttemptClose:
    outcome = Outcome(OutcomeKind.ACCEPTED, reference=reference)
    return AttemptClose(attempt, message.message_id, 1, 1, line, outcome, time.time(), State.SENT)


if __name__ == "__main__":
    main()
