"""Where a modem is looked for that is not at its port any more; nothing is opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gsmsend.contract import Endpoint, Relocatable
from gsmsend_atmodem import DRIVER, discovery, relocation
from gsmsend_atmodem.profile_file import standard_profiles
from gsmsend_atmodem.relocation import elsewhere

E173 = (0x12D1, 0x140C)
CP2102 = (0x10C4, 0xEA60)
BOARD = (0x2341, 0x0043)


@dataclass
class Info:
    device: str
    vid: int | None
    pid: int | None
    serial_number: str | None = None
    location: str | None = None
    interface: str | None = None
    description: str = ""
    hwid: str = ""


def stick(first: int, place: str, serial: str | None = None, ids: tuple[int, int] = E173) -> list[Info]:
    return [Info(f"/dev/ttyUSB{first + number}", *ids, serial, f"{place}:1.{number}") for number in range(4)]


def gone(serial: str | None = None, place: str | None = "1-2", ids: tuple[int, int] = E173) -> Endpoint:
    return Endpoint("atmodem", "/dev/ttyUSB3", ("/dev/ttyUSB0",), *ids, serial, place)


def addresses(found: list[Endpoint]) -> list[str]:
    return [endpoint.address for endpoint in found]


def test_the_driver_can_say_where_a_modem_may_be() -> None:
    assert isinstance(DRIVER, Relocatable)
    assert list(DRIVER.elsewhere(Endpoint("atmodem", "/no/such/folder/modem1", virtual=True))) == []


def test_the_same_serial_number_then_the_same_socket_come_first() -> None:
    infos = [*stick(4, "1-1", "A"), *stick(8, "1-2", "B"), *stick(12, "1-3", "C"), *stick(16, "1-9", "MINE")]
    found = elsewhere(gone("MINE"), infos, standard_profiles())
    assert addresses(found) == ["/dev/ttyUSB19", "/dev/ttyUSB11", "/dev/ttyUSB15", "/dev/ttyUSB7"]
    assert found[0].others == ("/dev/ttyUSB16", "/dev/ttyUSB17")
    assert not any(endpoint.virtual for endpoint in found)


def test_where_all_have_the_same_serial_number_the_socket_decides() -> None:
    infos = [*stick(4, "1-1", "0123456789ABCDEF"), *stick(8, "1-2", "0123456789ABCDEF")]
    found = elsewhere(gone("0123456789ABCDEF"), infos, standard_profiles())
    assert addresses(found) == ["/dev/ttyUSB11", "/dev/ttyUSB7"]


def test_a_stick_of_another_kind_is_none_of_them_and_neither_is_the_endpoint_itself() -> None:
    infos = [*stick(0, "1-2"), *stick(4, "1-3", ids=(0x2C7C, 0x0125)), Info("/dev/ttyACM0", *BOARD)]
    assert elsewhere(gone(), infos, standard_profiles()) == []


def test_a_modem_behind_an_adapter_is_looked_for_behind_such_adapters() -> None:
    infos = [
        Info("/dev/ttyUSB1", *CP2102, "X", "1-4"),
        Info("/dev/ttyUSB5", *CP2102, "Y", "1-2"),
        *stick(6, "1-7"),
    ]
    endpoint = Endpoint("atmodem", "/dev/ttyUSB2", (), *CP2102, "X", "1-2")
    assert addresses(elsewhere(endpoint, infos, standard_profiles())) == ["/dev/ttyUSB1", "/dev/ttyUSB5"]


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[dict[str, Path]]:
    """Links to pseudo-terminals, and two that are no ports."""
    descriptors, made = [], {}
    for name in ("modem7", "modem2", "modem10", "modem", "modem-b1"):
        master, slave = os.openpty()
        descriptors += [master, slave]
        made[name] = tmp_path / name
        made[name].symlink_to(os.ttyname(slave))
    (tmp_path / "modem3").write_text("")
    (tmp_path / "modem4").symlink_to(tmp_path / "nothing")
    yield made
    for each in descriptors:
        os.close(each)


needs_posix = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")


@needs_posix
def test_ports_that_a_person_named_are_looked_for_under_names_like_theirs(
    ports: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {"modem7": 1.0, "modem2": 2.0, "modem10": 3.0}
    monkeypatch.setattr(relocation, "_made_at", lambda address: made[Path(address).name])
    there = ports["modem2"].parent
    found = elsewhere(Endpoint("atmodem", str(there / "modem1"), virtual=True), (), standard_profiles())
    assert addresses(found) == [str(there / name) for name in ("modem10", "modem2", "modem7")]
    assert all(endpoint.virtual for endpoint in found)
    assert addresses(elsewhere(found[0], (), standard_profiles())) == [str(ports["modem2"]), str(ports["modem7"])]
    assert elsewhere(Endpoint("atmodem", str(ports["modem"])), (), standard_profiles()) == []


@needs_posix
def test_a_board_is_never_offered(ports: dict[str, Path]) -> None:
    board = Info(os.path.realpath(ports["modem2"]), *BOARD)
    found = elsewhere(Endpoint("atmodem", str(ports["modem7"])), [board], standard_profiles())
    assert addresses(found) == [str(ports["modem10"])]


@needs_posix
@pytest.mark.parametrize(
    "address", ["/dev/pts/0", "/dev/ttyS0", "/dev/tty1", "/dev/serial/by-id/usb-x-if02-port0"]
)
def test_terminals_of_people_and_ports_that_stay_are_left_alone(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "iterdir", lambda _: pytest.fail("not even looked at"))
    assert elsewhere(Endpoint("atmodem", address), (), standard_profiles()) == []


def test_usb_ports_are_looked_for_in_dev(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["ttyUSB0", "ttyUSB1", "ttyUSB12", "ttyACM0", "ttyS0", "tty1"]
    monkeypatch.setattr(Path, "iterdir", lambda self: iter([self / name for name in names]))
    monkeypatch.setattr(Path, "is_char_device", lambda _: True)
    monkeypatch.setattr(discovery, "endpoint_for", lambda address, *_: Endpoint("atmodem", address))
    found = elsewhere(Endpoint("atmodem", "/dev/ttyUSB1"), (), standard_profiles())
    assert set(addresses(found)) == {"/dev/ttyUSB0", "/dev/ttyUSB12"}
