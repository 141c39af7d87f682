"""What libgammu tells of a handset and its SIM, in gsmsend's words, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gsmsend.contract import Places
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Facts, Sim
from gsmsend_handset.gammu import wire
from gsmsend_handset.gammu.settings import Settings

OPEN_S = 90.0
"""libgammu tries a handset that does not answer for up to a minute."""
IDENTITY_S = 60.0

NO_REPORTS = "libgammu gets no delivery reports from this handset: texts stay unconfirmed."
NO_SIM_TOLD = "The handset does not tell its SIM's IMSI through libgammu: that it was changed would not be seen."
STORED = "What the handset stores while gsmsend runs is left there unread, as reading marks it as read."

_SECURITY = {"PIN": "SIM PIN", "PUK": "SIM PUK", "PIN2": "SIM PIN2", "PUK2": "SIM PUK2"}
_OPENING = {
    "ERR_DEVICENOTEXIST": (
        "is not there",
        "Plug the handset in, and look for its port: ls /dev/ttyACM* /dev/ttyUSB*.",
    ),
    "ERR_DEVICENOPERMISSION": (
        "may not be opened by this user",
        "Add yourself to the group that owns it (dialout on Debian) and log in again.",
    ),
    "ERR_DEVICEOPENERROR": (
        "cannot be opened: another program has it, or it is no device of this kind",
        "Close the other program (ModemManager, gammu, another gsmsend) and try again.",
    ),
    "ERR_UNKNOWNCONNECTIONTYPESTRING": (
        "is to be reached by a connection that libgammu does not have",
        "See `gammu --help` or gammurc(5) for the names, and set connection in [driver.gammu].",
    ),
    "ERR_UNKNOWNMODELSTRING": ("is of a model that libgammu does not know", "Leave model out of [driver.gammu]."),
    "ERR_SOURCENOTAVAILABLE": (
        "is to be reached by a connection that this libgammu was built without",
        "Install a libgammu that has it, or use another connection.",
    ),
}


def raise_not_opened(answer: Mapping[str, Any], settings: Settings) -> None:
    """Raise LinkLost if the connection was not made, GuardStop if that would switch a radio on."""
    if (answer.get("ok") or {}).get("radio_is_off"):
        raise GuardStop(
            f"The radio of the handset on {settings.device} is off, and libgammu would switch it on. gsmsend "
            "leaves an exhibit as it was found, and changes nothing where it only looks.",
            remedy="If it may go on the network, end its flight mode on the handset; then run again.",
        )
    if "error" not in answer:
        return
    name = str(answer["error"])
    words, remedy = _OPENING.get(
        name, ("does not answer through libgammu", "Is the connection the right one? Try others: gammurc(5).")
    )
    raise LinkLost(
        f"the handset on {settings.device} {words} (connection {settings.connection}, {name})", remedy=remedy
    )


def gone(settings: Settings) -> LinkLost:
    """What to raise when an open connection ended."""
    return LinkLost(
        f"the handset on {settings.device} is gone: it was unplugged, switched off or has lost power",
        remedy="Check the cable; gsmsend tries it again by itself.",
    )


def stumbled(settings: Settings) -> LinkLost:
    """What to raise when libgammu can pass on no more of what comes."""
    return LinkLost(
        f"libgammu stumbled over a text that came to the handset on {settings.device}, and has to begin again",
        remedy="Look on the handset for the text; gsmsend connects again by itself.",
    )


def facts(before: Facts, told: Mapping[str, Any]) -> Facts:
    """What `identity` gave. Raises GuardStop for a SIM that asks for a code."""
    imei, imsi = wire.digits_of(told.get("imei")), wire.digits_of(told.get("imsi"))
    state = _SECURITY.get(str(told.get("security") or "").upper(), "")
    where = f"the handset on {before.device.address}" + (f" (IMEI {imei})" if imei else "")
    if state:
        raise GuardStop(
            f"The SIM in {where} asks for a code: {state}.",
            remedy="Enter it on the handset itself. gsmsend types no code through libgammu.",
        )
    device = replace(
        before.device, imei=imei, manufacturer=_words(told.get("manufacturer")), model=_words(told.get("model")),
        revision=_words((told.get("firmware") or [""])[0]), account="" if imsi or not imei else f"handset {imei}",
    )  # fmt: skip
    if not (imsi or imei):
        raise GuardStop(
            f"Neither {where} nor its SIM says who it is through libgammu.",
            remedy="Try another connection (gammurc(5)), or put the SIM into a modem.",
        )
    smsc = _words((told.get("smsc") or {}).get("Number"))
    return refreshed(replace(before, device=device, sim=Sim(imsi=imsi), smsc=smsc), told)


def refreshed(before: Facts, told: Mapping[str, Any]) -> Facts:
    """What may have changed: the SIM, the network, the signal."""
    imsi, imei = wire.digits_of(told.get("imsi")), wire.digits_of(told.get("imei"))
    return replace(
        before, sim=replace(before.sim, imsi=imsi), device=replace(before.device, imei=imei),
        registration=wire.registration_of(told.get("network")), operator=wire.operator_of(told.get("network")),
        signal_dbm=wire.signal_of(told.get("signal")),
    )  # fmt: skip


def guard_same(before: Facts, now: Facts) -> None:
    """Raise GuardStop if SIM or handset is another than before, or can no longer be told."""
    for what, was, found in (
        ("SIM", before.sim.imsi, now.sim.imsi),
        ("handset", before.device.imei, now.device.imei),
    ):
        if was and was != found:
            number = "IMSI" if what == "SIM" else "IMEI"
            there = f"another {what} ({number} {found})" if found else f"a {what} that does not tell who it is"
            raise GuardStop(
                f"On {before.device.address} there is {there}; expected the one that was there before "
                f"({number} {was}). Nothing is sent from it.",
                remedy=f"Put the right {what} back and start again.",
            )


def noted(found: Facts, *, exhibit: bool) -> Facts:
    """The facts with what a person should know."""
    notes = []
    if not found.smsc:
        notes.append("The SIM has no message centre number: sending will fail. Set it on the handset.")
    if not found.sim.imsi:
        notes.append(NO_SIM_TOLD)
    if not found.reports:
        notes.append(NO_REPORTS)
    elif exhibit:
        notes.append(STORED)
    return replace(found, notes=tuple(notes))


def counts(told: object) -> dict[str, Places]:
    """GetSMSStatus: used and all places of SIM (SM) and handset (ME)."""
    if not isinstance(told, Mapping):
        return {}
    pairs = {
        "SM": (told.get("SIMUsed"), told.get("SIMSize")),
        "ME": (told.get("PhoneUsed"), told.get("PhoneSize")),
    }
    return {
        name: (used, size)
        for name, (used, size) in pairs.items()
        if isinstance(used, int) and isinstance(size, int) and 0 <= used <= size
    }


def _words(told: object) -> str:
    """A name as it was told; of a pair, as GetModel gives it, the handset's own word."""
    if isinstance(told, list):
        named = [str(each) for each in told if each and each != "unknown"]
        return named[-1].strip() if named else ""
    return str(told or "").strip()
