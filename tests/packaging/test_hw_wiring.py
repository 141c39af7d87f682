"""The arithmetic of hw/wiring.md done again from the figures that it cites."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from gsmsend_atmodem.recovery import cycle_power

PAGE = (Path(__file__).parents[2] / "hw" / "wiring.md").read_text(encoding="utf-8").replace("\u2212", "-")
BURST_A, RAIL_V, USB_V, EFFICIENCY = 2.0, 3.8, 5.0, 0.85
TALKING_A, IDLE_A = 0.238, 0.0174
SHARE = 1 / 8


def said(pattern: str) -> float:
    """The one number that the page has there."""
    found = re.findall(pattern, PAGE)
    assert len(found) == 1, (pattern, found)
    return float(found[0].replace(",", ""))


def at_5_v(amperes: float) -> float:
    return amperes * RAIL_V / EFFICIENCY / USB_V


def test_figures_from_data_sheets_are_those_that_are_reckoned_with() -> None:
    assert said(r"full power \| ([\d.]+) A") == BURST_A
    assert said(r"GSM 900 \| (\d+) mA on average") == TALKING_A * 1000
    assert said(r"idle, registered \| ([\d.]+) mA") == IDLE_A * 1000
    assert said(r"converter of (\d+) %") == EFFICIENCY * 100


def test_a_burst_and_the_capacitor_that_bridges_it() -> None:
    assert said(r"2\.0 A at 3\.8 V is ([\d.]+) A at 5 V") == pytest.approx(at_5_v(BURST_A), abs=0.005)
    assert said(r"([\d.]+) times what a USB 2 socket gives") == pytest.approx(at_5_v(BURST_A) / 0.5, abs=0.05)
    slot_s = 4.615e-3 / 8
    assert said(r"each frame of 4\.615 ms: (\d+) µs") == pytest.approx(slot_s * 1e6, abs=1)
    lacking_a = BURST_A - 0.5 * USB_V * EFFICIENCY / RAIL_V
    assert said(r"drop of 0\.3 V takes ([\d,]+) µF") == pytest.approx(lacking_a * slot_s / 0.3 * 1e6, rel=0.01)
    assert said(r"averages are small: ([\d.]+) A") == pytest.approx(at_5_v(TALKING_A), abs=0.005)


@pytest.mark.parametrize("modems", [1, 8, 16, 64])
def test_what_a_supply_must_give(modems: int) -> None:
    row = re.search(rf"\n\| {modems} \| ([\d.]+) A \| (\d+) \| \*\*([\d.]+) A\*\* \| ([\d.]+) A \|", PAGE)
    assert row
    overlapping = min(modems, math.ceil(modems * SHARE + 3 * math.sqrt(modems * SHARE * (1 - SHARE))))
    peak_a = overlapping * at_5_v(BURST_A) + (modems - overlapping) * at_5_v(IDLE_A)
    reckoned = (modems * at_5_v(TALKING_A), overlapping, peak_a, modems * at_5_v(BURST_A))
    assert [float(each) for each in row.groups()] == pytest.approx(reckoned, abs=0.06)
    assert modems == 1 or peak_a <= said(r"rated for (\d+) A \S sockets") * modems


def free_space_db(metres: float, mhz: float = 900) -> float:
    return 20 * math.log10(metres) + 20 * math.log10(mhz) - 27.55


def test_how_far_apart_antennas_are() -> None:
    assert said(r"at 900 MHz\s+([\d.]+) dB at 10 cm") == pytest.approx(free_space_db(0.1), abs=0.05)
    assert said(r"and ([\d.]+) dB at 1 m") == pytest.approx(free_space_db(1.0), abs=0.05)
    assert said(r"0 dBm takes ([\d.]+) m") == pytest.approx(1.18, abs=0.05)
    assert free_space_db(1.18) == pytest.approx(33, abs=0.1)
    assert said(r"reached at (\d+) cm") == 12
    assert free_space_db(0.118) == pytest.approx(33 - 2 * 10, abs=0.1)


def test_the_laboratorys_budget_adds_up() -> None:
    rows = re.findall(r"\| (-?\+?\d+) dBm \| (-?\+?\d+) dBm \|", PAGE.replace("modem ", "").replace("tester ", ""))
    steps = [(int(up), int(down)) for up, down in rows]
    assert steps == [(33, -20), (-7, -60), (-20, -73)]
    ends = re.search(r"\*\*(-\d+) dBm at the tester\*\* \| \*\*(-\d+) dBm at the modem\*\*", PAGE)
    assert ends
    assert (int(ends[1]), int(ends[2])) == (-20 - 2, -73 - 2)
    assert said(r"is (\d+) dB over -102 dBm") == -75 + 102
    assert said(r"16 modems: (\d+) dB for the split") == round(10 * math.log10(16))
    assert said(r"20 dB to spare asks for (\d+) dB") == -50 + 102 + 20


def test_the_heat_adds_up() -> None:
    taken_w, radiated_w = TALKING_A * RAIL_V, 2 * SHARE
    assert said(r"full power takes ([\d.]+) W") == pytest.approx(taken_w, abs=0.01)
    assert said(r"radiates ([\d.]+) W") == radiated_w
    assert said(r"some ([\d.]+) W of heat") == pytest.approx(taken_w - radiated_w, abs=0.05)
    assert said(r"64 of them: (\d+) W") == pytest.approx(64 * (taken_w / EFFICIENCY - radiated_w), abs=1)


def test_the_endpoints_that_a_controller_has() -> None:
    assert said(r"Intel 8 Series chipset\s+(\d+)") // said(r"network port has some (\d+)") == 6


def test_uhubctl_is_told_what_the_page_says() -> None:
    told: list[tuple[str, ...]] = []

    def run(command: object) -> int:
        assert isinstance(command, tuple)
        told.append(command)
        return 1

    cycle_power("1-1.2", run=run, find=lambda name: name)
    assert " ".join(told[0]) in PAGE
    assert "uhubctl -l HUB -p SOCKET -a cycle -d 5" in PAGE
