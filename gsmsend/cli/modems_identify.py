"""`gsmsend modems identify LINE`: which of the modems on the bench it is, told in words and by its lights."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from gsmsend import transcripts
from gsmsend.cli import options
from gsmsend.cli.inspection import Seen, look
from gsmsend.cli.modems_sources import known_lines, short
from gsmsend.cli.operation import run_going_on
from gsmsend.cli.options import say
from gsmsend.cli.route_list import Listed, collect, routes_of, settings_or_default
from gsmsend.cli.sockets import socket_lines
from gsmsend.cli.words import tail
from gsmsend.config import Settings
from gsmsend.contract import Findable, Glance, OpenOptions, Recoverable, Step
from gsmsend.engine.gate import terms_of
from gsmsend.errors import GuardStop, LinkLost, NoRoute, UsageError
from gsmsend.inert import line
from gsmsend.model import Sim

_LEAST_DIGITS = 5
"""Of the end of an ICCID, IMSI or IMEI, by which a line may be named."""


@dataclass(frozen=True, slots=True)
class Found:
    """The one that was meant: where it is plugged in, and what is known of its SIM and itself."""

    listed: Listed | None
    title: str
    device: str
    sim: str
    imei: str


@click.command()
@options.operation
@click.option("--port", "ports", metavar="PATH", multiple=True, help="Look at this port; again for more.")
@click.option(
    "--seconds", type=click.FloatRange(1, 600), default=20.0, show_default=True, help="How long it shows itself."
)
@click.option("--power", is_flag=True, help="Cut its power at the hub for 5 s (labs, uhubctl).")
@click.argument("name", metavar="LINE")
def identify(folder: Path, ports: tuple[str, ...], name: str, *, seconds: float, power: bool) -> int:
    """Make the modem of a line findable on the bench.

    LINE is its name, its port, or the last five digits of its SIM or IMEI. Where it is plugged in is told in
    words. In a lab it is also spoken to in a rhythm, with a question that changes nothing, so that whatever
    blinks with its port does so. While a run has it nothing is said to it, nor to an exhibit. Ends with 6 if
    it is not plugged in.
    """
    settings = settings_or_default(folder)
    run = run_going_on(settings)
    found = _found(settings, ports, name, ask=not run)
    for words in told(found):
        options.tell(line(words))
    if power and (run or not settings.lab):
        raise GuardStop(_no_power(found, run), remedy="Find it by its USB path, or by its SIM's number.")
    if run:
        options.tell(
            f"A run has it ({run}), and a text may be going out: nothing is said to it. It is the one that blinks "
            "when the run says that this line sends."
        )
    elif found.listed is None:
        return NoRoute.exit_code
    elif not settings.lab:
        options.tell("Nothing more is said to it: outside labs (lab = true) every modem is treated as an exhibit.")
    else:
        _show(settings, found.listed, seconds, power=power)
    return 0


def told(found: Found) -> Iterator[str]:
    """Where it is, for people."""
    yield f"{found.title}: {found.device or 'not plugged in'}"
    facts = [f"SIM {found.sim}" if found.sim else "", f"IMEI {found.imei}" if found.imei else ""]
    if any(facts):
        yield "  " + "   ".join(fact for fact in facts if fact)
    if found.listed is None:
        if found.device:  # a run has it, at a port that was named to that run
            yield "  Its socket is not known here: its port is none of those that are found by themselves."
        else:
            yield "  It is not among what is plugged in here now."
        return
    endpoint = found.listed.endpoint
    if endpoint.description:
        yield f"  {endpoint.description}"
    yield from socket_lines(endpoint.usb_location)
    if endpoint.virtual:
        yield "  It is virtual: there is nothing to see on the bench."


def _show(settings: Settings, listed: Listed, seconds: float, *, power: bool) -> None:
    driver, endpoint = listed.driver, listed.endpoint
    transcript = transcripts.place(settings, endpoint.address, looking=True)
    given = OpenOptions(transcript, dict(settings.drivers.get(driver.name, {})))
    if power:
        say("If its hub can do it, its power is cut for 5 s: look which one goes dark.")
        if not (isinstance(driver, Recoverable) and driver.recover(endpoint, Step.POWER, given)):
            raise NoRoute(
                f"the power of {listed.name} cannot be cut: that needs uhubctl and a hub that can do it",
                remedy="Leave out --power, or see hw/wiring.md for hubs that can.",
            )
        options.tell("Its power is on again.")
    elif isinstance(driver, Findable):
        say(f"It is spoken to for {seconds:g} s, half a second on and half a second off. Ctrl-C ends it.")
        with contextlib.suppress(KeyboardInterrupt):
            driver.show_itself(endpoint, given, seconds)
        if not endpoint.virtual:
            options.tell("If nothing on it blinked, its lights show the network only: go by its USB path.")
    else:
        options.tell("Its kind cannot be made to show itself: go by what is told above.")


def _found(settings: Settings, ports: Sequence[str], name: str, *, ask: bool) -> Found:
    """The line or modem of this name. Raises UsageError if there is none, or several."""
    plugged = collect(settings, ports).run
    rows = [row for row in known_lines(settings) if _is_row(settings, row, name)]
    if len(rows) > 1:
        raise UsageError(f"{name} may be {', '.join(row.name for row in rows)}", remedy="Say which, in full.")
    if rows:
        return _of_row(settings, rows[0], plugged, ask=ask)
    named = [one for one in plugged if name in (one.name, one.endpoint.address, Path(one.endpoint.address).name)]
    if not named and ask and plugged:
        modems = "1 modem whether it" if len(plugged) == 1 else f"{len(plugged)} modems which of them it"
        say(f"Asking {modems} is ...")
        answered = list(zip(plugged, look(settings, routes_of(plugged)), strict=True))
        fitting = [(one, seen) for one, seen in answered if _is_modem(settings, seen, name)]
        if len(fitting) == 1:
            return _of_modem(settings, *fitting[0])
        named = [one for one, _ in fitting]
    if len(named) == 1:
        return Found(named[0], short(named[0].name), named[0].endpoint.address, "", "")
    several = f"{name} may be {', '.join(one.name for one in named)}"
    nothing = f"no line or modem is called {name}"
    raise UsageError(
        several if named else nothing,
        remedy="Expected the name of a line (gsmsend status), a port, or the last five digits of a SIM or an IMEI "
        "(gsmsend modems). What is not found by itself is named as well: --port PATH",
    )


def _of_row(settings: Settings, row: Glance, plugged: Sequence[Listed], *, ask: bool) -> Found:
    """A line that the store knows: where it is now, if it may be asked, else where it was."""
    title, sim = _title(settings, row), tail(row.iccid or row.imsi)
    if ask:
        for one, seen in zip(plugged, look(settings, routes_of(plugged)), strict=True):
            facts = seen.facts
            if facts is not None and _same(row, facts.sim):
                return Found(one, title, facts.device.address, sim, facts.device.imei or "")
        return Found(None, title, "", sim, "")
    here = [one for one in plugged if row.device in (one.endpoint.address, *one.endpoint.others)]
    return Found(here[0] if here else None, title, row.device, sim, "")


def _of_modem(settings: Settings, listed: Listed, seen: Seen) -> Found:
    facts = seen.facts
    if facts is None:
        raise LinkLost(seen.problem or f"{listed.name} does not answer")
    terms = terms_of(settings.lines, facts.sim)
    title = terms.name if terms is not None else short(listed.name)
    sim = facts.sim.iccid or facts.sim.imsi
    return Found(listed, title, facts.device.address, tail(sim) if sim else "", facts.device.imei or "")


def _same(row: Glance, sim: Sim) -> bool:
    if row.iccid and sim.iccid:
        return row.iccid == sim.iccid
    return row.imsi is not None and row.imsi == sim.imsi


def _title(settings: Settings, row: Glance) -> str:
    terms = terms_of(settings.lines, Sim(iccid=row.iccid, imsi=row.imsi, number=row.number))
    return terms.name if terms is not None else row.name


def _is_row(settings: Settings, row: Glance, name: str) -> bool:
    return name in (row.name, _title(settings, row), row.device) or _ends(name, row.iccid, row.imsi)


def _is_modem(settings: Settings, seen: Seen, name: str) -> bool:
    facts = seen.facts
    if facts is None:
        return False
    terms = terms_of(settings.lines, facts.sim)
    return name == facts.device.address or (terms is not None and terms.name == name) or _ends(
        name, facts.sim.iccid, facts.sim.imsi, facts.device.imei
    )  # fmt: skip


def _ends(name: str, *numbers: str | None) -> bool:
    digits = name.lstrip("\u2026")
    return len(digits) >= _LEAST_DIGITS and digits.isdecimal() and any(
        number is not None and number.endswith(digits) for number in numbers
    )  # fmt: skip


def _no_power(found: Found, run: str) -> str:
    why = f"a run has it ({run}), and a text may be going out" if run else "outside labs it is an exhibit"
    return f"the power of {found.title} is not cut: {why}"
