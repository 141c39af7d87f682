"""Modems that come and go while `gsmsend run` runs, over the virtual bench: its own record is the judge."""

from __future__ import annotations

import json
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.programs import wait_until
from tests.bench.running import Running, running
from tests.run.far_end import GSMSEND, lab, people

QUICK = ("--radio", "0.1", "--report-delay", "0.05")


class Job:
    """A `gsmsend run` over a bench's folder, and what it says."""

    def __init__(self, bench: Running, place: Path, *words: str, whole: bool = True) -> None:
        self.out = place.parent / "out.jsonl"
        folder = ["--port", str(bench.ports)] if whole else []
        command = [*GSMSEND, "run", "--operation", str(place), "--json", *folder, *words]
        with self.out.open("w") as out, self.out.with_suffix(".err").open("w") as said:
            self.process = subprocess.Popen(command, stdout=out, stderr=said, text=True)

    def events(self, kind: str) -> list[dict[str, Any]]:
        """What it has said so far, of one kind."""
        text = self.out.read_text(encoding="utf-8")
        lines = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
        return [line for line in lines if line["event"] == kind]

    def told(self, words: str) -> bool:
        """Whether it has told people so."""
        return any(words in event["text"] for event in self.events("notice"))

    def totals(self) -> dict[str, int]:
        """At the end."""
        found = self.events("finished")[-1]["totals"]
        return {state: count for state, count in found.items() if count}

    def end(self, code: int, *, stop: bool = False) -> None:
        """Wait for it, or stop it."""
        if stop:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        said = self.out.with_suffix(".err").read_text()
        assert self.process.returncode == code, said + self.out.read_text()[-3000:]


@contextmanager
def job(bench: Running, place: Path, *words: str, whole: bool = True) -> Iterator[Job]:
    """One that does not outlive its test; over the bench's folder as a `whole`, or the ports in `words`."""
    it = Job(bench, place, *words, whole=whole)
    try:
        yield it
    finally:
        if it.process.poll() is None:
            it.process.kill()
            it.process.wait()


def on_air(bench: Running) -> Counter[str]:
    """Whom the texts that the network took went to, each so often."""
    return Counter(event["to"] for event in bench.events("accepted"))


def everybody(count: int) -> Counter[str]:
    """Each once."""
    return Counter(f"+447700{900_000 + index}" for index in range(count))


def taken(bench: Running, modem: int) -> int:
    """How many texts a modem has sent."""
    return sum(event["modem"] == modem for event in bench.events("accepted"))


def until(job: Job, condition: Any) -> None:
    wait_until(lambda: condition() or job.process.poll() is not None, lambda: job.out.read_text()[-4000:])
    assert condition(), job.out.read_text()[-4000:]


def test_a_modem_that_is_plugged_in_takes_its_share_and_one_that_is_pulled_out_is_waited_for(
    tmp_path: Path,
) -> None:
    with running(tmp_path, "--modems", "3", "--unplugged", "3", *QUICK) as bench:
        with job(bench, lab(tmp_path), "--to", str(people(tmp_path, 150))) as run:
            until(run, lambda: taken(bench, 1) > 2)
            bench.ask(do="plug", modem=3)
            until(run, lambda: taken(bench, 3) > 2)
            bench.ask(do="unplug", modem=1)
            until(run, lambda: run.told("was unplugged"))
            bench.ask(do="plug", modem=1)
            before = taken(bench, 1)
            until(run, lambda: taken(bench, 1) > before)
            run.process.wait(60)
        left = Counter(run.totals())
        assert set(left) <= {"delivered", "uncertain"}, left
        assert on_air(bench) - everybody(150) == Counter(), "a text went out twice"
        assert sum(left.values()) == 150
        assert left["uncertain"] <= 1, "only the text that was on its way when its modem was pulled out"
        assert run.told("modem3 was plugged in")
        assert run.told("is plugged in again")


def test_a_bench_may_be_empty_at_first_and_its_modems_may_have_other_names_later(tmp_path: Path) -> None:
    with running(tmp_path, "--modems", "2", "--unplugged", "1", "--unplugged", "2", *QUICK) as bench:
        with job(bench, lab(tmp_path), "--to", str(people(tmp_path, 30)), "--stay") as run:
            wait_until(lambda: run.events("started"), run.out.read_text)
            bench.ask(do="plug", modem=2)
            until(run, lambda: taken(bench, 2) > 2)
            bench.ask(do="unplug", modem=2)
            bench.ask(do="plug", modem=2, name="new")
            bench.ask(do="plug", modem=1)
            until(run, lambda: sum(on_air(bench).values()) >= 29)
            until(run, lambda: taken(bench, 1) > 0)
            run.end(130, stop=True)
        assert run.told("goes on at")
        assert on_air(bench) - everybody(30) == Counter()
        lines = {event["name"] for event in run.events("line") if event["iccid"]}
        assert len(lines) == 2, "a line is its SIM, whatever its port is called"


