"""The phonebook of the SIM, as far as AT clients look at it (TS 27.007 8.11 to 8.14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend_virtual.atline import Call, arguments
from gsmsend_virtual.codes import BAD_PARAMETERS, INVALID_INDEX, NOT_ALLOWED, NOT_FOUND, cme
from gsmsend_virtual.commands.card import card
from gsmsend_virtual.sim import PhonebookEntry
from gsmsend_virtual.table import Reply, Table

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem

TABLE = Table()
BOOKS = {"SM": 50, "ME": 50, "ON": 1, "FD": 10, "LD": 10, "MC": 10, "RC": 10, "DC": 10}
NEEDS_SIM = {"+CPBS": "CME", "+CPBR": "CME", "+CPBF": "CME", "+CPBW": "CME"}
LONGEST_NUMBER, LONGEST_NAME = 40, 18


def _entries(modem: Modem) -> dict[int, PhonebookEntry]:
    sim = card(modem)
    if modem.phonebook == "SM":
        return sim.phonebook
    if modem.phonebook == "ON":
        return {1: PhonebookEntry(sim.number, "")}
    return modem.phonebooks.setdefault(modem.phonebook, {})


@TABLE.test("+CPBS")
def books(_modem: Modem, _call: Call) -> Reply:
    return "+CPBS: (" + ",".join(f'"{name}"' for name in BOOKS) + ")"


@TABLE.read("+CPBS")
def chosen_book(modem: Modem, _call: Call) -> Reply:
    return f'+CPBS: "{modem.phonebook}",{len(_entries(modem))},{BOOKS[modem.phonebook]}'


@TABLE.write("+CPBS")
def choose_book(modem: Modem, call: Call) -> Reply:
    name = (arguments(call.value)[0] or "").upper()
    if name not in BOOKS:
        raise cme(NOT_ALLOWED)
    modem.phonebook = name
    return None


def _line(modem: Modem, index: int, entry: PhonebookEntry, command: str) -> str:
    kind = 145 if entry.number.startswith("+") else 129
    return f'{command}: {index},"{entry.number}",{kind},"{modem.charset_out(entry.name)}"'


@TABLE.write("+CPBR")
def read_entries(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    first = given[0] or ""
    last = given[1] if len(given) > 1 and given[1] else first
    if not first.isdecimal() or not last.isdecimal() or not 1 <= int(first) <= BOOKS[modem.phonebook]:
        raise cme(INVALID_INDEX)
    entries = _entries(modem)
    found = [it for it in range(int(first), int(last) + 1) if it in entries]
    if not found and first == last:
        return None
    return [_line(modem, index, entries[index], "+CPBR") for index in found]


@TABLE.test("+CPBR")
def book_range(modem: Modem, _call: Call) -> Reply:
    return f"+CPBR: (1-{BOOKS[modem.phonebook]}),{LONGEST_NUMBER},{LONGEST_NAME}"


@TABLE.write("+CPBF")
def find_entries(modem: Modem, call: Call) -> Reply:
    wanted = modem.charset_in(arguments(call.value)[0] or "").casefold()
    found = [
        _line(modem, index, entry, "+CPBF")
        for index, entry in sorted(_entries(modem).items())
        if entry.name.casefold().startswith(wanted)
    ]
    if not found:
        raise cme(NOT_FOUND)
    return found


@TABLE.test("+CPBF")
def find_range(_modem: Modem, _call: Call) -> Reply:
    return f"+CPBF: {LONGEST_NUMBER},{LONGEST_NAME}"


@TABLE.write("+CPBW")
def write_entry(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    entries, size = _entries(modem), BOOKS[modem.phonebook]
    word = given[0]
    index = (
        int(word) if word and word.isdecimal() else next((n for n in range(1, size + 1) if n not in entries), 0)
    )
    if not 1 <= index <= size or modem.phonebook == "ON":
        raise cme(INVALID_INDEX)
    before = entries.get(index)
    if len(given) == 1:
        entries.pop(index, None)
    else:
        if len(given) < 2 or not given[1]:
            raise cme(BAD_PARAMETERS)
        name = modem.charset_in(given[3] or "") if len(given) > 3 else ""
        entries[index] = PhonebookEntry(given[1], name)
    modem.log_write(f"phonebook {modem.phonebook}", index, "entry", repr(before), repr(entries.get(index)))
    return None


@TABLE.test("+CPBW")
def write_range(modem: Modem, _call: Call) -> Reply:
    return f"+CPBW: (1-{BOOKS[modem.phonebook]}),{LONGEST_NUMBER},(129,145,161),{LONGEST_NAME}"
