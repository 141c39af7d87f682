"""`gsmsend import --from-modem`: the SIM and handset in a modem as a source; nothing on them changes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

from gsmsend import transcripts, wiring
from gsmsend.campaign.sources.row import RowKind, Source, SourceRow
from gsmsend.cli.intake import Wish
from gsmsend.config import Settings
from gsmsend.contract import Driver, Endpoint, OpenOptions, Readable, Stored
from gsmsend.errors import UsageError


def read(settings: Settings, wish: Wish, port: str | None) -> Source:
    """Read the modem on this port, or the only one there is.

    Raises UsageError: several modems, no text for anybody, or one that cannot be read; LinkLost; GuardStop.
    """
    if wish.text is None:
        raise UsageError(
            "what a SIM holds has no texts to send, and no text was given for all",
            remedy="Give one with --text or --text-file.",
        )
    driver, endpoint = _the_one(settings, port)
    if not isinstance(driver, Readable):
        raise UsageError(f"{endpoint.address}: the driver {driver.name} cannot read what a SIM holds")
    transcript = transcripts.place(settings, endpoint.address, looking=True)
    options = OpenOptions(transcript, dict(settings.drivers.get(driver.name, {})), exhibit=True)
    return _source(endpoint, driver.read_stored(endpoint, options))


def _the_one(settings: Settings, port: str | None) -> tuple[Driver, Endpoint]:
    found = wiring.endpoints(settings, (port,) if port else ())
    if len(found) > 1:
        ports = ", ".join(endpoint.address for _, endpoint in found[:8])
        raise UsageError(
            f"there are {len(found)} modems: {ports}",
            remedy=f"Say which one to read: --from-modem {found[0][1].address}",
        )
    return found[0]


def _source(endpoint: Endpoint, stored: Stored) -> Source:
    rows = tuple(_rows(stored))
    counts = Counter(row.place for row in rows)
    read_as = [", ".join(f"{place} {count}" for place, count in counts.items()) or "nothing was found on it"]
    whose = stored.sim.iccid or stored.sim.imsi or endpoint.address
    content = repr((whose, [(row.place, row.row, row.original, row.at_s) for row in rows]))
    return Source(
        f"SIM {whose}".replace("/", "_"), (*read_as, *stored.notes), hashlib.sha256(content.encode()).hexdigest(),
        texts=False, count=len(rows), rows=lambda: iter(rows),
    )  # fmt: skip


def _rows(stored: Stored) -> Iterator[SourceRow]:
    for one in stored.numbers:
        where = "SIM" if one.memory == "SM" else "handset"
        what, kind = ("messages", RowKind.MESSAGE) if one.message else ("phonebook", RowKind.PHONEBOOK)
        yield SourceRow(one.index, one.number, place=f"{where} {what}", kind=kind, at_s=one.at_s)
