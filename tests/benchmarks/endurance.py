"""An array of modems at work for an hour while modems are pulled out, put back and hang: what it costs and loses.

`python -m tests.benchmarks endurance [--minutes 60] [--modems 64] [--seed N]`. The queue is a little longer than
the array can send in that time; then nothing more happens to the modems and the run sends what is left.
A modem counts as healthy outside its outage and GRACE_S after it is registered again: the time within which it
has to send again. What lies between is told apart (replug to next text), and so is the share with no grace.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from tests.benchmarks import radio_record
from tests.benchmarks.footprint import Footprint
from tests.benchmarks.harness import GSMSEND, TEXT, Figure, operation
from tests.benchmarks.mishaps import Mishap, Mishaps
from tests.benchmarks.radio_record import Outage, RadioRecord
from tests.crash.near_side import copied
from tests.faults.far_side import FarSide, environment

GRACE_S = 2.0
SHARE, GROWTH_MIB = 0.97, 5.0
RADIO_S, REPORT_S = 1.0, 2.0
KINDS = ("generic", "quectel")
"""Families whose prompt comes at once: with a prompt that takes 30 ms (a SIM800's) no program keeps the radio busy
for more than 0.97 of the time. The second takes 6 s to register, as modems do."""
_LOOK_S = 5.0
_WARM_UP_SHARE, _WARM_UP_S = 0.3, 600.0
"""Memory is compared after this part of the time, ten minutes at most."""
_MORE = 1.01
"""Texts for so many times what the array can send: the queue must not run dry before the time is over."""
_DRAIN_S, _QUIET_S = 600.0, 10.0
_NUMBERS = 1000
_OUT = {"sent", "delivered", "undelivered", "unconfirmed"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What to do. `traced`: have tracemalloc tell what grew (it slows the run); `keep` the folder."""

    minutes: float = 60.0
    modems: int = 64
    seed: int = 1
    traced: bool = False
    keep: Path | None = None

    @property
    def seconds(self) -> float:
        """How long modems are pulled out and hang."""
        return 60 * self.minutes

    @property
    def texts(self) -> int:
        """How long the queue is."""
        return int(self.seconds / RADIO_S * self.modems * _MORE) + 3 * self.modems

    @property
    def command(self) -> str:
        """To do the same again."""
        wishes = f"--minutes {self.minutes:g} --modems {self.modems} --seed {self.seed}"
        return f"python -m tests.benchmarks endurance {wishes}"


@dataclass(slots=True)
class Told:
    """What the run said: events by kind, the last totals, warnings and errors by their first words."""

    events: Counter[str] = field(default_factory=Counter)
    totals: dict[str, int] = field(default_factory=dict)
    notices: Counter[str] = field(default_factory=Counter)
    exit_code: int = -1

    @property
    def unsent(self) -> int:
        """As told last: texts that are queued or being sent."""
        return self.totals.get("queued", 1) + self.totals.get("sending", 0)

    def hear(self, stream: object) -> None:
        """Read to the end, so that the run never waits for its reader."""
        for line in stream:  # type: ignore[attr-defined]  # a text stream
            event = json.loads(line)
            self.events[event["event"]] += 1
            self.totals = event.get("totals", self.totals)
            if event["event"] == "notice" and event["level"] != "info":
                self.notices[str(event["text"])] += 1


@dataclass(frozen=True, slots=True)
class Books:
    """The store against the network's record."""

    recipients: int
    states: Counter[str]
    lost: int
    twice: int
    wrong: int
    went_out: int


@dataclass(slots=True)
class Hour:
    """All that was seen."""

    wish: Wish
    first_s: float = 0.0
    last_s: float = 0.0
    footprint: Footprint = field(default_factory=Footprint)
    told: Told = field(default_factory=Told)
    mishaps: list[Mishap] = field(default_factory=list)
    verified: str = ""

    @property
    def warm_s(self) -> float:
        """From when on memory is looked at."""
        return self.first_s + min(_WARM_UP_S, _WARM_UP_SHARE * (self.last_s - self.first_s))


def endurance(wish: Wish, screen: Console) -> list[Figure]:
    """Do it, say how it went, give the figures."""
    screen.print(f"seed {wish.seed}; again: {wish.command}", highlight=False)
    with tempfile.TemporaryDirectory(prefix="gsmsend-endurance-") as name:
        folder = wish.keep or Path(name)
        folder.mkdir(exist_ok=True)
        hour = Hour(wish)
        far = FarSide(folder, wish.modems, [
            "--radio", str(RADIO_S), "--report-delay", str(REPORT_S), "--seed", str(wish.seed),
            *(word for kind in KINDS for word in ("--personality", kind)),
        ])  # fmt: skip
        try:
            place = operation(folder, wish.texts)
            screen.print(f"{wish.texts:,} texts are queued; {wish.minutes:g} minutes of mishaps begin")
            _run(hour, far, place, screen)
        finally:
            far.stop()
        record = radio_record.read(folder / "bench.jsonl")
        books = audit(record, place, wish.texts)
        hour.verified = _verified(place)
        _tell(hour, record, books, screen)
        return [*_figures(hour, record, books)]


def _run(hour: Hour, far: FarSide, place: Path, screen: Console) -> None:
    wish, told = hour.wish, hour.told
    launched = [sys.executable, "-m", "tests.benchmarks.traced"] if wish.traced else GSMSEND
    command = [*launched, "run", "--operation", str(place), "--json", "--stay", "--port", str(far.folder)]
    errors = place.parent / "run.err"
    with (
        errors.open("w", encoding="utf-8") as sink,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=sink, text=True, env=environment()) as child,
    ):
        hearing = threading.Thread(target=told.hear, args=(child.stdout,), daemon=True)
        hearing.start()
        try:
            _mistreat(hour, far, child, screen)
            _drain(hour, child, screen)
            child.terminate()
            told.exit_code = child.wait(120)
        finally:
            if child.poll() is None:
                child.kill()
        hearing.join(30)


