"""`gsmsend run` and `send` over a scripted modem: what is sent, shown, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn

import pytest

from gsmsend import config, wiring
from gsmsend.cli import options
from gsmsend.cli import run as cli_run
from gsmsend.cli.stopping import stops_on_signals
from gsmsend.contract import Submission
from gsmsend.engine.events import Event, Notice
from gsmsend.errors import NoRoute, StoreError
from gsmsend.model import Outcome, OutcomeKind, Refusal, State
from gsmsend.testing.scripted import Answer, ScriptedDriver, ScriptedLink

from .conftest import Call, People, objects


@pytest.fixture
def no_modem(monkeypatch: pytest.MonkeyPatch) -> None:
    def endpoints(_settings: object, _ports: object = ()) -> NoReturn:
        raise NoRoute("no modem was found", remedy="plug one in")

    monkeypatch.setattr(wiring, "endpoints", endpoints)


def refuse(code: int, refusal: Refusal) -> Answer:
    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        link.commit()
        return Outcome(OutcomeKind.REFUSED, refusal=refusal, code=code, why="unassigned number")

    return answer


def forget(link: ScriptedLink, submission: Submission) -> Outcome:
    """On air, and no answer."""
    link.go(submission)
    return Outcome(OutcomeKind.UNKNOWN, why="the modem did not answer after Ctrl-Z")


def test_a_list_is_imported_sent_and_summed_up(
    call: Call, operation: Path, driver: ScriptedDriver, people: People
) -> None:
    result = call("run", "--operation", operation, "--to", people(5))
    assert result.exit_code == 0
    assert len(driver.on_air) == 5
    assert "5 queued" in result.stdout
    assert "All 5 texts delivered in" in result.stdout
    assert "7009000" not in result.stdout.replace(" ", "")


def test_the_same_command_again_sends_nothing(
    call: Call, operation: Path, driver: ScriptedDriver, people: People
) -> None:
    path = people(3)
    call("run", "--operation", operation, "--to", path)
    result = call("run", "--operation", operation, "--to", path)
    assert result.exit_code == 0
    assert len(driver.on_air) == 3
    assert "There is nothing to send: all 3 texts delivered before." in result.stdout


def test_json_is_all_that_is_on_stdout_and_ends_with_finished(
    call: Call, operation: Path, driver: ScriptedDriver, people: People
) -> None:
    result = call("run", "--operation", operation, "--to", people(3, "60777,Hi"), "--json")
    found = objects(result)
    assert result.exit_code == 0
    kinds = [event["event"] for event in found]
    assert kinds[:2] == ["imported", "started"]
    assert {"line", "part", "report", "message"} <= set(kinds)
    assert all(event["at"].endswith("Z") for event in found)
    last = found[-1]
    assert (last["event"], last["exit"]) == ("finished", 0)
    assert set(last["totals"]) == {state.value for state in State}
    assert last["totals"]["delivered"] == 3
    assert "+4477009" not in result.stdout


def test_nothing_to_send_is_said_and_needs_no_modem(call: Call, operation: Path, no_modem: None) -> None:
    result = call("run", "--operation", operation)
    assert result.exit_code == 0
    assert "nothing to send" in result.stdout
    assert "--to people.csv" in result.stdout


def test_no_modem_is_exit_6_and_the_list_is_kept(
    call: Call, operation: Path, no_modem: None, tmp_path: Path
) -> None:
    people = tmp_path / "abroad.csv"
    people.write_text("number,text\n+61491570156,Hi\n07700900001,Hi\n", encoding="utf-8")  # ACMA's, for drama
    result = call("run", "--operation", operation, "--to", people)
    assert result.exit_code == 6
    assert "no modem was found\nplug one in" in result.stderr
    assert "1 queued, 1 refused" in result.stdout  # without a virtual modem the drama range is refused


def test_json_ends_with_finished_even_when_nothing_could_start(
    call: Call, operation: Path, no_modem: None, tmp_path: Path
) -> None:
    people = tmp_path / "abroad.csv"
    people.write_text("number,text\n+61491570156,Hi\n", encoding="utf-8")
    result = call("run", "--operation", operation, "--to", people, "--json")
    last = objects(result)[-1]
    assert (result.exit_code, last["event"], last["exit"]) == (6, "finished", 6)
    assert last["totals"]["queued"] == 1


def test_refused_texts_are_exit_3_and_the_summary_says_how_to_see_why(
    call: Call, operation: Path, driver: ScriptedDriver, people: People
) -> None:
    driver.answer = refuse(1, Refusal.RECIPIENT)
    result = call("run", "--operation", operation, "--to", people(2))
    assert result.exit_code == 3
    see = f"gsmsend messages --operation {operation} --state failed"
    assert f"2 texts not sent. To see why:\n  {see}\n" in result.stdout


def test_doubtful_texts_are_exit_4_and_the_summary_says_what_a_person_must_do(
    call: Call, operation: Path, driver: ScriptedDriver, people: People
) -> None:
    driver.answer = forget
    result = call("run", "--operation", operation, "--to", people(1), "--wait-reports", "0")
    assert result.exit_code == 4
    assert "1 text may or may not have gone out." in result.stdout
    assert f"gsmsend resolve --operation {operation} ID --as sent|not-sent" in result.stdout


def test_a_second_run_on_the_operation_names_the_first(
    call: Call, operation: Path, driver: ScriptedDriver
) -> None:
    with wiring.operation_lock(config.load(operation)):
        result = call("run", "--operation", operation)
    assert result.exit_code == 5
    assert f"process {os.getpid()}" in result.stderr


def test_a_bad_list_is_exit_2_and_sends_nothing(
    call: Call, operation: Path, driver: ScriptedDriver, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text('number,text\n07700900001,Hi\n07700900002,"Hi\n', encoding="utf-8")
    result = call("run", "--operation", operation, "--to", path)
    assert result.exit_code == 2
    assert "never closed" in result.stderr
    assert not driver.on_air


def test_several_ports_are_for_lab_operations(
    call: Call, driver: ScriptedDriver, people: People, tmp_path: Path
) -> None:
    call("init", tmp_path / "real")
    result = call("run", "--operation", tmp_path / "real", "--port", "fake1", "--port", "fake2")
    assert result.exit_code == 2
    assert "lab operations only" in result.stderr
    assert "[modems]" in result.stderr


def test_a_text_without_recipients_is_refused(call: Call, operation: Path, driver: ScriptedDriver) -> None:
    result = call("run", "--operation", operation, "--text", "Hi")
    assert result.exit_code == 2
    assert "--to people.csv" in result.stderr


def test_the_demo_takes_no_list(call: Call, operation: Path, people: People) -> None:
    result = call("run", "--demo", "--to", people(1))
    assert result.exit_code == 2


def test_a_fault_in_the_run_ends_with_details_in_a_file(
    call: Call, operation: Path, driver: ScriptedDriver, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(link: ScriptedLink, submission: Submission) -> Outcome:
        raise ZeroDivisionError

    driver.answer = broken
    result = call("run", "--operation", operation, "--to", people(1), "--json")
    assert result.exit_code == 1
    assert objects(result)[-1]["exit"] == 1
    assert "details are in" in result.stderr
    assert "Traceback" not in result.output


def test_a_store_that_breaks_is_said_plainly(
    call: Call, operation: Path, driver: ScriptedDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_store(settings: object) -> NoReturn:
        raise StoreError("the store cannot be used: disk is full", remedy="make room")

    monkeypatch.setattr(wiring, "open_store", open_store)
    result = call("run", "--operation", operation)
    assert result.exit_code == 1
    assert result.stderr == "Stopped: the store cannot be used: disk is full\nmake room\n"


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_stops_and_every_further_one_only_says_so(number: signal.Signals) -> None:
    stopped = threading.Event()
    said: list[str] = []

    def publish(event: Event) -> None:
        assert isinstance(event, Notice)
        said.append(event.text)

    before = signal.getsignal(number)
    with stops_on_signals(stopped.set, publish):
        os.kill(os.getpid(), number)
        assert stopped.wait(5)
        os.kill(os.getpid(), number)
        until = time.monotonic() + 5
        while len(said) < 2 and time.monotonic() < until:
            threading.Event().wait(0.01)
    assert "Stopping" in said[0]
    assert "Still finishing" in said[1]
    assert signal.getsignal(number) is before


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stops_on_signals(lambda: pytest.fail("stopped"), lambda event: None):
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_keeps_the_queue_and_is_exit_130(
    call: Call, operation: Path, driver: ScriptedDriver, people: People
) -> None:
    def interrupt(link: ScriptedLink, submission: Submission) -> Outcome:
        os.kill(os.getpid(), signal.SIGINT)
        return link.accept(submission)

    driver.answer = interrupt
    result = call("run", "--operation", operation, "--to", people(50), "--port", "scripted:1")
    assert result.exit_code == 130
    assert "Interrupted" in result.stdout
    assert re.search(r"still to send. To carry on:\n  gsmsend run .*--port scripted:1\n", result.stdout)
    assert 0 < len(driver.on_air) < 50
    (found,) = objects(call("status", "--operation", operation, "--json"))
    assert found["recipients"] == 50 == sum(found["totals"].values())
    assert found["totals"]["uncertain"] == found["totals"]["sending"] == 0


def test_stdout_that_goes_away_does_not_stop_the_sending(
    call: Call, operation: Path, driver: ScriptedDriver, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone:
        def write(self, _words: str) -> NoReturn:
            raise BrokenPipeError

        def flush(self) -> NoReturn:
            raise BrokenPipeError

    call("import", people(4), "--operation", operation)
    monkeypatch.setattr(sys, "stdout", Gone())
    settings = config.load(operation)
    store = wiring.open_store(settings)
    try:
        routes = wiring.endpoints(settings)
        finished, _ = cli_run.execute(settings, store, routes, cli_run.Wish(operation, as_json=True))
    finally:
        store.close()
    assert finished.totals[State.DELIVERED] == 4


def test_a_terminal_that_is_gone_does_not_change_how_the_run_ended(
    call: Call, operation: Path, driver: ScriptedDriver, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(words: str, **_options: object) -> NoReturn:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(options, "tell", gone)
    call("import", people(2), "--operation", operation, "--json")
    assert call("run", "--operation", operation).exit_code == 0
    assert not (operation / "faults").exists()


def test_send_waits_for_the_report_and_says_what_became_of_it(
    call: Call, operation: Path, driver: ScriptedDriver
) -> None:
    result = call("send", "07700 900123", "Hello there", "--operation", operation)
    assert result.exit_code == 0
    assert "Message 1 to +447*****0123 (1 part): delivered" in result.stdout
    assert driver.on_air == [("+447700900123", "Hello there", 1)]


def test_the_same_text_can_be_sent_again(call: Call, operation: Path, driver: ScriptedDriver) -> None:
    for _ in range(2):
        assert call("send", "07700 900123", "Hello", "--operation", operation).exit_code == 0
    assert len(driver.on_air) == 2


def test_send_json_is_one_message_object(call: Call, operation: Path, driver: ScriptedDriver) -> None:
    (found,) = objects(call("send", "07700 900123", "x" * 200, "--operation", operation, "--json"))
    assert (found["state"], found["number"], len(found["parts"])) == ("delivered", "+447*****0123", 2)


def test_send_that_is_refused_is_exit_3_with_the_reason(
    call: Call, operation: Path, driver: ScriptedDriver
) -> None:
    driver.answer = refuse(1, Refusal.RECIPIENT)
    result = call("send", "07700 900123", "Hello", "--operation", operation)
    assert result.exit_code == 3
    assert "unassigned number" in result.stdout


def test_send_that_is_in_doubt_is_exit_4(call: Call, operation: Path, driver: ScriptedDriver) -> None:
    driver.answer = forget
    result = call("send", "07700 900123", "Hello", "--operation", operation, "--wait-reports", "0")
    assert result.exit_code == 4
    assert "gsmsend resolve" in result.stdout


@pytest.mark.parametrize(("number", "says"), [("020 7946 0123", "landline"), ("60777", "short code")])
def test_send_refuses_what_takes_no_texts(
    call: Call, operation: Path, driver: ScriptedDriver, number: signal.Signals, says: str
) -> None:
    result = call("send", number, "Hello", "--operation", operation)
    assert result.exit_code == 2
    assert says in result.stderr
    assert not driver.on_air


def test_send_never_takes_a_queue_along(
    call: Call, operation: Path, driver: ScriptedDriver, people: People
) -> None:
    call("import", people(3), "--operation", operation)
    result = call("send", "07700 900123", "Hello", "--operation", operation)
    assert result.exit_code == 5
    assert "3 other texts are queued in this operation and would go out first; nothing was sent" in result.stderr
    assert f"gsmsend run --operation {operation}, and then this command again" in result.stderr
    assert "send this text from another operation: gsmsend init DIR" in result.stderr
    (found,) = objects(call("status", "--operation", operation, "--json"))
    assert found["recipients"] == 3
    assert not driver.on_air


def test_refused_by_another_run_the_json_tells_what_is_so(
    call: Call, operation: Path, driver: ScriptedDriver, people: People
) -> None:
    call("import", people(3), "--operation", operation)
    with wiring.operation_lock(config.load(operation)):
        result = call("run", "--operation", operation, "--json")
    last = objects(result)[-1]
    assert (result.exit_code, last["event"], last["exit"]) == (5, "finished", 5)
    assert last["totals"]["queued"] == 3
    assert sum(last["totals"].values()) == 3


def test_totals_that_nobody_can_tell_are_not_made_up(call: Call, tmp_path: Path) -> None:
    result = call("run", "--operation", tmp_path / "nowhere", "--json")
    last = objects(result)[-1]
    assert (last["exit"], last["totals"]) == (2, None)
