"""sd_notify as systemd hears it: over real sockets, by path and in the abstract name space."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gsmsend.cli.progress import Progress
from gsmsend.cli.tended import Tended, standing
from gsmsend.cli.unlocking import first_line
from gsmsend.engine.events import Finished, HeldBack, LineChanged, Started
from gsmsend.model import State
from gsmsend.supervised import Supervisor, runtime_folder

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="sd_notify is a Unix socket's")
linux = pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets are Linux's")
NUMBER = "+447700900123"


class Ear:
    """The socket of a service manager."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.settimeout(20)

    def next(self) -> list[str]:
        """The lines of the next datagram."""
        return self._socket.recv(4096).decode().split("\n")

    def all(self) -> list[list[str]]:
        """All that came so far."""
        found = []
        self._socket.setblocking(False)
        while True:
            try:
                found.append(self.next())
            except BlockingIOError:
                return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Ear]:
    """A manager that listens at a path."""
    found = Ear(str(tmp_path / "n"))
    yield found
    found.close()


def of(ear: Ear, **more: str) -> Supervisor:
    return Supervisor.of({"NOTIFY_SOCKET": ear.address, **more})


def test_ready_tells_how_it_stands_and_stopping_says_so(ear: Ear) -> None:
    service = of(ear)
    service.status("2 of 2 lines at work")
    service.ready()
    service.stopping()
    assert ear.all() == [["READY=1", "STATUS=2 of 2 lines at work"], ["STOPPING=1"]]


@linux
def test_an_abstract_socket_is_found() -> None:
    ear = Ear(f"@gsmsend-test-{os.getpid()}")
    try:
        of(ear).ready()
        assert ear.all() == [["READY=1"]]
    finally:
        ear.close()


def test_it_is_alive_only_while_it_goes_round(ear: Ear) -> None:
    service = of(ear, WATCHDOG_USEC="60000000")
    service.beat("")
    service.beat("the run has not looked at its lines for 75 seconds")
    service.status("1 of 1 line at work")
    service.beat("")
    still = "STATUS=Standing still: the run has not looked at its lines for 75 seconds"
    assert ear.all() == [["WATCHDOG=1"], [still], ["WATCHDOG=1", "STATUS=1 of 1 line at work"]]


def test_where_nobody_watches_only_news_is_told(ear: Ear) -> None:
    service = of(ear)
    service.beat("")
    service.status("all is well")
    service.beat("")
    service.beat("")
    assert ear.all() == [["STATUS=all is well"]]


def test_the_thread_beats_until_the_work_ends_and_not_while_it_stands_still(ear: Ear) -> None:
    service, still = of(ear, WATCHDOG_USEC="30000"), [""]
    with service.minding(lambda: still[0]):
        assert [ear.next(), ear.next()] == [["WATCHDOG=1"]] * 2
        still[0] = "it hangs"
        while (said := ear.next()) == ["WATCHDOG=1"]:
            pass
        assert said == ["STATUS=Standing still: it hangs"]
    assert ear.all() == []


def test_children_are_not_the_service(ear: Ear) -> None:
    environ = {
        "NOTIFY_SOCKET": ear.address,
        "WATCHDOG_USEC": "5000000",
        "WATCHDOG_PID": str(os.getpid()),
        "A": "b",
    }
    assert Supervisor.of(environ).watchdog_s == 5.0
    assert environ == {"A": "b"}


