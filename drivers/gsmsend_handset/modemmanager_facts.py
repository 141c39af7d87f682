"""What ModemManager says of a modem, as facts: which of its objects is meant, its SIM, lock, registration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Device, Facts, Registration, Sim
from gsmsend_handset.bus import Address, Bus, BusError, BusGone, NoAnswer, Objects

NAME = "modemmanager"
SERVICE = "org.freedesktop.ModemManager1"
ROOT = "/org/freedesktop/ModemManager1"
MODEM = f"{SERVICE}.Modem"
MODEM_3GPP = f"{MODEM}.Modem3gpp"
MESSAGING = f"{MODEM}.Messaging"
SIM = f"{SERVICE}.Sim"
ERROR = f"{SERVICE}.Error."
CALL_S = 25.0
"""How long ModemManager may take over a question. It answers from what it knows."""

DISABLED, FAILED = 3, -1
_NO_SIM = 2
_NET = 2
_NONE = "/"
_LOCKS = {
    2: "SIM PIN", 4: "SIM PUK", 6: "PH-SP PIN", 7: "PH-SP PUK", 8: "PH-NET PIN", 9: "PH-NET PUK", 10: "PH-SIM PIN",
    11: "PH-CORP PIN", 12: "PH-CORP PUK", 13: "PH-FSIM PIN", 14: "PH-FSIM PUK", 15: "PH-NETSUB PIN",
    16: "PH-NETSUB PUK",
}  # fmt: skip
"""MMModemLock. PIN2 and PUK2 (3, 5) do not stand in the way of texts."""
_REGISTRATIONS = {
    0: Registration.NOT_SEARCHING, 1: Registration.HOME, 2: Registration.SEARCHING, 3: Registration.DENIED,
    5: Registration.ROAMING, 6: Registration.HOME, 7: Registration.ROAMING, 8: Registration.DENIED,
    9: Registration.HOME, 10: Registration.ROAMING, 11: Registration.DENIED,
}  # fmt: skip
"""MMModem3gppRegistrationState; 6 and 7 are for SMS only, 8 and 11 for emergency calls only."""
_NOT_DIGITS = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which modem: its IMEI, or its place (`Device` or `DeviceIdentifier`); both empty for the only one."""

    imei: str = ""
    device: str = ""

    @property
    def words(self) -> str:
        """It, in words."""
        return f"the modem with IMEI {self.imei}" if self.imei else f"the modem at {self.device}"

    def fits(self, properties: dict[str, Any]) -> bool:
        """Whether it is this one."""
        if self.imei:
            return bool(properties.get("EquipmentIdentifier") == self.imei)
        names = (properties.get("Device"), properties.get("DeviceIdentifier"))
        return not self.device or self.device in names


def modems(objects: Objects) -> dict[str, dict[str, Any]]:
    """The modems among ModemManager's objects: properties by path."""
    return {path: found[MODEM] for path, found in objects.items() if MODEM in found}


def device_nodes(modem: dict[str, Any]) -> tuple[str, ...]:
    """The modem's ports as files, without its network interfaces (MMModemPortType 2)."""
    return tuple(f"/dev/{name}" for name, kind in modem.get("Ports", ()) if kind != _NET)


