"""Which handset it is, and which SIM is in the slot that texts leave from: looked at again while it is open."""

from __future__ import annotations

from dataclasses import dataclass

from gsmsend.errors import GuardStop
from gsmsend.model import Device, Facts, Sim
from gsmsend_handset.android import reading
from gsmsend_handset.android.app import Install
from gsmsend_handset.android.reading import SlotSim
from gsmsend_handset.android.settings import NAME
from gsmsend_handset.android.tether import Tether

_NO_SIM_TOLD = (
    "Android does not tell this program which SIM is in it (neither ICCID nor IMSI); the line is known by the "
    "handset's serial number and slot, and another SIM is noticed only by its network or own number"
)
_LONGEST = 80
_NO_IMEI = "Android does not tell this program the handset's IMEI; it is printed in its slot and shown by *#06#"


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a handset. `record` is the app's own id, `slot` where texts leave from; `network` is that of the
    SIM in it (MCC and MNC), which tells it from some others where neither ICCID nor IMSI is told.
    """

    facts: Facts
    record: str
    slot: int
    network: str


def slot_of(chosen: int | None, sims: list[SlotSim]) -> int:
    """The slot that texts leave from. Raises GuardStop if that is not plain."""
    slots = [sim.slot for sim in sims]
    if chosen is not None:
        if slots and chosen not in slots:
            there = " and ".join(str(slot) for slot in slots)
            raise GuardStop(
                f"there is no SIM in slot {chosen} of the handset; there is one in slot {there}; nothing was sent",
                remedy="Put the SIM in, or correct sim under [driver.android].",
            )
        return chosen
    if len(slots) > 1:
        raise GuardStop(
            f"the handset has {len(slots)} SIMs, in the slots {', '.join(map(str, slots))}; nothing was sent",
            remedy="Say from which texts leave, under [driver.android]: sim = 1",
        )
    return slots[0] if slots else 1


def look(tether: Tether, install: Install, chosen: int | None, before: Look | None = None) -> Look:
    """Read it all, changing nothing; the slot stays the one of `before`.

    Raises GuardStop if it is not plain which SIM is meant, LinkLost.
    """
    told = reading.properties(tether.ask(reading.PROPERTIES))
    sims, notes = _sims(tether, install), []
    slot = before.slot if before is not None else slot_of(chosen, sims)
    found = next((sim for sim in sims if sim.slot == slot), SlotSim(slot))
    imei = reading.imei(tether.ask(reading.IMEI))
    if imei is None:
        notes.append(_NO_IMEI)
    registry = tether.ask(reading.REGISTRY)
    sim = Sim(found.iccid, found.imsi, found.number)
    network = reading.of_slot(told, "gsm.sim.operator.numeric", slot)
    if not sim.known:
        notes.append(_NO_SIM_TOLD)
    emulated = is_emulator(tether.serial) and "1" in {told.get("ro.boot.qemu"), told.get("ro.kernel.qemu")}
    android = told.get("ro.build.version.release", "")
    device = Device(
        NAME,
        tether.serial,
        imei=imei,
        manufacturer=_shown(told.get("ro.product.manufacturer", "")),
        model=_shown(told.get("ro.product.model", "")),
        revision=_shown(f"Android {android} ({told.get('ro.build.display.id', '')})" if android else ""),
        profile=_shown(f"SMS Gateway for Android {install.version}".strip()),
        virtual=emulated,
        account=f"{tether.serial} slot {slot}",
    )
    facts = Facts(
        device,
        sim,
        reading.registration(registry, told, slot),
        _shown(reading.of_slot(told, "gsm.operator.alpha", slot) or found.carrier),
        reading.signal_dbm(registry, slot),
        sim_state=reading.sim_state(told, slot),
        notes=tuple(notes),
    )
    return Look(facts, install.record, slot, network)


def is_emulator(serial: str) -> bool:
    """Whether adb gives such a serial number to emulators only: no radio is behind one."""
    return serial.startswith("emulator-")


def check_same(before: Look, now: Look) -> None:
    """Raise GuardStop, naming both, if it is another handset or SIM. What is not told any more is no change."""
    handset, other = before.facts.device, now.facts.device
    if handset.imei and other.imei and handset.imei != other.imei:
        raise GuardStop(
            f"another handset is at {handset.address}: it was {_handset(handset)} and is now {_handset(other)}; "
            "nothing was sent from it",
            remedy="Connect the first handset again, or start again if the change is meant.",
        )
    was, now_is = _sim(before), _sim(now)
    known, other_known = before.facts.sim, now.facts.sim
    for one, two in ((known.iccid, other_known.iccid), (known.imsi, other_known.imsi)):
        if one and two:
            if one == two:
                return
            raise _another(handset.address, was, now_is)
    if now.facts.sim_state != before.facts.sim_state:
        raise _another(handset.address, was, now_is)
    for one, two in ((known.number, other_known.number), (before.network, now.network)):
        if one and two and one != two:
            raise _another(handset.address, was, now_is)


def _another(address: str, was: str, now_is: str) -> GuardStop:
    return GuardStop(
        f"another SIM is in {address}: it was {was} and is now {now_is}; nothing was sent from it",
        remedy="Put the first SIM back, or start again if the change is meant.",
    )


def _sims(tether: Tether, install: Install) -> list[SlotSim]:
    """As Android tells over adb; as the app does, where that is refused."""
    told = reading.sims(tether.ask(reading.SIMS))
    return list(install.sims) if told is None else told


def _shown(told: str) -> str:
    """A handset's word about itself: short, and with no sign in it that acts on a terminal."""
    return "".join(sign for sign in told if sign.isprintable())[:_LONGEST]


def _handset(device: Device) -> str:
    return f"{device.manufacturer} {device.model} with IMEI {device.imei}".strip()


def _sim(look_at: Look) -> str:
    sim = look_at.facts.sim
    if sim.iccid or sim.imsi:
        return f"SIM {sim.iccid or sim.imsi}"
    if look_at.facts.sim_state != "READY":
        return f"none that is ready ({look_at.facts.sim_state})"
    return f"one of the network {look_at.network}" if look_at.network else "one that does not say who it is"