@pytest.mark.parametrize(
    ("said", "watchdog_s"),
    [
        ({"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "2500000"}, 2.5),
        ({}, None),
    ],
)
def test_the_watchdog_is_meant_for_this_process(ear: Ear, said: dict[str, str], watchdog_s: float | None) -> None:
    assert of(ear, **said).watchdog_s == watchdog_s


@pytest.mark.parametrize("address", [None, "", "vsock:2:1234", "relative", "/nonexistent/socket"])
def test_without_a_manager_nothing_happens(address: str | None) -> None:
    service = Supervisor.of({} if address is None else {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "30000"})
    service.ready()
    with service.minding(lambda: ""):
        service.status("x")
    service.stopping()
    assert service.there is (address == "/nonexistent/socket")


def test_the_words_are_one_short_line(ear: Ear) -> None:
    service = of(ear)
    service.status("a\nWATCHDOG=1\nb" + "c" * 500)
    service.beat("")
    ((said,),) = ear.all()
    assert said.startswith("STATUS=a WATCHDOG=1 bc")
    assert len(said) < 250


@pytest.mark.parametrize(
    ("said", "found"), [("/run/a:/run/b", Path("/run/a")), ("/run/a", Path("/run/a")), ("", None), ("x", None)]
)
def test_the_runtime_folder_is_the_first(monkeypatch: pytest.MonkeyPatch, said: str, found: Path | None) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", said)
    assert runtime_folder() == found


@pytest.mark.parametrize(("given", "warned"), [(True, False), (False, True)])
def test_a_passphrase_that_systemd_hands_over_is_not_warned_of(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    given: bool,
    warned: bool,
) -> None:
    file = tmp_path / "passphrase"
    file.write_text("correct horse battery staple\n", encoding="utf-8")
    file.chmod(0o440)  # as LoadCredential= has it: by an access list, which the mode shows as the group's
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path if given else tmp_path / "elsewhere"))
    assert first_line(file, tmp_path / "op") == "correct horse battery staple"
    assert ("chmod 600" in capsys.readouterr().err) is warned


# -- what a run tells --------------------------------------------------------------------------------------


def totals(**counts: int) -> dict[State, int]:
    return {state: counts.get(state.value, 0) for state in State}


def line(address: str, state: str) -> LineChanged:
    return LineChanged(1.0, address, NUMBER, state, "", f"it quotes {NUMBER}", 3, None, NUMBER)


def told(ear: Ear, act: Callable[[Tended], None]) -> list[list[str]]:
    act(Tended(of(ear)))
    return ear.all()


def test_a_run_is_ready_once_it_has_begun(ear: Ear) -> None:
    assert told(ear, lambda show: show.event(line("/dev/ttyUSB2", "opening"))) == []
    (ready,) = told(ear, lambda show: show.event(Started(1.0, totals(queued=3))))
    assert ready == ["READY=1", "STATUS=0 of 0 lines at work, 3 texts to send"]


def test_the_end_is_told(ear: Ear) -> None:
    (end,) = told(ear, lambda show: show.event(Finished(1.0, totals(uncertain=1), 4, "done")))
    assert end[0] == "STOPPING=1"
    assert "1 text for a person to look at" in end[1]


def test_how_it_stands_has_counts_and_nothing_of_anybody(ear: Ear) -> None:
    service = of(ear)
    show = Tended(service)
    for event in (
        Started(1.0, totals(queued=5, sent=2, uncertain=1, held=2)),
        line("/dev/ttyUSB2", "ready"),
        line("/dev/ttyUSB6", "stopped"),
        line("/dev/ttyUSB9", "quarantined"),
        HeldBack(2.0, f"the line {NUMBER} is closed"),
    ):
        show.event(event)
    show.tick(2.0)
    service.beat("")
    said = ear.all()[-1][-1]
    assert said == (
        "STATUS=1 of 3 lines at work, 2 out of use, 5 texts to send, all held back for now, 2 waiting for "
        "reports, 3 texts for a person to look at"
    )
    assert NUMBER not in said


def test_nothing_is_said_after_the_end(ear: Ear) -> None:
    service = of(ear)
    show = Tended(service)
    show.event(Finished(1.0, totals(), 0, "done"))
    show.tick(2.0)
    service.beat("")
    assert [each[0] for each in ear.all()] == ["STOPPING=1"]


def test_standing_of_nothing_yet() -> None:
    assert standing(Progress()) == "0 of 0 lines at work, 0 texts to send"