def _mistreat(hour: Hour, far: FarSide, child: subprocess.Popen[str], screen: Console) -> None:
    """From the first text on, for the time that was asked."""
    while not far.log.exists() or b'"event":"submit"' not in far.log.read_bytes():
        _alive(child)
        time.sleep(0.2)
    hour.first_s = time.time()
    mishaps = Mishaps(random.Random(f"{hour.wish.seed}"), hour.wish.modems)
    next_look_s = next_word_s = 0.0
    while (since_s := time.time() - hour.first_s) < hour.wish.seconds:
        _alive(child)
        for mishap in mishaps.due(since_s):
            far.fault(mishap.switch)
            hour.mishaps.append(mishap)
        if since_s >= next_look_s:
            next_look_s += _LOOK_S
            hour.footprint.look(child.pid, time.time())
        if since_s >= next_word_s:
            next_word_s += 300.0
            _word(hour, since_s, screen)
        time.sleep(0.25)
    hour.last_s = time.time()


def _word(hour: Hour, since_s: float, screen: Console) -> None:
    """A line now and then, for whoever waits."""
    if not hour.footprint.samples:
        return
    now = hour.footprint.samples[-1]
    screen.print(
        f"{since_s / 60:5.1f} min  {hour.told.events['part']:>7,} parts answered  rss {now.rss_mib:.1f} MiB  "
        f"pss {now.pss_mib:.1f} MiB  {now.threads} threads  {now.files} files  load {now.load:.1f}",
        highlight=False,
    )  # fmt: skip


def _drain(hour: Hour, child: subprocess.Popen[str], screen: Console) -> None:
    """Until nothing is queued or being sent, all modems are back, and no more reports come."""
    told, until_s, before = hour.told, time.monotonic() + _DRAIN_S, -1
    ends = (hour.first_s + mishap.at_s + mishap.lasts_s for mishap in hour.mishaps)
    quiet_s = time.monotonic() + max(0.0, max(ends, default=0.0) - time.time())
    while time.monotonic() < until_s and (told.unsent or time.monotonic() - quiet_s < _QUIET_S):
        _alive(child)
        if told.events["report"] != before:
            before, quiet_s = told.events["report"], max(quiet_s, time.monotonic())
        time.sleep(1)
    screen.print(f"after the mishaps {told.unsent:,} were left in the queue", highlight=False)


def _alive(child: subprocess.Popen[str]) -> None:
    if child.poll() is not None:
        raise SystemExit(f"the run ended by itself with {child.returncode}")


def audit(record: RadioRecord, place: Path, texts: int) -> Books:
    """Hold each message against what went on air. Messages stand in the store in the order of the list."""
    states: Counter[str] = Counter()
    lost = twice = wrong = went_out = 0
    with copied(place) as store:
        assert store is not None
        found = store.execute("SELECT id, campaign_id, number, state FROM messages ORDER BY id")
        for index, (message_id, campaign_id, number, state) in enumerate(found):
            key = f"+447700{900_000 + index % _NUMBERS}", f"{TEXT}{index // _NUMBERS:04d}"
            assert store.vault.number(campaign_id, message_id, number) == key[0], "the list is in another order"
            times = record.accepted.get(key, 0)
            states[state] += 1
            twice += times > 1
            went_out += state == "uncertain" and times > 0
            lost += state in _OUT and times == 0
            wrong += state not in _OUT and state != "uncertain" and times > 0
    lost += texts - states.total() + states["failed"]
    return Books(texts, states, lost, twice, wrong, went_out)


