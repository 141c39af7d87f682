"""hw/99-gsmsend.rules: written from the matrix, in strict udev language, and right for every modem in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Row = dict[str, Any]


def test_the_file_is_written_from_it(script: dict[str, Any], matrix: list[Row], rules_text: str) -> None:
    assert rules_text == script["render"](matrix), "run: python hw/udev_rules.py"


def test_the_language_is_strict(parse_rules: Callable[[str], Any], rules_text: str) -> None:
    assert len(parse_rules(rules_text)) > 20


@pytest.mark.parametrize(
    "line",
    [
        'SUBSYSTEM="tty", GROUP="dialout"',
        'SUBSYSTEM=="tty" GROUP="dialout"',
        'SUBSYSTEM=="tty", GRUPPE="dialout"',
        'SUBSYSTEM=="tty", GROUP=="dialout"',
        'ATTRS=="12d1", MODE="0660"',
        'SYMLINK="gsmsend/modem"',
        'RUN="/bin/sh"',
        'SYMLINK+="gsmsend/modem-$kernel"',
        'SUBSYSTEM=="tty", GOTO="nowhere"',
        'LABEL="up"\nSUBSYSTEM=="tty", GOTO="up"',
        'SUBSYSTEM=="tty",',
        'SUBSYSTEM=="tty", MODE="0660',
    ],
)
def test_what_udev_would_not_take_is_refused(parse_rules: Callable[[str], Any], line: str) -> None:
    with pytest.raises(ValueError, match=r"line|LABEL"):
        parse_rules(line + "\n")


def test_every_at_port_is_named_and_may_be_opened(plug_in: Callable[..., Any], matrix: list[Row]) -> None:
    for row in matrix:
        for place, interface in enumerate(row["at"]):
            seen = plug_in(row["usb"], interface)
            names = [f"gsmsend/modem-1-1.2-if{interface:02x}"]
            if place == 0:
                names.insert(0, "gsmsend/modem-1-1.2")
            assert seen.links == names, row["usb"]
            assert (seen.group, seen.mode) == ("dialout", "0660"), row["usb"]


def test_ports_that_are_not_for_commands_get_no_name(plug_in: Callable[..., Any], matrix: list[Row]) -> None:
    for row in matrix:
        others = {int(number) for number, what in row.get("interfaces", {}).items() if what != "AT"}
        for interface in others if row["at"] else ():
            assert plug_in(row["usb"], interface).links == [], (row["usb"], interface)


def test_where_no_at_port_is_known_each_port_has_its_own_name(
    plug_in: Callable[..., Any], matrix: list[Row]
) -> None:
    unknown = [row["usb"] for row in matrix if row["usb"] and not row["at"]]
    assert unknown
    for usb in unknown:
        assert plug_in(usb, 3).links == ["gsmsend/modem-1-1.2-if03"], usb


@pytest.mark.parametrize("subsystem", ["tty", "net", "usbmisc"])
def test_modemmanager_is_kept_off_every_port(
    plug_in: Callable[..., Any], matrix: list[Row], subsystem: str
) -> None:
    for row in matrix:
        if row["usb"]:
            for seen in (plug_in(row["usb"], 0, subsystem), plug_in(row["usb"], None)):
                assert seen.env["ID_MM_DEVICE_IGNORE"] == seen.env["ID_MM_PORT_IGNORE"] == "1", row["usb"]


def test_modems_are_kept_awake_and_marked(plug_in: Callable[..., Any], matrix: list[Row]) -> None:
    for row in matrix:
        if row["usb"]:
            seen = plug_in(row["usb"], None, "usb")
            assert (seen.attrs, seen.env["GSMSEND_MODEM"]) == ({"power/control": "on"}, "1"), row["usb"]
            assert "GSMSEND_MODEM" not in plug_in(row["usb"], 0, "tty").env


def test_a_wedged_modem_may_be_started_anew_by_the_group(plug_in: Callable[..., Any]) -> None:
    permission = "/sys/devices/1-1.2/authorized"
    assert plug_in("12d1:1506", None).programs == [
        f"/bin/chgrp dialout {permission}",
        f"/bin/chmod 0664 {permission}",
    ]
    assert plug_in("12d1:1506", 0).programs == []


def test_the_rules_are_read_in_their_order() -> None:
    names = [path.name for path in sorted((Path(__file__).parents[3] / "hw").glob("*.rules"))]
    assert names == ["99-gsmsend.rules", "99-z-gsmsend-recovery.rules"]


def test_only_the_file_for_recovery_starts_programs(rules_text: str) -> None:
    assert "RUN" not in rules_text


STRANGERS = ["10c4:ea60", "1a86:7523", "0403:6001", "12d1:14dc", "05c6:9008", "1d6b:0002"]


@pytest.mark.parametrize("usb", STRANGERS)
def test_a_device_that_is_not_in_the_matrix_is_left_alone(plug_in: Callable[..., Any], usb: str) -> None:
    for interface in (0, 2, None):
        seen = plug_in(usb, interface)
        assert (seen.env, seen.links, seen.group, seen.mode) == ({}, [], None, None)
        assert (seen.attrs, seen.programs) == ({}, [])


def test_nothing_happens_on_removal(plug_in: Callable[..., Any], matrix: list[Row]) -> None:
    assert plug_in(matrix[0]["usb"], 2, action="remove").env == {}


def test_a_row_added_to_the_matrix_needs_new_rules(script: dict[str, Any], matrix: list[Row]) -> None:
    more = [*matrix, {"usb": "ffff:0001", "at": [1]}]
    assert "ffff" in script["render"](more)
    assert "ffff" not in script["render"](matrix)
