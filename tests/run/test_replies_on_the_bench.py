"""Replies, end to end: people who answer on the bench while a run goes on, the bench's own record as the judge."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from tests.run.far_end import GSMSEND, FarEnd, far_end, gsmsend, lab

FIRST, SECOND = "+447700900000", "+447700900001"


class People:
    """The bench's outside world: who writes to a modem's number."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "control"
        self._numbers: list[str] = []

    @property
    def option(self) -> tuple[str, str]:
        return "--control", str(self._path)

    def ask(self, **request: Any) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self._path))
            client.sendall(json.dumps(request).encode() + b"\n")
            answer: dict[str, Any] = json.loads(client.makefile().readline())
        assert answer["ok"], answer
        return answer

    def write(self, text: str, sender: str = FIRST) -> None:
        (modem, *_) = self.ask(do="state")["modems"]
        self.ask(do="text", to=modem["number"], text=text, **{"from": sender})


class Run:
    """`gsmsend run --stay --json`, watched."""

    def __init__(self, place: Path, far: FarEnd, *words: str) -> None:
        command = [*GSMSEND, "run", "--operation", str(place), *far.port_flags, "--json", "--stay", *words]
        self._out = place / "events.jsonl"
        with self._out.open("w", encoding="utf-8") as stream:
            self._child = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT)

    def events(self, kind: str) -> list[dict[str, Any]]:
        lines = self._out.read_text(encoding="utf-8").splitlines()
        return [it for it in map(json.loads, (one for one in lines if one.endswith("}"))) if it["event"] == kind]

    def stop(self) -> None:
        self._child.terminate()
        self._child.wait(30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child.poll() is None:
            self.stop()


def until(so: Callable[[], bool], within_s: float = 40.0) -> None:
    ends_s = time.monotonic() + within_s
    while not so():
        assert time.monotonic() < ends_s, "it did not happen in time"
        time.sleep(0.05)


def rows(folder: Path, *pairs: tuple[str, str]) -> Path:
    place = folder / "people.csv"
    place.write_text(
        "\n".join(["number,text", *(f'{to},"{text}"' for to, text in pairs)]) + "\n", encoding="utf-8"
    )
    return place


def test_a_stop_reaches_a_second_text_that_waits(tmp_path: Path) -> None:
    people = People(tmp_path)
    with far_end(tmp_path, "--report-delay", "0.05", *people.option, radio_s=0.3) as far:
        place = lab(tmp_path)
        others = [(f"+447700900{index:03}", "Help is here.") for index in range(2, 12)]
        file = rows(tmp_path, (FIRST, "Help is here."), *others, (FIRST, "And here."))
        with Run(place, far, "--to", str(file), "--again") as run:
            until(lambda: FIRST in far.on_air())
            people.write("Stop please!!")
            until(lambda: len(run.events("opted_out")) == 1)
            until(lambda: len(far.on_air()) == 11)
            time.sleep(1)
        assert Counter(far.on_air())[FIRST] == 1
        (stopped,) = [it for it in run.events("message") if it["to"] == "suppressed"]
        assert stopped["why"] == "opted out"
    asked = subprocess.run(
        [*GSMSEND, "suppress", "check", "-", "--operation", str(place), "--json"],
        input=FIRST, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(asked.stdout)["suppressed"] == "opt-out"


def test_a_stop_reaches_the_parts_not_yet_sent(tmp_path: Path) -> None:
    people = People(tmp_path)
    with far_end(tmp_path, "--report-delay", "0.05", *people.option, radio_s=0.7) as far:
        place = lab(tmp_path)
        file = rows(tmp_path, (FIRST, "Help is here for you, free and private. " * 16))
        with Run(place, far, "--to", str(file)) as run:
            until(lambda: len(far.on_air()) >= 1)
            people.write("STOP")
            until(lambda: any(it["to"] == "suppressed" for it in run.events("message")))
        (row,) = map(json.loads, gsmsend("messages", "--operation", str(place), "--json").stdout.splitlines())
        gone = len(far.on_air())
        assert gone < len(row["parts"])
        assert row["state"] == "suppressed"
        assert row["why"].startswith("opted out after part")


def test_danger_is_told_at_once_and_makes_the_run_end_with_4(tmp_path: Path) -> None:
    people = People(tmp_path)
    with far_end(tmp_path, "--report-delay", "0.05", *people.option) as far:
        place = lab(tmp_path)
        with Run(place, far, "--to", str(rows(tmp_path, (FIRST, "Help is here.")))) as run:
            until(lambda: len(far.on_air()) == 1)
            people.write("please help me he has got a " + "very very " * 20 + "big knife")
            until(lambda: bool(run.events("reply_flagged")))
            (flagged,) = run.events("reply_flagged")
            assert "knife" not in json.dumps(flagged)
            assert flagged["from"] == "+447*****0000"
            until(lambda: len(run.events("inbound")) == 2)
        words = ["run", "--operation", str(place), *far.port_flags]
        again = gsmsend(*words)
        assert again.returncode == 4, again.stdout
        assert "DANGER TO LIFE?" in again.stdout
        seen = gsmsend(
            "inbox", "seen", str(flagged["reply"]), "--because", "called 999", "--operation", str(place)
        )
        assert seen.returncode == 0, seen.stderr
        assert gsmsend(*words).returncode == 0
        (shown,) = map(json.loads, gsmsend("inbox", "--operation", str(place), "--json").stdout.splitlines())
        assert (shown["complete"], shown["message"], shown["flags"]) == (True, 1, ["danger"])


def test_each_person_is_acknowledged_once_and_an_opt_out_once(tmp_path: Path) -> None:
    people = People(tmp_path)
    with far_end(tmp_path, "--report-delay", "0.05", *people.option) as far:
        place = lab(tmp_path)
        config = place / "gsmsend.toml"
        said = config.read_text(encoding="utf-8").replace('acknowledge = ""', 'acknowledge = "Thank you."')
        said = said.replace('acknowledge_stop = ""', 'acknowledge_stop = "No more texts."')
        config.write_text(said, encoding="utf-8")
        file = rows(tmp_path, (FIRST, "Help is here."), (SECOND, "Help is here."))
        with Run(place, far, "--to", str(file)) as run:
            until(lambda: len(far.on_air()) == 2)
            for place_in_turn, text in enumerate(("ok", "who is this", "thanks"), 1):
                people.write(text)
                until(lambda wanted=place_in_turn: len(run.events("inbound")) == wanted)  # type: ignore[misc]
            people.write("yes", "BigBank")
            until(lambda: len(run.events("inbound")) == 4)
            until(lambda: len(far.on_air()) == 3)
            for text in ("STOP", "STOP!!"):
                people.write(text)
            people.write("yes please", SECOND)
            until(lambda: len(far.on_air()) == 5)
            until(lambda: len(run.events("inbound")) == 7)
            time.sleep(1.5)
        assert Counter(far.on_air()) == {FIRST: 3, SECOND: 2}