def test_two_sims_that_are_exchanged_take_their_lines_with_them(tmp_path: Path) -> None:
    with running(tmp_path, "--modems", "2", *QUICK) as bench:
        with job(bench, lab(tmp_path), "--to", str(people(tmp_path, 80))) as run:
            until(run, lambda: taken(bench, 1) > 2 and taken(bench, 2) > 2)
            bench.ask(do="swap-sims", modem=1, to=2)
            run.end(0)
        assert on_air(bench) == everybody(80)
        assert run.totals() == {"delivered": 80}
        known = {event["iccid"]: event["name"] for event in run.events("line") if event["iccid"]}
        assert len(known) == 2
        places = {(event["iccid"], event["modem"]) for event in bench.events("submit")}
        assert len(places) == 4, "each SIM worked in both modems"
        by_sim = Counter(known[event["iccid"]] for event in bench.events("submit"))
        by_line = Counter(event["line"] for event in run.events("part") if event["outcome"] == "accepted")
        assert by_sim == by_line, "each text is on record for the line whose SIM it left from"


def test_a_sim_that_moves_into_an_empty_modem_goes_on_there(tmp_path: Path) -> None:
    with running(tmp_path, "--modems", "2", "--fault", "sim-absent:modem=2", *QUICK) as bench:
        with job(bench, lab(tmp_path), "--to", str(people(tmp_path, 40))) as run:
            until(run, lambda: taken(bench, 1) > 5)
            bench.ask(do="move-sim", modem=1, to=2)
            until(run, lambda: taken(bench, 2) > 2)
            bench.ask(do="move-sim", modem=2, to=1)
            run.end(0)
        assert on_air(bench) == everybody(40)
        assert run.totals() == {"delivered": 40}


def test_named_ports_whose_modems_take_each_others_names_lose_no_line(tmp_path: Path) -> None:
    with running(tmp_path, "--modems", "3", *QUICK) as bench:
        ports = [word for number in (1, 2, 3) for word in ("--port", str(bench.port(number)))]
        with job(bench, lab(tmp_path), *ports, "--to", str(people(tmp_path, 300)), whole=False) as run:
            until(run, lambda: all(taken(bench, number) > 2 for number in (1, 2, 3)))
            bench.ask(do="unplug", modem=3)
            bench.ask(do="unplug", modem=2)
            bench.ask(do="plug", modem=2, name="new")
            bench.ask(do="plug", modem=3, name="new")
            assert (bench.ports / "modem3").exists()
            assert (bench.ports / "modem4").exists()
            before = [taken(bench, number) for number in (2, 3)]
            until(run, lambda: all(taken(bench, 2 + at) > count + 2 for at, count in enumerate(before)))
            run.process.wait(90)
        assert on_air(bench) - everybody(300) == Counter(), "a text went out twice"
        assert sum(run.totals().values()) == 300


def test_a_text_in_doubt_is_never_sent_again_though_its_sim_goes_on_elsewhere(tmp_path: Path) -> None:
    faults = ("--fault", "sim-absent:modem=2", "--fault", "unplug:at=after-ctrl-z,back=never,skip=6,modem=1")
    with running(tmp_path, "--modems", "2", *faults, *QUICK) as bench:
        with job(bench, lab(tmp_path), "--to", str(people(tmp_path, 30)), "--wait-reports", "5") as run:
            until(run, lambda: run.told("was unplugged"))
            bench.ask(do="move-sim", modem=1, to=2)
            until(run, lambda: taken(bench, 2) > 2)
            run.process.wait(60)
        assert run.told("goes on at")
        said = Counter(event["to"] for event in bench.events("submit"))
        assert said == everybody(30), "each was handed over once, the one in doubt too"
        left = run.totals()
        assert left["delivered"] + left.get("uncertain", 0) == 30
        assert left.get("uncertain", 0) <= 1


def test_a_modem_that_hangs_is_not_waited_for_and_joins_again_once_it_is_pulled_out_and_put_back(
    tmp_path: Path,
) -> None:
    with running(tmp_path, "--modems", "2", *QUICK) as bench:
        with job(bench, lab(tmp_path), "--to", str(people(tmp_path, 250))) as run:
            until(run, lambda: taken(bench, 1) > 2 and taken(bench, 2) > 2)
            bench.ask(do="fault", fault="wedge:how=silent,modem=1")
            before = taken(bench, 2)
            until(run, lambda: taken(bench, 2) > before + 10)
            bench.ask(do="unplug", modem=1)
            bench.ask(do="clear")
            until(run, lambda: run.told("was unplugged"))
            bench.ask(do="plug", modem=1)
            again = taken(bench, 1)
            until(run, lambda: taken(bench, 1) > again + 2)
            run.process.wait(90)
        assert max(Counter(event["to"] for event in bench.events("submit")).values()) == 1
        assert sum(run.totals().values()) == 250
        assert run.totals().get("uncertain", 0) <= 1


def test_a_sim_that_nobody_knows_still_stops_its_modem(tmp_path: Path) -> None:
    with running(tmp_path, "--modems", "1", *QUICK) as bench:
        with job(bench, lab(tmp_path), "--to", str(people(tmp_path, 40))) as run:
            until(run, lambda: taken(bench, 1) > 3)
            bench.ask(do="fault", fault="sim-swap:how=hot")
            run.end(5)
        assert len({event["iccid"] for event in bench.events("submit")}) == 1
