"""Where devices are plugged in, in words and for scripts."""

from __future__ import annotations

import pytest

from gsmsend.cli.inspection import Seen
from gsmsend.cli.modems import as_object, lines_of
from gsmsend.cli.sockets import hub_of, twins, unready_lines, unready_object
from gsmsend.contract import Endpoint, Unready
from gsmsend.model import Device, Facts, Sim

IMEI = "350000000000001"


def seen(address: str, place: str | None, iccid: str, imei: str = IMEI) -> Seen:
    device = Device("atmodem", address, imei=imei)
    return Seen(Endpoint("atmodem", address, usb_location=place), Facts(device, Sim(iccid=iccid)))


@pytest.mark.parametrize(
    ("place", "hub"),
    [
        ("1-1.2", ("1-1", 2)),
        ("2-1.4.3", ("2-1.4", 3)),
        ("1-3", ("1", 3)),
        ("20-2.1", ("20-2", 1)),
        (None, None),
        ("somewhere", None),
    ],
)
def test_the_hub_and_its_port_are_read_from_the_path(place: str | None, hub: tuple[str, int] | None) -> None:
    assert hub_of(place) == hub


def test_modems_tells_them_beside_imei_and_sim() -> None:
    one = seen("/dev/ttyUSB2", "1-1.2", "89440000000000000010")
    assert "  USB 1-1.2: port 2 of hub 1-1" in list(lines_of(one))
    told = as_object(one)
    assert (told["usb_path"], told["hub"], told["hub_port"]) == ("1-1.2", "1-1", 2)
    assert (told["imei"], told["iccid"]) == (IMEI, "89440000000000000010")


def test_one_that_is_not_on_usb_has_none() -> None:
    one = seen("COM5", None, "89440000000000000010")
    assert not any("USB" in line for line in lines_of(one))
    assert as_object(one)["usb_path"] is None


def test_one_imei_for_several_sims_is_told() -> None:
    alike = [seen(f"/dev/ttyUSB{index}", f"1-1.{index}", f"894400000000000001{index}") for index in range(3)]
    (words,) = twins(alike)
    assert IMEI in words
    assert "USB sockets" in words
    assert list(twins([*alike[:1], seen("/dev/ttyUSB9", "1-2", "89440000000000000099", "350000000000002")])) == []


def test_one_sim_that_two_routes_reach_is_no_twin() -> None:
    assert list(twins([seen("/dev/ttyUSB0", "1-1", "1"), seen("/dev/ttyUSB1", "1-1", "1")])) == []


def test_a_stick_in_another_mode_is_told_with_what_to_do() -> None:
    one = Unready("1-1.3", "12d1:14dc", "Huawei E3372h", "a network card (HiLink)", "Do this.")
    lines = list(unready_lines(one))
    assert "1-1.3" in lines[0]
    assert any("HiLink" in line for line in lines)
    assert any("Do this." in line for line in lines)
    assert any("exhibit" in line for line in lines)
    told = unready_object(one)
    assert (told["usb_path"], told["hub_port"], told["do"]) == ("1-1.3", 3, "Do this.")
