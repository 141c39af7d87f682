"""Which of ModemManager's modems is meant, and what to do where it does not answer."""

from __future__ import annotations

import pytest

from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Device, Facts, Sim
from gsmsend_handset import modemmanager_facts as mm
from gsmsend_handset.bus import BusError, BusGone, NoAnswer, Objects

FIRST, SECOND = "350000000000019", "350000000000027"
OBJECTS: Objects = {
    "/Modem/0": {
        mm.MODEM: {"EquipmentIdentifier": FIRST, "Device": "/sys/devices/usb1/1-4", "DeviceIdentifier": "a"}
    },
    "/Modem/1": {mm.MODEM: {"EquipmentIdentifier": SECOND, "Device": "/sys/devices/usb1/1-5"}},
    "/SIM/0": {mm.SIM: {}},
}


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        (mm.Wanted(imei=SECOND), "/Modem/1"),
        (mm.Wanted(device="/sys/devices/usb1/1-4"), "/Modem/0"),
        (mm.Wanted(device="a"), "/Modem/0"),
    ],
)
def test_a_modem_is_found_by_imei_or_place(wanted: mm.Wanted, path: str) -> None:
    assert mm.choose(OBJECTS, wanted) == path


def test_the_only_one_needs_no_name() -> None:
    assert mm.choose({"/Modem/1": OBJECTS["/Modem/1"]}, mm.Wanted()) == "/Modem/1"


def test_of_several_none_is_guessed() -> None:
    with pytest.raises(GuardStop, match=f"2 modems .IMEI {FIRST}, {SECOND}.") as stopped:
        mm.choose(OBJECTS, mm.Wanted())
    assert "[driver.modemmanager] imei" in stopped.value.remedy


@pytest.mark.parametrize(
    ("objects", "wanted", "words"),
    [
        (OBJECTS, mm.Wanted(imei="350000000000035"), "does not have the modem with IMEI 350000000000035"),
        (OBJECTS, mm.Wanted(device="/sys/x"), "does not have the modem at /sys/x"),
        ({}, mm.Wanted(imei=FIRST), "ModemManager has no modem"),
    ],
)
def test_another_is_never_taken(objects: Objects, wanted: mm.Wanted, words: str) -> None:
    with pytest.raises(LinkLost, match=words):
        mm.choose(objects, wanted)


def test_ports_are_files_and_networks_are_not() -> None:
    ports = [("wwan0", 2), ("ttyUSB2", 3), ("cdc-wdm0", 6)]
    assert mm.device_nodes({"Ports": ports}) == ("/dev/ttyUSB2", "/dev/cdc-wdm0")


@pytest.mark.parametrize(
    ("state", "sim", "words"),
    [
        ("SIM PUK", Sim(iccid="8944100000000000019"), "asks for SIM PUK; over ModemManager gsmsend types no PIN"),
        ("NOT INSERTED", Sim(), "has no SIM that can be read"),
        ("READY", Sim(), "has no SIM that can be read"),
    ],
)
def test_without_a_sim_that_is_open_a_person_must_act(state: str, sim: Sim, words: str) -> None:
    with pytest.raises(GuardStop, match=words):
        mm.ready(Facts(Device(mm.NAME, FIRST), sim, sim_state=state))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (BusGone(), "bus is gone"),
        (NoAnswer(), "does not answer"),
        (BusError("org.freedesktop.DBus.Error.ServiceUnknown", ""), "does not run"),
        (BusError(f"{mm.ERROR}Core.Unauthorized", ""), "does not let gsmsend use the modem"),
        (BusError(f"{mm.ERROR}Core.Failed", "about +447700900123"), "refused a question (Core.Failed)"),
    ],
)
def test_what_is_lost_says_what_to_do(fault: BusError | NoAnswer | BusGone, words: str) -> None:
    lost = mm.lost(fault)
    assert words in str(lost)
    assert lost.remedy
    assert "900123" not in lost.words
