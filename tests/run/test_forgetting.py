"""A campaign from its list to its end, then forgotten: no octet of it is in any file of the operation."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.run.far_end import far_end, gsmsend, lab
from tests.run.test_replies_on_the_bench import FIRST, SECOND, People, Run, rows, until

WORDS = "The lighthouse keeper can help you."
REPLY = "I saw the heron by the weir"
OTHER, OTHER_WORDS = "+447700900777", "Another matter."


def octets_of(place: Path) -> dict[str, bytes]:
    """Every file of the operation, and of nothing else."""
    return {str(file.relative_to(place)): file.read_bytes() for file in place.rglob("*") if file.is_file()}


def spellings(number: str) -> list[str]:
    """A number as lists, people and PDUs (semi-octets, TS 23.040 9.1.2.3) write it."""
    digits = number.removeprefix("+")
    swapped = "".join(digits[at + 1] + digits[at] for at in range(0, len(digits), 2))
    return [number, digits, f"0{digits[2:]}", digits[2:], swapped]


def needles() -> list[bytes]:
    """What nobody may find: numbers and words, as text and as UTF-16, in hex too."""
    plain = [word for number in (FIRST, SECOND) for word in spellings(number)] + [WORDS, REPLY]
    octets = [word.encode() for word in plain] + [word.encode("utf-16-be") for word in plain]
    return [*octets, *(one.hex().encode() for one in octets), *(one.hex().upper().encode() for one in octets)]


def sealed(place: Path) -> set[bytes]:
    """Every sealed value and wrapped key in the store."""
    with closing(sqlite3.connect(place / "gsmsend.db")) as store:
        tables = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            value
            for table in tables
            for row in store.execute(f"SELECT * FROM {table}")  # noqa: S608 - its own tables
            for value in row
            if isinstance(value, bytes) and len(value) >= 28  # a nonce and a tag, at the least
        }


def hashes(place: Path) -> set[str]:
    """The keyed hashes by which people were looked up."""
    with closing(sqlite3.connect(place / "gsmsend.db")) as store:
        return {row[0] for row in store.execute("SELECT person FROM messages WHERE campaign_id = 1")}


def shown(place: Path) -> str:
    """All that gsmsend itself can still show, with its key."""
    words = [("messages",), ("messages", "--id", "1"), ("inbox",), ("report", "--json")]
    return "".join(gsmsend(*one, "--unmask", "--operation", str(place)).stdout for one in words)


def status(place: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(gsmsend("status", "--json", "--operation", str(place)).stdout)
    return found


@pytest.mark.slow
def test_what_was_forgotten_is_in_no_file_and_the_rest_is_as_it_was(tmp_path: Path) -> None:
    people = People(tmp_path)
    with far_end(tmp_path, "--report-delay", "0.05", *people.option) as far:
        place = lab(tmp_path)
        listed = rows(tmp_path, (FIRST, WORDS), (SECOND, WORDS))
        with Run(place, far, "--to", str(listed)) as run:
            until(lambda: [it["to"] for it in run.events("message")].count("delivered") == 2)
            people.write(REPLY)
            until(lambda: bool(run.events("inbound")))
            run.stop()
        more = rows(tmp_path, (OTHER, OTHER_WORDS))
        done = gsmsend("import", str(more), "--campaign", "second", "--operation", str(place))
        assert done.returncode == 0, done.stderr
        done = gsmsend("run", *far.port_flags, "--wait-reports", "20", "--operation", str(place))
        assert done.returncode == 0, done.stdout + done.stderr
    before, was, people_were = status(place), sealed(place), hashes(place)
    assert all(word in shown(place) for word in (FIRST, SECOND, REPLY, OTHER))

    done = gsmsend("forget", "main", "--yes", "--operation", str(place))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Campaign main is forgotten: 2 texts and 1 reply." in done.stdout

    gone = was - sealed(place)
    assert len(gone) > 8, "numbers, a text, reports, a reply, what the log sealed, and the key"
    files = octets_of(place)
    assert "gsmsend.db" in files
    for name, octets in files.items():
        assert [one for one in needles() if one in octets] == [], name
        assert [one.hex() for one in gone if one in octets] == [], f"{name}: what was sealed is still there"
        assert [one for one in people_were if one.encode() in octets] == [], f"{name}: who they were"
    told = shown(place)
    assert [word for word in (FIRST, SECOND, WORDS, REPLY) if word in told] == []
    assert OTHER in told, "another campaign keeps what it has"
    after = status(place)
    assert (after["totals"], after["reports"]) == (before["totals"], before["reports"])
    checked = gsmsend("verify", "--operation", str(place))
    assert checked.returncode == 0, checked.stdout + checked.stderr