def choose(objects: Objects, wanted: Wanted) -> str:
    """The path of the modem that is wanted. Raises LinkLost if there is none, GuardStop if there are several."""
    known = modems(objects)
    fitting = [path for path, properties in sorted(known.items()) if wanted.fits(properties)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        imeis = ", ".join(str(known[path].get("EquipmentIdentifier") or "unknown") for path in fitting)
        raise GuardStop(
            f"ModemManager has {len(fitting)} modems (IMEI {imeis}), and which one to use is not said",
            remedy='Name it in gsmsend.toml: [driver.modemmanager] imei = "..."',
        )
    if known and (wanted.imei or wanted.device):
        raise LinkLost(
            f"ModemManager does not have {wanted.words}", remedy="`mmcli -L` lists those that it has. Plug it in."
        )
    raise LinkLost(
        "ModemManager has no modem",
        remedy="Plug one in and give it half a minute; `mmcli -L` lists those that it has.",
    )


def read_facts(bus: Bus, path: str, *, virtual: bool) -> Facts:
    """Facts of the modem at `path`. Raises BusError, NoAnswer, BusGone."""
    modem = bus.properties(Address(SERVICE, path, MODEM), within_s=CALL_S)
    network: dict[str, Any] = {}
    state = _sim_state(modem)
    if modem.get("State", 0) >= DISABLED:
        network = bus.properties(Address(SERVICE, path, MODEM_3GPP), within_s=CALL_S)
    registration = _REGISTRATIONS.get(int(network.get("RegistrationState", 4)), Registration.UNKNOWN)
    imei = str(modem.get("EquipmentIdentifier") or network.get("Imei") or "")
    device = Device(
        NAME, imei or str(modem.get("Device", path)), imei=imei or None,
        manufacturer=str(modem.get("Manufacturer", "")), model=str(modem.get("Model", "")),
        revision=str(modem.get("Revision", "")), usb=str(modem.get("Device", "")) or None, virtual=virtual,
    )  # fmt: skip
    return Facts(
        device, _sim(bus, str(modem.get("Sim", _NONE)), modem), registration, str(network.get("OperatorName", "")),
        _dbm(modem.get("SignalQuality")), sim_state=state, notes=_notes(modem),
    )  # fmt: skip


def _sim(bus: Bus, path: str, modem: dict[str, Any]) -> Sim:
    if path in {_NONE, ""}:
        return Sim()
    card = bus.properties(Address(SERVICE, path, SIM), within_s=CALL_S)
    numbers = modem.get("OwnNumbers") or []
    return Sim(_digits(card.get("SimIdentifier")), _digits(card.get("Imsi")), str(numbers[0]) if numbers else None)


def _digits(value: object) -> str | None:
    """Digits only: some modems fill an ICCID of 19 digits up with F."""
    return _NOT_DIGITS.sub("", str(value or "")) or None


def _sim_state(modem: dict[str, Any]) -> str:
    """In the words of +CPIN (TS 27.007 8.3)."""
    if modem.get("State") == FAILED and modem.get("StateFailedReason") == _NO_SIM:
        return "NOT INSERTED"
    return _LOCKS.get(int(modem.get("UnlockRequired", 0)), "READY")


def _dbm(quality: object) -> int | None:
    """ModemManager gives percent of the way from -113 to -51 dBm (TS 27.007 8.5, +CSQ 0 to 31)."""
    if not isinstance(quality, list | tuple) or not quality or not quality[0]:
        return None
    return -113 + round(int(quality[0]) * 62 / 100)


def _notes(modem: dict[str, Any]) -> tuple[str, ...]:
    notes = ["ModemManager keeps this modem and reads what it receives; gsmsend never unlocks its SIM"]
    if modem.get("State") == FAILED:
        notes.append(f"ModemManager says that the modem failed (reason {modem.get('StateFailedReason', 0)})")
    if modem.get("State") == DISABLED:
        notes.append("it is switched off in ModemManager; gsmsend switches it on when it sends")
    return tuple(notes)


def ready(facts: Facts) -> None:
    """Raise GuardStop if the SIM is locked or missing: a person must act, gsmsend never types a PIN here."""
    if facts.sim_state == "NOT INSERTED" or (facts.sim_state == "READY" and not facts.sim.known):
        raise GuardStop(f"the modem {facts.device.address} has no SIM that can be read", remedy="Put the SIM in.")
    if facts.sim_state != "READY":
        raise GuardStop(
            f"the SIM in the modem {facts.device.address} is locked: it asks for {facts.sim_state}; "
            "over ModemManager gsmsend types no PIN",
            remedy="Use the driver atmodem, which may, or have it unlocked by a person who knows the PIN.",
        )


def lost(fault: BusError | NoAnswer | BusGone) -> LinkLost:
    """What it means for the link that the bus, or ModemManager, did not answer, or refused a question."""
    if isinstance(fault, BusGone):
        return LinkLost("the message bus is gone", remedy="See that the D-Bus daemon runs.")
    if isinstance(fault, NoAnswer):
        return LinkLost("ModemManager does not answer", remedy="Restart it: systemctl restart ModemManager")
    if fault.name.endswith("ServiceUnknown"):
        return LinkLost("ModemManager does not run", remedy="Start it: systemctl start ModemManager")
    if fault.name.endswith("Unauthorized"):
        return LinkLost(
            "this computer does not let gsmsend use the modem",
            remedy="Run it as a user who is signed in at the computer, or have polkit allow it.",
        )
    return LinkLost(
        f"ModemManager refused a question ({fault.name.removeprefix(ERROR)})",
        remedy="See its own log: journalctl -u ModemManager",
    )
