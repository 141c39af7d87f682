"""What Android tells over adb, read: properties, SIMs, registration and signal, IMEI. Pure; tolerant of refusals.

None of the commands changes anything: `getprop`, `content query` (a query), `dumpsys telephony.registry`, and the
first call of `iphonesubinfo`, a service that has nothing but questions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gsmsend.model import Registration

PROPERTIES = "getprop"
SIMS = "content query --uri content://telephony/siminfo"
REGISTRY = "dumpsys telephony.registry"
IMEI = "service call iphonesubinfo 1 s16 com.android.shell"

_PROPERTY = re.compile(r"^\[([^\]]+)\]: \[(.*)\]$", re.MULTILINE)
_COLUMN = re.compile(r"(?:^Row: \d+ |, )([a-z_0-9]+)=((?:[^,\n]|, (?![a-z_0-9]+=))*)")
_ICCID = re.compile(r"(\d{18,20})F?")
_IMSI = re.compile(r"\d{14,15}")
_OWN = re.compile(r"\+\d{7,15}")
_PHONE = re.compile(r"^\s*Phone Id=(\d+)\s*$", re.MULTILINE)
_VOICE = re.compile(r"mServiceState=\{(?:.*?)mVoiceRegState=(\d)")
_VOICE_BEFORE_9 = re.compile(r"mServiceState=(\d) ")
_STRENGTH = re.compile(r"(?:rsrp|ssRsrp|rscp|rssi|ss)\s*=\s*(-\d{2,3})\b")
_WORD = re.compile(r"(?<!0x)(?<![0-9a-f])([0-9a-f]{8})(?![0-9a-f:])")

_STATES = {"0": Registration.HOME, "1": Registration.SEARCHING, "2": Registration.DENIED}
_SIM_STATES = {
    "READY": "READY", "LOADED": "READY", "PIN_REQUIRED": "SIM PIN", "PUK_REQUIRED": "SIM PUK",
    "ABSENT": "NOT INSERTED", "NETWORK_LOCKED": "PH-NET PIN", "PERM_DISABLED": "SIM blocked",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SlotSim:
    """A SIM as Android has it: `slot` from 1. What it does not tell, or masks, is None."""

    slot: int
    iccid: str | None = None
    imsi: str | None = None
    number: str | None = None
    carrier: str = ""


def properties(answer: str) -> dict[str, str]:
    """What `getprop` says."""
    return dict(_PROPERTY.findall(answer.replace("\r", "")))


def of_slot(found: Mapping[str, str], name: str, slot: int) -> str:
    """A property that has a value for each slot with commas between, for this one."""
    values = found.get(name, "").split(",")
    return values[slot - 1].strip() if slot <= len(values) else ""


def sims(answer: str) -> list[SlotSim] | None:
    """The SIMs that are in now, by slot; None if Android does not tell."""
    if "Row:" not in answer:
        return [] if answer.strip() == "No result found." else None
    found = []
    for row in answer.replace("\r", "").splitlines():
        columns: dict[str, str] = dict(_COLUMN.findall(row))
        place = columns.get("sim_id", columns.get("sim_slot_index", ""))
        if not place.isdecimal():  # -1 is a SIM that was in once
            continue
        values = [columns.get(name, "") for name in ("icc_id", "imsi", "number", "carrier_name")]
        found.append(slot_sim(int(place) + 1, *values))
    return sorted(found, key=lambda sim: sim.slot)


def slot_sim(slot: int, iccid: str, imsi: str, number: str, carrier: str) -> SlotSim:
    """A SIM of what was told: what is masked, missing or of another form is left out."""
    card, owner, own = _ICCID.fullmatch(iccid), _IMSI.fullmatch(imsi), _OWN.fullmatch(number)
    named = carrier.strip() if carrier.strip() != "NULL" else ""
    return SlotSim(slot, card and card[1], owner and owner[0], own and own[0], named)


def registration(registry: str, found: Mapping[str, str], slot: int) -> Registration:
    """Of one slot: by the telephony registry, or by the operator's number where that may not be read."""
    section = _section(registry, slot)
    state = _VOICE.search(section) or _VOICE_BEFORE_9.search(section)
    roaming = of_slot(found, "gsm.operator.isroaming", slot) == "true"
    served = Registration.ROAMING if roaming else Registration.HOME
    if state is not None:
        told = _STATES.get(state[1], Registration.NOT_SEARCHING)
        return served if told is Registration.HOME else told
    return served if of_slot(found, "gsm.operator.numeric", slot).isdecimal() else Registration.UNKNOWN


def signal_dbm(registry: str, slot: int) -> int | None:
    """Of one slot, as the newest radio in use gives it."""
    _, _, strength = _section(registry, slot).partition("mSignalStrength=")
    values = [int(value) for value in _STRENGTH.findall(strength.partition("\n")[0])]
    likely = [value for value in values if -140 <= value <= -40]
    return likely[0] if likely else None


def sim_state(found: Mapping[str, str], slot: int) -> str:
    """As +CPIN has it; READY where Android does not tell."""
    told = of_slot(found, "gsm.sim.state", slot)
    return _SIM_STATES.get(told, told.replace("_", " ") if told not in {"", "UNKNOWN"} else "READY")


def imei(answer: str) -> str | None:
    """From a parcel in hexadecimal words, which has it as UTF-16; None if that is no IMEI (TS 23.003 6.2.1)."""
    octets = b"".join(bytes.fromhex(word)[::-1] for word in _WORD.findall(answer))
    digits = "".join(sign for sign in octets[8:].decode("utf-16-le", errors="replace") if sign in "0123456789")
    return digits if len(digits) == 15 and _luhn(digits) else None


def _section(registry: str, slot: int) -> str:
    """What the registry says of one slot; of older versions, all that it says."""
    places = list(_PHONE.finditer(registry))
    if not places:
        return registry
    for place, after in zip(places, [*places[1:], None], strict=True):
        if int(place[1]) == slot - 1:
            return registry[place.end() : after.start() if after is not None else None]
    return ""


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
