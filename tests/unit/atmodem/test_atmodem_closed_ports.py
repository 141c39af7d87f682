"""Ports for diagnostics and the like are never opened, whoever names them; what is opened stays private."""

from __future__ import annotations

import os
import stat
import tomllib
import tty
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gsmsend.contract import Endpoint
from gsmsend.errors import DriverError, UsageError
from gsmsend_atmodem.discovery import endpoint_for, find_sticks, is_closed
from gsmsend_atmodem.port import open_port
from gsmsend_atmodem.profile_file import FOLDER, read_profile, standard_profiles
from gsmsend_atmodem.relocation import elsewhere
from gsmsend_atmodem.transcript import Transcript

MATRIX = Path(__file__).parents[3] / "hw" / "devices"
CLOSED = {"diagnostics", "GNSS", "SAP", "adb", "audio", "voice", "firmware update", "card reader"}
ROWS: list[dict[str, Any]] = [
    row for file in sorted(MATRIX.glob("*.toml")) for row in tomllib.loads(file.read_text()).get("device", ())
    if row["usb"]
]  # fmt: skip
EC25 = (0x2C7C, 0x0125)

posix = pytest.mark.skipif(os.name != "posix", reason="file modes and descriptors")


@dataclass
class Info:
    device: str
    vid: int | None = EC25[0]
    pid: int | None = EC25[1]
    serial_number: str | None = None
    location: str | None = None
    interface: str | None = None
    description: str = ""
    hwid: str = ""


def stick(first: int, place: str, vid: int = EC25[0], pid: int = EC25[1], count: int = 4) -> list[Info]:
    return [Info(f"/dev/ttyUSB{first + n}", vid, pid, None, f"{place}:1.{n}") for n in range(count)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["usb"])
def test_what_the_matrix_knows_for_something_else_is_closed(row: dict[str, Any]) -> None:
    vid, pid = (int(part, 16) for part in row["usb"].split(":"))
    profile = standard_profiles().by_usb(vid, pid)
    product = profile.product(row["usb"]) if profile is not None else None
    assert product is not None
    closed = {int(number) for number, what in row.get("interfaces", {}).items() if what in CLOSED}
    assert set(product.closed_interfaces) == closed
    opened = {
        int(port.device[-2:].lstrip("B"))
        for port in stick(0, "1-1", vid, pid, 16)
        if not is_closed(port, standard_profiles())
    }
    assert opened == set(range(16)) - closed
    assert opened >= set(product.at_interfaces)


def test_a_sticks_diagnostics_port_is_none_of_its_ports() -> None:
    (found,) = find_sticks(stick(0, "1-1"), standard_profiles())
    assert (found.address, found.others) == ("/dev/ttyUSB2", ("/dev/ttyUSB3",))


def test_a_stick_that_shows_nothing_else_is_no_modem_now() -> None:
    assert find_sticks(stick(0, "1-1")[:2], standard_profiles()) == []


@pytest.mark.parametrize("name", ["Diag", "DIAG port", "QCDM", "Qualcomm QDSS"])
def test_a_port_named_after_diagnostics_is_closed_on_modems_nobody_knows(name: str) -> None:
    ports = [Info("/dev/ttyACM0", 0x7777, 1, interface=name), Info("/dev/ttyACM1", 0x7777, 1, interface="AT")]
    for port in ports:
        port.location = "1-1"
    (found,) = find_sticks(ports, standard_profiles())
    assert (found.address, found.others) == ("/dev/ttyACM1", ())


def test_a_person_who_names_a_closed_port_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = stick(0, "1-1")
    with pytest.raises(UsageError, match="/dev/ttyUSB0 is not the modem's port for commands") as wrong:
        endpoint_for("/dev/ttyUSB0", ports, standard_profiles())
    assert "gsmsend modems" in wrong.value.remedy
    assert endpoint_for("/dev/ttyUSB2", ports, standard_profiles()).usb_location == "1-1"


def test_a_modem_that_moved_is_not_looked_for_on_closed_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Endpoint("atmodem", "/dev/ttyUSB2", (), *EC25, None, "1-1")
    (found,) = elsewhere(known, stick(4, "1-1"), standard_profiles())
    assert (found.address, found.others) == ("/dev/ttyUSB6", ("/dev/ttyUSB7",))
    monkeypatch.setattr(Path, "iterdir", lambda self: iter([self / f"ttyUSB{number}" for number in range(4, 8)]))
    monkeypatch.setattr(Path, "is_char_device", lambda _: True)
    monkeypatch.setattr(Path, "exists", lambda _: True)
    named = elsewhere(Endpoint("atmodem", "/dev/ttyUSB2"), stick(4, "1-1"), standard_profiles())
    assert sorted(each.address for each in named) == ["/dev/ttyUSB6", "/dev/ttyUSB7"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [("at_interfaces = [2, 0]\nclosed_interfaces = [0]", "none of at_interfaces"),
     ('closed_interfaces = ["0"]', "interface numbers"), ("closed_interfaces = 0", "interface numbers")],
)  # fmt: skip
def test_a_row_that_closes_what_cannot_be_closed_is_refused(tmp_path: Path, rows: str, words: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        f'name = "x"\ntitle = "X"\n[[device]]\nusb = "ffff:0001"\ntitle = "T"\n{rows}\nsource = "a manual"\n'
    )
    with pytest.raises(DriverError, match=words):
        read_profile(path, read_profile(FOLDER / "generic.toml", None))


# -- privacy and many files ------------------------------------------------------------------------------


@posix
def test_a_transcript_is_for_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        for _ in range(2):
            Transcript(tmp_path / "new" / "t", "x", 0, 0).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new" / "t").stat().st_mode) == 0o600
    assert (tmp_path / "new" / "t").read_text().count("# x") == 2


@posix
def test_a_port_with_a_high_descriptor_works() -> None:
    """A bench of many modems, or a limit that somebody raised: select takes no descriptor above 1023."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1200:
        pytest.skip("this computer allows no descriptor above 1023")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
    held: list[int] = []
    try:
        held.append(os.open(os.devnull, os.O_RDONLY))
        while held[-1] < 1030:
            held.append(os.dup(held[-1]))
        master, slave = os.openpty()
        tty.setraw(slave)
        port = open_port(os.ttyname(slave), 115200)
        try:
            assert port.read(0) == b""
            os.write(master, b"\r\nOK\r\n")
            assert port.read(5) == b"\r\nOK\r\n"
            port.write(b"AT\r")
            assert os.read(master, 10) == b"AT\r"
            port.wake()
            assert port.read(30) == b""
        finally:
            port.close()
            os.close(master)
            os.close(slave)
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
