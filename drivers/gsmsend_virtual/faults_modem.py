"""Faults of the modem itself: unplugged, rebooted, wedged, late, dumb."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gsmsend_virtual.faults import Disarm, Options, Trigger, nothing, switch, together
from gsmsend_virtual.sending import Answer

if TYPE_CHECKING:
    from gsmsend_virtual.bench import Bench
    from gsmsend_virtual.modem import Modem

# Where in the exchange of one text; the hook that is there (gsmsend_virtual.hooks).
POINTS = {
    "before-prompt": "prompt",
    "at-prompt": "prompted",
    "mid-pdu": "entry",
    "after-ctrl-z": "submitted",
    "before-result": "result",
}
NEVER = "never"


def _at(bench: Bench, trigger: Trigger, point: str, act: Callable[[Modem], None]) -> Disarm:
    """Do something at a point of the exchange, or now."""
    if point == "now":
        for modem in list(trigger.modems):
            if trigger.fires(modem, point):
                # After this turn: a client's octets may be half worked off.
                bench.timers.after(0.0, lambda it=modem: act(it))  # type: ignore[misc]
        return nothing

    def hook_of(modem: Modem) -> Callable[[object], bool]:
        def hook(_: object) -> bool:
            if not trigger.fires(modem, point):
                return False
            act(modem)
            return True

        return hook

    return together(*(modem.hooks.add(POINTS[point], hook_of(modem)) for modem in trigger.modems))


def _seconds(options: Options, key: str) -> float | None:
    return None if options.text(key) == NEVER else options.number(key)


@switch(
    "unplug",
    "The modem is pulled out at a point of the exchange (before-prompt, at-prompt, mid-pdu, after-ctrl-z,"
    " before-result, now), and comes back after so many seconds (or never), as the same port or another.",
    at="now", back="2", name="same",
)  # fmt: skip
def unplug(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    point = options.text("at", "now", *POINTS)
    back = _seconds(options, "back")
    other = options.text("name", "same", "new") == "new"
    return _at(bench, trigger, point, lambda modem: modem.unplug(back, other_name=other))


@switch(
    "vanish",
    "The port disappears and comes back under another name after so many seconds.",
    back="2", at="now",
)  # fmt: skip
def vanish(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    back = _seconds(options, "back")
    point = options.text("at", "now", *POINTS)
    return _at(bench, trigger, point, lambda modem: modem.unplug(back, other_name=True))


@switch(
    "reboot",
    "The modem restarts by itself at a point of the exchange: echo back on, settings gone, port stays.",
    at="now", after="0",
)  # fmt: skip
def reboot(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    point, after = options.text("at", "now", *POINTS), options.number("after")

    def restart(modem: Modem) -> None:
        bench.timers.after(after, lambda: modem.boot("by itself"))

    return _at(bench, trigger, point, restart)


@switch(
    "wedge",
    "The modem hangs: silent (answers nothing), says-ok (OK to everything), stuck-prompt (a prompt to"
    " everything). From now, or from a point of the exchange; for so many seconds, or until cleared.",
    how="silent", at="now", **{"for": NEVER},
)  # fmt: skip
def wedge(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    how = options.text("how", "silent", "says-ok", "stuck-prompt")
    point, lasts = options.text("at", "now", *POINTS), _seconds(options, "for")
    undo: list[Disarm] = []

    def hang(modem: Modem) -> None:
        modem.hung = True
        modem.delivery.abandon("modem hangs")
        remove = together(
            modem.hooks.add("input", lambda octets: _hung(modem, how, octets)),
            modem.hooks.add("result", lambda _: True),
        )

        def recover() -> None:
            remove()
            modem.boot("after hanging")

        if lasts is None:
            undo.append(recover)
        else:
            bench.timers.after(lasts, recover)

    undo.append(_at(bench, trigger, point, hang))

    def release() -> None:
        for it in undo:
            it()

    return release


def _hung(modem: Modem, how: str, octets: object) -> bool:
    if isinstance(octets, bytes) and how != "silent":
        answer = b"\r\nOK\r\n" if how == "says-ok" else b"\r\n> "
        ends = octets.count(b"\r") + octets.count(b"\x1a") + octets.count(b"\x1b")
        modem.terminal.out += answer * ends
    return True


@switch("late-prompt", "The prompt comes so many seconds late.", s="3", count="0")
def late_prompt(_bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    seconds = options.number("s")

    def act(modem: Modem, show: object) -> None:
        if callable(show):
            modem.later(seconds, show)

    return _hooked(trigger, "prompt", act)


@switch("swallow-prompt", "The prompt does not come, though the modem takes the PDU.")
def swallow_prompt(_bench: Bench, _options: Options, trigger: Trigger) -> Disarm:
    def act(modem: Modem, show: object) -> None:
        kept, modem.terminal.prompt = modem.terminal.prompt, b""
        if callable(show):
            show()
        modem.terminal.prompt = kept

    return _hooked(trigger, "prompt", act)


@switch("refuse-command", "AT+CMGS is answered with ERROR (or a +CMS code) instead of a prompt.", code="-1")
def refuse_command(_bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    code = options.whole("code")

    def act(modem: Modem, _: object) -> None:
        modem.later(0.0, lambda: modem.abort_with(code))

    return _hooked(trigger, "prompt", act)


@switch(
    "late-result",
    "The answer to a text comes so many seconds late; the modem is busy until then, or (busy=no) answers"
    " other commands meanwhile, so that the old answer comes in the middle of something else.",
    s="5", busy="yes",
)  # fmt: skip
def late_result(_bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    seconds, busy = options.number("s"), options.text("busy", "yes", "no") == "yes"

    def act(modem: Modem, due: object) -> None:
        if not isinstance(due, Answer):
            return
        if busy:
            modem.later(seconds, due.say)
            return
        modem.sending.release()
        final = "" if "ERROR" in due.words else "\r\n\r\nOK"
        modem.later(seconds, lambda: modem.urc(due.words + final))

    return _hooked(trigger, "result", act)


@switch(
    "no-result",
    "A text goes out and its answer never comes; then the modem hangs on it, or (then=free) answers again.",
    then="hang",
)  # fmt: skip
def no_result(_bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    free = options.text("then", "hang", "free") == "free"

    def act(modem: Modem, _: object) -> None:
        if free:
            modem.sending.release()

    return _hooked(trigger, "result", act)


def _hooked(trigger: Trigger, place: str, act: Callable[[Modem, object], None]) -> Disarm:
    def hook_of(modem: Modem) -> Callable[[object], bool]:
        def hook(matter: object) -> bool:
            if not trigger.fires(modem, place):
                return False
            act(modem, matter)
            return True

        return hook

    return together(*(modem.hooks.add(place, hook_of(modem)) for modem in trigger.modems))
