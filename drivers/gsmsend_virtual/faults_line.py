"""Faults of the line between modem and client, and unsolicited noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gsmsend_virtual.faults import Disarm, Options, Trigger, switch, together
from gsmsend_virtual.wire import Wire

if TYPE_CHECKING:
    from gsmsend_virtual.bench import Bench
    from gsmsend_virtual.modem import Modem

# Lines that real modems say at any time; none means anything for sending.
CHATTER = (
    "^RSSI:17", "+CREG: 1", "RING", "^BOOT:21230545,0,0,0,72", "+CUSD: 4", "^MODE:5,4", "+CSQ: 19,99",
    "*PSUTTZ: 2026,1,1,0,0,0,\"+0\",0", "+CGREG: 1", "^DSFLOWRPT:00000010,00000000,00000000", "Call Ready",
    "+ZDONR: \"Virtual\",1,1,\"CS_PS\"", "$CREG: 1", "+QIND: \"csq\",24,99",
)  # fmt: skip


def _wire(modem: Modem) -> Wire:
    if modem.wire is None:
        modem.wire = Wire(modem.timers, lambda: modem.on_output())  # noqa: PLW0108 - it may be replaced later
    return modem.wire


def _spoiled(trigger: Trigger, spoiler_of: Callable[[Modem], Callable[[bytes], bytes]]) -> Disarm:
    disarms: list[Disarm] = []
    for modem in trigger.modems:
        wire, spoiler = _wire(modem), spoiler_of(modem)
        wire.spoilers.append(spoiler)
        disarms.append(lambda wire=wire, spoiler=spoiler: wire.spoilers.remove(spoiler))  # type: ignore[misc]
    return together(*disarms)


def _gaps(octets: bytes) -> list[int]:
    """Where a line may be put without tearing another: before a line that begins with CR LF, or at the end."""
    places = [0] if octets.startswith(b"\r\n") else []
    at = octets.find(b"\r\n")
    while at >= 0:
        if at + 2 == len(octets) or octets.startswith(b"\r\n", at + 2):
            places.append(at + 2)
        at = octets.find(b"\r\n", at + 2)
    return places


@switch(
    "urcs",
    "Unsolicited lines before, inside and after responses, wherever a line can stand.",
    text="", share="0.3", count="0",
)  # fmt: skip
def urcs(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    fixed, random = options.text("text"), bench.network.random

    def spoiler_of(modem: Modem) -> Callable[[bytes], bytes]:
        def spoil(octets: bytes) -> bytes:
            places = _gaps(octets)
            if not places or octets.endswith(b"> ") or not trigger.fires(modem, "line"):
                return octets
            at = random.choice(places)
            line = (fixed or random.choice(CHATTER)).encode("latin-1")
            return octets[:at] + b"\r\n" + line + b"\r\n" + octets[at:]

        return spoil

    return _spoiled(trigger, spoiler_of)


@switch(
    "flood",
    "So many unsolicited lines every so many seconds, without regard for what else is said.",
    lines="20", every="0.1", count="0",
)  # fmt: skip
def flood(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    lines, every = options.whole("lines"), options.number("every")
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True

    def pour(modem: Modem) -> None:
        if stopped:
            return
        if modem.powered and trigger.fires(modem, f"{lines} lines"):
            for _ in range(lines):
                modem.result(bench.network.random.choice(CHATTER))
            modem.on_output()
        bench.timers.after(every, lambda: pour(modem))

    for modem in trigger.modems:
        bench.timers.after(every, lambda it=modem: pour(it))  # type: ignore[misc]
    return stop


@switch(
    "garbage",
    "Random octets, 8-bit ones among them, between lines; or (where=inside) anywhere.",
    octets="6", where="between", share="0.2", count="0",
)  # fmt: skip
def garbage(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    size, inside = options.whole("octets"), options.text("where", "between", "inside") == "inside"
    random = bench.network.random

    def spoiler_of(modem: Modem) -> Callable[[bytes], bytes]:
        def spoil(octets: bytes) -> bytes:
            places = list(range(len(octets))) if inside else _gaps(octets)
            if not places or not trigger.fires(modem, f"{size} octets"):
                return octets
            at = random.choice(places)
            # No CR, LF or ESC, and no digits: noise, not a forged answer.
            noise = bytes(random.choice((0x00, 0x7F, 0x80, 0xA5, 0xC3, 0xE9, 0xFE, 0xFF)) for _ in range(size))
            return octets[:at] + noise + octets[at:]

        return spoil

    return _spoiled(trigger, spoiler_of)


@switch("cut", "The rest of what the modem is saying is lost, from a random place on.", share="0.1", count="0")
def cut(bench: Bench, _options: Options, trigger: Trigger) -> Disarm:
    def spoiler_of(modem: Modem) -> Callable[[bytes], bytes]:
        def spoil(octets: bytes) -> bytes:
            if len(octets) < 2 or not trigger.fires(modem, "cut"):
                return octets
            return octets[: bench.network.random.randrange(1, len(octets))]

        return spoil

    return _spoiled(trigger, spoiler_of)


@switch("halves", "Everything comes in two halves, so many seconds apart.", s="0.05", count="0")
def halves(_bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    modems = list(trigger.modems)
    for modem in modems:
        _wire(modem).pause_s = options.number("s")

    def undo() -> None:
        for modem in modems:
            _wire(modem).pause_s = 0.0

    return undo


@switch("slow", "The line carries so many bits a second, both ways.", baud="9600", count="0")
def slow(_bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    modems = list(trigger.modems)
    for modem in modems:
        _wire(modem).baud = options.whole("baud")

    def undo() -> None:
        for modem in modems:
            _wire(modem).baud = 0

    return undo


@switch("stall", "The modem takes nothing that is written to it, for so many seconds.", s="10")
def stall(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    modems = [modem for modem in trigger.modems if modem.port is not None and trigger.fires(modem, "stall")]

    def set_all(*, on: bool) -> None:
        for modem in modems:
            if modem.port is not None:
                modem.port.stall(on=on)

    set_all(on=True)
    timer = bench.timers.after(options.number("s"), lambda: set_all(on=False))

    def undo() -> None:
        timer.cancel()
        set_all(on=False)

    return undo
