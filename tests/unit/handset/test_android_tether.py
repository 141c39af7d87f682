"""The handset on its cable, as adb has it: real adbutils over a small adb server."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from gsmsend.errors import DeviceGone, GuardStop, LinkLost, UsageError
from gsmsend_handset.android import tether
from gsmsend_handset.android.driver import AndroidDriver
from gsmsend_handset.android.transcript import Transcript
from tests.unit.handset.android_adb import AdbServer, Handset
from tests.unit.handset.android_bench import SetClock

ONE, OTHER = "R58M000000A", "emulator-5554"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[AdbServer]:
    made = AdbServer(Handset(ONE))
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(made.port))
    yield made
    made.close()


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> int:
    """A port where nothing listens, and an adb that must not be started."""

    def started(*_: object, **__: object) -> None:
        raise AssertionError("adb was started")

    monkeypatch.setattr("subprocess.run", started)
    monkeypatch.setattr("subprocess.Popen", started)
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = int(held.getsockname()[1])
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(port))
    return port


def test_handsets_are_listed_by_name_only(server: AdbServer) -> None:
    server.handsets[OTHER] = Handset(OTHER)
    found = AndroidDriver().discover()
    assert [(each.driver, each.address, each.virtual) for each in found] == [
        ("android", ONE, False),
        ("android", OTHER, True),
    ]
    assert not any(handset.asked for handset in server.handsets.values())
    assert not server.forwards


def test_where_no_server_runs_none_is_started_and_nothing_is_found(nobody: int) -> None:
    assert list(AndroidDriver().discover()) == []
    with pytest.raises(LinkLost, match="no adb server runs") as caught:
        tether.listed(nobody)
    assert "adb start-server" in caught.value.words


@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [
        ("unauthorized", GuardStop, "Allow USB debugging"),
        ("offline", LinkLost, "plug it in again"),
        ("authorizing", LinkLost, "answer on its screen"),
        ("no permissions (missing udev rules? user is in the plugdev group)", GuardStop, "udev"),
        ("recovery", LinkLost, "Start Android"),
        ("sleeping", LinkLost, "sleeping"),
    ],
)
def test_a_handset_that_cannot_be_used_says_what_to_do(
    server: AdbServer, state: str, kind: type[Exception], words: str
) -> None:
    server.handsets[ONE].state = state
    with pytest.raises(kind) as caught:
        tether.chosen(ONE, server.port)
    assert ONE in str(caught.value)
    assert isinstance(caught.value, LinkLost | GuardStop)
    assert words in caught.value.words


def test_the_only_handset_needs_no_name_and_two_do(server: AdbServer) -> None:
    assert tether.chosen("", server.port) == ONE
    server.handsets[OTHER] = Handset(OTHER)
    with pytest.raises(GuardStop, match=f"2 Android handsets .*: {ONE}, {OTHER}"):
        tether.chosen("", server.port)
    assert tether.chosen(OTHER, server.port) == OTHER
    server.handsets.clear()
    for wanted in ("", ONE):
        with pytest.raises(DeviceGone, match="connected"):
            tether.chosen(wanted, server.port)


def test_its_shell_answers_and_what_it_refuses_is_no_fault(server: AdbServer) -> None:
    handset = tether.Tether(ONE, server.port, Transcript(None, "", SetClock()))
    server.handsets[ONE].answers["getprop"] = "[a]: [b]\n"
    assert handset.ask("getprop") == "[a]: [b]"
    assert "not found" in handset.ask("no-such-command")


def test_a_port_of_it_is_led_here_and_taken_away_again(server: AdbServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as app:
        server.handsets[ONE].ports[8080] = app.getsockname()[1]
        handset = tether.Tether(ONE, server.port, Transcript(None, "", SetClock()))
        local = handset.forward(8080)
        assert server.forwards == {local: (ONE, 8080)}
        with socket.create_connection(("127.0.0.1", local), timeout=5) as near:
            far, _ = app.accept()
            with far:
                near.sendall(b"hello")
                assert far.recv(5) == b"hello"
    handset.close()
    assert not server.forwards
    handset.close()


def test_a_handset_that_was_unplugged_is_gone_and_closing_it_is_quiet(server: AdbServer) -> None:
    handset = tether.Tether(ONE, server.port, Transcript(None, "", SetClock()))
    handset.forward(8080)
    server.unplug(ONE)
    with pytest.raises(DeviceGone):
        handset.there()
    with pytest.raises(DeviceGone, match=ONE):
        handset.ask("getprop")
    with pytest.raises(DeviceGone, match=ONE):
        handset.forward(8080)
    handset.close()


def test_a_server_that_was_stopped_is_told(server: AdbServer) -> None:
    handset = tether.Tether(ONE, server.port, Transcript(None, "", SetClock()))
    server.close()
    with pytest.raises(LinkLost, match="no adb server runs"):
        handset.ask("getprop")
    handset.close()


@pytest.mark.parametrize(
    ("given", "address"), [("android", "android"), ("android:", "android"), (f"android:{ONE}", ONE)]
)
def test_a_port_that_a_person_names(given: str, address: str) -> None:
    assert AndroidDriver().endpoint(given).address == address
    assert AndroidDriver().endpoint(ONE).address == ONE
    assert AndroidDriver().endpoint("android1234").address == "android1234"


@pytest.mark.parametrize("given", ["android:two words", "android:a;b", "android:" + "x" * 65])
def test_what_can_be_no_serial_number_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match="no serial number"):
        AndroidDriver().endpoint(given)
