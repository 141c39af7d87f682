"""Where devices are plugged in, and what is plugged in that is no use as it is, for people and scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gsmsend.cli.inspection import Seen
from gsmsend.contract import Unready
from gsmsend.engine.plugging import shared_imei

_PLACE = re.compile(r"(\d+(?:-\d+(?:\.\d+)*)?)[-.](\d+)")
"""As Linux and uhubctl write it: `1-1.2` is port 2 of hub 1-1, `1-1` is port 1 of the computer's own hub 1."""


def hub_of(location: str | None) -> tuple[str, int] | None:
    """The hub that a USB socket is on, and the number of its port there; None if it cannot be told."""
    found = _PLACE.fullmatch(location or "")
    return (found[1], int(found[2])) if found is not None else None


def socket_object(location: str | None) -> dict[str, object]:
    """The same for scripts."""
    hub = hub_of(location)
    return {"usb_path": location, "hub": hub[0] if hub else None, "hub_port": hub[1] if hub else None}


def socket_lines(location: str | None) -> Iterator[str]:
    """The same for people; nothing where it is not on USB."""
    if location is None:
        return
    hub = hub_of(location)
    if hub is None:
        yield f"  USB {location}"
    else:
        own = "of this computer, bus " if "-" not in hub[0] else ""
        yield f"  USB {location}: port {hub[1]} of hub {own}{hub[0]}"


def twins(answered: Sequence[Seen]) -> Iterator[str]:
    """Modems that have one IMEI and different SIMs."""
    by_imei: dict[str, dict[str, str]] = {}
    for seen in answered:
        facts = seen.facts
        if facts is not None and facts.device.imei is not None and not facts.device.account:
            by_imei.setdefault(facts.device.imei, {})[facts.device.address] = (
                facts.sim.iccid or facts.sim.imsi or ""
            )
    for imei, found in by_imei.items():
        if len(found) > 1 and len(set(found.values())) > 1:
            yield f"{shared_imei(imei, list(found))}."


def unready_object(one: Unready) -> dict[str, object]:
    """A device that cannot send as it is, for scripts."""
    return {
        "driver": None, "port": None, "error": f"it is {one.mode}", "usb": one.usb, **socket_object(one.place),
        "title": one.title, "mode": one.mode, "do": one.advice,
    }  # fmt: skip


def unready_lines(one: Unready) -> Iterator[str]:
    """The same for people."""
    yield f"USB {one.place}  {one.title}  ({one.usb}, cannot be used yet)"
    yield f"  It shows itself as {one.mode}; there is no port to send over."
    yield f"  {one.advice}"
    yield "  gsmsend changes nothing of this. On an exhibit it would be a change: leave it as it is, and say so."
