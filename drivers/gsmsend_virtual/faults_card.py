"""Faults of the SIM and of the memories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend_virtual import tpdu
from gsmsend_virtual.faults import Disarm, Options, Trigger, nothing, switch, together
from gsmsend_virtual.sim import make_sim
from gsmsend_virtual.storage import Status, Stored

if TYPE_CHECKING:
    from gsmsend_virtual.bench import Bench

OTHER_CARDS = 400  # SIM n is swapped for SIM n + 400


@switch("sim-absent", "There is no SIM.", after="0")
def sim_absent(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    def take_out() -> None:
        for modem in modems:
            modem.insert(None)
            modem.urc("+CPIN: NOT INSERTED")

    modems = list(trigger.modems)
    for modem in modems:
        trigger.log(modem, "SIM out")
    cards = [(modem, modem.sim) for modem in modems]
    timer = bench.timers.after(options.number("after"), take_out)
    return together(timer.cancel, *(lambda it=modem, card=card: it.insert(card) for modem, card in cards))


@switch("sim-pin", "The SIM asks for its PIN, with so many tries left.", pin="1234", tries="3")
def sim_pin(_bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    for modem in trigger.modems:
        if modem.sim is not None:
            modem.sim.pin, modem.sim.pin_enabled = options.text("pin"), True
            modem.sim.pin_tries = options.whole("tries")
            modem.sim.power_up()
            trigger.log(modem, "PIN wanted")

    def undo() -> None:
        for modem in trigger.modems:
            if modem.sim is not None:
                modem.sim.pin_enabled = False
                modem.sim_unlocked()

    return undo


@switch("sim-puk", "The SIM is blocked and asks for its PUK.")
def sim_puk(_bench: Bench, _options: Options, trigger: Trigger) -> Disarm:
    for modem in trigger.modems:
        if modem.sim is not None:
            modem.sim.pin_enabled, modem.sim.pin_tries = True, 0
            trigger.log(modem, "PUK wanted")
    return nothing


@switch(
    "sim-swap",
    "Another SIM is put in after so many seconds: the modem says so (how=hot), restarts (how=reboot), or"
    " says nothing (how=silent).",
    after="0", how="hot",
)  # fmt: skip
def sim_swap(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    how = options.text("how", "hot", "reboot", "silent")

    def swap() -> None:
        for modem in trigger.modems:
            if not trigger.fires(modem, "SIM swapped"):
                continue
            if how == "hot":
                modem.urc("+CPIN: NOT READY")
            modem.insert(make_sim(modem.index + OTHER_CARDS))
            if how == "hot":
                modem.urc("+CPIN: READY")
            elif how == "reboot":
                modem.boot("SIM swapped")

    return bench.timers.after(options.number("after"), swap).cancel


@switch(
    "full",
    "A memory (SM, ME or SR) is full of old texts (status=read, or unread), or has so many slots free.",
    memory="SM", free="0", status="read",
)  # fmt: skip
def full(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    name, free = options.text("memory", "SM", "ME", "SR"), options.whole("free")
    status = Status.REC_UNREAD if options.text("status", "read", "unread") == "unread" else Status.REC_READ
    for modem in trigger.modems:
        store = modem.stores.get(name)
        if store is None:
            continue
        old = tpdu.text_parts("+447700900700", "An old text", bench.network.epoch() - 86400, 0, 0)[0]
        while store.capacity - store.used > free:
            store.add(Stored(status, tpdu.sca("+447700900800"), old))
        trigger.log(modem, f"{name} full")
    return nothing


@switch("smsc-missing", "The SIM has no service centre number.")
def smsc_missing(_bench: Bench, _options: Options, trigger: Trigger) -> Disarm:
    kept = [(modem.sim, modem.sim.smsc) for modem in trigger.modems if modem.sim is not None]
    for sim, _ in kept:
        sim.smsc = ""

    def undo() -> None:
        for sim, number in kept:
            sim.smsc = number

    return undo


@switch("smss-frozen", "The modem keeps the last TP-MR to itself: EF-SMSS on the SIM never changes.")
def smss_frozen(_bench: Bench, _options: Options, trigger: Trigger) -> Disarm:
    cards = [modem.sim for modem in trigger.modems if modem.sim is not None]
    for sim in cards:
        sim.smss_frozen = True

    def undo() -> None:
        for sim in cards:
            sim.smss_frozen = False

    return undo


@switch("reference", "The last TP-MR used was this one, so that it soon wraps at 255.", last="250")
def reference(_bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    for modem in trigger.modems:
        if modem.sim is not None:
            modem.sim.last_reference = modem.sim.smss = options.whole("last") % 256
    return nothing