def _verified(place: Path) -> str:
    began_s = time.monotonic()
    done = subprocess.run(
        [*GSMSEND, "verify", "--operation", str(place)], capture_output=True, text=True, check=False,
        env=environment(),
    )  # fmt: skip
    return f"gsmsend verify ended with {done.returncode} after {time.monotonic() - began_s:.0f} s"


def waits(outages: list[Outage], *, unplugged: bool, sending: bool | None = None) -> list[float]:
    """Seconds from registration to the next text."""
    return sorted(
        out.next_s - out.back_s
        for out in outages
        if out.back_s is not None and out.next_s is not None and out.unplugged is unplugged
        and sending in (None, out.sending)
    )  # fmt: skip


def _percentile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def _tell(hour: Hour, record: RadioRecord, books: Books, screen: Console) -> None:
    """What is no figure, in plain words."""
    first_s, last_s, told = hour.first_s, hour.last_s, hour.told
    unplugged = sum(mishap.kind == "unplug" for mishap in hour.mishaps)
    lines = [
        f"{len(hour.mishaps)} mishaps: {unplugged} unplugged, {len(hour.mishaps) - unplugged} hung",
        f"messages by state: {dict(books.states)}; of the uncertain {books.went_out} went out",
        f"the run ended with {told.exit_code}; {hour.verified}",
        f"load of the machine: {hour.footprint.load(first_s, last_s):.1f} on {os.cpu_count()} cores",
        *(
            f"busy with {grace:g} s of grace: {record.share(first_s, last_s, grace):.4f}"
            for grace in (0, 2, 5, 10, 30)
        ),
        f"busy, outages counted as well: {record.share(first_s, last_s, None):.4f}",
    ]
    for name, unplug in (("plugged in", True), ("answers again", False)):
        for words, sending in (("between texts", False), ("in mid-submission", True)):
            found = waits(record.outages, unplugged=unplug, sending=sending)
            lines.append(f"{name}, was {words}: next text after {[round(each, 1) for each in found]} s")
    for words, count in told.notices.most_common(12):
        lines.append(f"{count:>4} x {words}")
    for name in ("rss_mib", "pss_mib", "anonymous_mib", "threads", "files"):
        before, after = hour.footprint.ends(name, hour.warm_s, last_s)
        lines.append(f"{name}: {before:.1f} after {(hour.warm_s - first_s) / 60:.1f} min, {after:.1f} at the end")
    for line in lines:
        screen.print(line, highlight=False, soft_wrap=True)


def _figures(hour: Hour, record: RadioRecord, books: Books) -> list[Figure]:
    first_s, last_s, warm_s, footprint = hour.first_s, hour.last_s, hour.warm_s, hour.footprint
    share = record.share(first_s, last_s, GRACE_S)
    plugged, whole = waits(record.outages, unplugged=True), waits(record.outages, unplugged=False)
    clean = waits(record.outages, unplugged=True, sending=False)
    sent = sum(first_s <= at_s <= last_s for at_s in record.submits)
    rss, pss = (footprint.growth(name, warm_s, last_s) for name in ("rss_mib", "pss_mib"))
    threads, files = (footprint.growth(name, warm_s, last_s) for name in ("threads", "files"))
    never = sum(out.back_s is not None and out.next_s is None for out in record.outages)
    return [
        Figure(f"{hour.wish.modems} modems, {hour.wish.minutes:g} min: healthy radios busy", share, "", str(SHARE),
               share >= SHARE),
        Figure("texts lost, or failed", books.lost, "", "0", books.lost == 0),
        Figure("texts twice", books.twice, "", "0", books.twice == 0),
        Figure("texts on air that the store does not know of", books.wrong, "", "0", books.wrong == 0),
        Figure("uncertain, for a person", books.states["uncertain"], ""),
        Figure("memory growth, RSS", rss, "MiB", f"< {GROWTH_MIB:g} MiB", rss < GROWTH_MIB),
        Figure("memory growth, PSS", pss, "MiB", f"< {GROWTH_MIB:g} MiB", pss < GROWTH_MIB),
        Figure("more threads at the end", threads, "", "0", threads <= 0),
        Figure("more open files at the end", files, "", "0", files <= 0),
        Figure("CPU a text", 1000 * footprint.cpu_s(first_s, last_s) / max(1, sent), "ms"),
        Figure("registered to next text, unplugged between texts: median", _percentile(clean, 0.5), "s"),
        Figure("the same, p95", _percentile(clean, 0.95), "s"),
        Figure("registered to next text, unplugged at all: median", _percentile(plugged, 0.5), "s"),
        Figure("the same, p95", _percentile(plugged, 0.95), "s"),
        Figure("answers again to next text: median", _percentile(whole, 0.5), "s"),
        Figure("the same, longest", whole[-1] if whole else float("nan"), "s"),
        Figure("modems that came back and sent nothing more", never, "", "0", never == 0),
    ]  # fmt: skip
