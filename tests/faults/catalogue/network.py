"""The network: registration, refusals of every kind, answers that prove nothing."""

from __future__ import annotations

import csv
import time
from importlib import resources

from tests.faults.case import case
from tests.faults.scene import Scene

OUT = {"no-network": "no network", "limited": "limited service", "not-searching": "not looking"}


@case("network", "no network at the start", "limited", long=("no-network", "not-searching"))
def none_at_first(on: Scene, how: str) -> None:
    on.bench()
    fault = on.far.fault(how)
    on.people(6)
    run = on.run()
    run.wait_for("line", state="no network")
    since = time.monotonic()
    on.far.clear(fault)
    on.ends(0, {"delivered": 6})
    on.told(OUT[how])
    on.recovers(3, since=since)


@case("network", "registration lost and regained", "no-network", "not-searching", long=("limited",))
def lost_and_regained(on: Scene, how: str) -> None:
    on.bench(radio_s=0.1)
    on.people(25)
    run = on.run(wait_reports_s=8)
    on.far.wait_for("accepted", 5)
    fault = on.far.fault(how)
    run.wait_for("line", state="no network")
    line = on.status_of()
    assert (line["state"], bool(line["why"])) == ("no network", True), f"status says of it: {line}"
    time.sleep(2)
    since = time.monotonic()
    on.far.clear(fault)
    on.ends(0, {"delivered": 25}, run)
    on.told(OUT[how])
    on.recovers(3, since=since)
    _few_tries_spent(on, 25)


@case("network", "registration lost and regained", "another line there")
def lost_on_one_line(on: Scene, _: object) -> None:
    on.bench(radio_s=0.1, modems=2)
    on.people(40)
    run = on.run()
    on.far.wait_for("accepted", 3, modem=1)
    on.far.fault("no-network:modem=1")
    on.ends(0, None, run)
    on.told("no network")
    assert all(row.state.value in ("delivered", "sent") for row in on.messages())
    _few_tries_spent(on, 40)
    on.never_waits(2, spare=14)


def _few_tries_spent(on: Scene, recipients: int) -> None:
    tries = sum(part.attempts for row in on.messages() for part in row.parts)
    assert tries <= recipients + 3, f"{tries - recipients} tries were spent on a network that was not there"


@case("network", "roaming")
def roaming(on: Scene) -> None:
    on.bench("roaming")
    on.people(4)
    on.run()
    on.ends(0, {"delivered": 4})


def _codes() -> list[tuple[int, str, str, str]]:
    """(code, sent, class, words) of the table; the range of makers' own codes by one of them."""
    text = resources.files("gsmsend").joinpath("data/cms-errors.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return [(int(row["code"].rstrip("-")), row["sent"], row["class"], row["words"]) for row in rows]


@case("network", "every +CMS ERROR code", "and the text did not go out", "and the text went out all the same")
def every_code(on: Scene, what: str) -> None:
    """A code that proves it is failed (again or at once, by its class); one that does not is never sent again."""
    out = what.endswith("same")
    codes = [row for row in _codes() if row[0] != 197 and (not out or row[1] == "maybe")]
    on.bench(
        *(f"refuse:code={row[0]},to=+447700{900_000 + at},count=0,sent={'yes' if out else 'no'}"
          for at, row in enumerate(codes)),
        modems=3, radio_s=0.02,
    )  # fmt: skip
    on.operation(retry={"soon_tries": 2, "later_tries": 2, "barred_after": 1000})
    on.people(len(codes) + 6)
    on.run(wait_reports_s=3)
    on.ends(0 if out else 4)
    messages = on.messages()
    for (code, sent, kind, words), row in zip(codes, messages, strict=False):
        tries = sum(event["to"] == row.number for event in on.far.events("submit"))
        if sent == "maybe":
            wanted = ("delivered" if out else "uncertain", 1)
            assert (row.state.value, tries) == wanted, (
                f"{code}: {row.state} after {tries} tries, expected {wanted}"
            )
        else:
            wanted = ("failed", 1 if kind in ("recipient", "message") else 2)
            assert (row.state.value, tries) == wanted, (
                f"{code}: {row.state} after {tries} tries, expected {wanted}"
            )
        # What stays in doubt says what is known of it by now, where that is more than the code said.
        said = row.why.startswith(words.rstrip(".")) or (sent == "maybe" and "it may have gone out" in row.why)
        assert out or said, f"{code}: {row.why!r} does not say {words!r}"
    assert {row.state.value for row in messages[len(codes) :]} == {"delivered"}


@case("network", "every +CMS ERROR code", "197, duplicate: it was taken before")
def duplicate(on: Scene, _: object) -> None:
    on.bench("refuse:code=197,sent=yes,skip=1")
    on.people(4)
    on.run()
    on.ends(0)
    assert all(row.state.value in ("sent", "delivered") for row in on.messages())


@case("network", "ERROR alone", "and the text did not go out", "and the text went out all the same")
def bare_error(on: Scene, what: str) -> None:
    out = what.endswith("same")
    on.bench(f"error:skip=3,sent={'yes' if out else 'no'}")
    on.people(10)
    on.run(wait_reports_s=3)
    on.ends(0 if out else 4, {"delivered": 10} if out else {"delivered": 9, "uncertain": 1})
    on.told("bare error")


@case("network", "text lost between modem and network")
def lost_on_air(on: Scene) -> None:
    on.bench("lost-on-air:skip=3,modem=1", modems=2)
    on.people(30)
    on.run(wait_reports_s=2)
    on.ends(4)
    on.told("no answer")
    assert sum(row.state.value == "uncertain" for row in on.messages()) == 1
    on.run(wait_reports_s=1, ports=on.far.ports[1:])
    on.ends(4)
    assert sum(row.state.value == "uncertain" for row in on.messages()) == 1


@case("network", "network slower than the modem is waited for")
def slow(on: Scene) -> None:
    on.bench("slow-network:s=2.5,skip=3")
    on.people(10)
    on.run(wait_reports_s=8)
    on.ends(0, {"delivered": 10})
    on.told("no answer")
