"""Who is in the phonebooks and stored messages, read so that nothing stored changes.

Phonebooks by +CPBS and +CPBR (TS 27.007 8.11, 8.12). Messages of the SIM record by record from EF-SMS with +CRSM
(TS 27.007 8.18, TS 31.102 4.2.25), which marks nothing as read; those of the device only where it can list them
without marking them. Names and words are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gsmsend.at import replies
from gsmsend.contract import Stored, StoredNumber
from gsmsend.errors import SmsError
from gsmsend.model import Device
from gsmsend.sms import Deliver, Submit, from_pdu
from gsmsend_atmodem import survey
from gsmsend_atmodem.dialogue import Dialogue
from gsmsend_atmodem.profile import Profile, Profiles

PHONEBOOKS = ("SM", "ME")
_AT_ONCE = 50
"""Phonebook entries that are asked for together."""
_MOST_ENTRIES = 2000
_MOST_RECORDS = 255
_ON_THE_SIM = ("SM", "MT", "SR", "BM")
_RANGE = re.compile(r"\((\d+)-(\d+)\)")
_RECORD = re.compile(r'(\d+)\s*,\s*(\d+)\s*(?:,\s*"?([0-9A-Fa-f]*)"?)?')
_LISTED = re.compile(r"[+^]CMGL:\s*(\d+)\s*,")
_PDU = re.compile(r"(?:[0-9A-Fa-f]{2}){8,}")
_EF_SMS = 28476  # 6F3C
_RECORD_OCTETS = 176
_FREE = 0


def read(dialogue: Dialogue, profile: Profile, device: Device, profiles: Profiles) -> Stored:
    """Everything that can be read with nothing changed. Raises LinkLost, GuardStop."""
    dialogue.wake()
    subject = survey.identify(dialogue, survey.Subject(device, profile), profiles)
    profile = subject.profile
    survey.guard_sim_state(survey.sim_state(dialogue, profile), subject.device)
    sim = survey.read_sim(dialogue, profile)
    notes: list[str] = []
    numbers = [*_phonebooks(dialogue, profile, notes), *_on_sim(dialogue, profile, notes)]
    numbers += _in_device(dialogue, profile, notes)
    return Stored(sim, tuple(numbers), tuple(notes))


# -- phonebooks ---------------------------------------------------------------------------------------------


def _phonebooks(dialogue: Dialogue, profile: Profile, notes: list[str]) -> list[StoredNumber]:
    chosen = replies.value(dialogue.ask("AT+CPBS?", profile.network_timeout_s).lines, "+CPBS:")
    if chosen is None:
        notes.append("The modem does not let its phonebooks be read.")
        return []
    home = replies.fields(chosen)[0]
    found: list[StoredNumber] = []
    for book in PHONEBOOKS:
        if dialogue.ask(f'AT+CPBS="{book}"', profile.network_timeout_s).ok:
            found += _entries(dialogue, profile, book)
        else:
            notes.append(f"Phonebook {book}: the modem has none, or does not let it be read.")
    if home:
        dialogue.ask(f'AT+CPBS="{home}"', profile.network_timeout_s)
    return found


def _entries(dialogue: Dialogue, profile: Profile, book: str) -> Iterator[StoredNumber]:
    offered = replies.value(dialogue.ask("AT+CPBR=?", profile.network_timeout_s).lines, "+CPBR:")
    span = _RANGE.search(offered or "")
    if span is None:
        return
    first, last = int(span[1]), min(int(span[2]), int(span[1]) + _MOST_ENTRIES)
    for start in range(first, last + 1, _AT_ONCE):
        end = min(start + _AT_ONCE - 1, last)
        # Some answer an empty stretch with an error ("not found"): it holds nobody.
        for line in dialogue.ask(f"AT+CPBR={start},{end}", 3 * profile.network_timeout_s).lines:
            if not line.startswith("+CPBR:"):
                continue
            parts = replies.fields(line.removeprefix("+CPBR:"))
            if len(parts) >= 2 and parts[0].isdecimal() and parts[1]:
                yield StoredNumber(book, int(parts[0]), _plain(parts[1], parts[2] if len(parts) > 2 else ""))


def _plain(number: str, kind: str) -> str:
    """The number with its +, which some leave to the type of address (145: international, TS 24.008 10.5.4.7).

    With the character set UCS2 some write the number in it too.
    """
    if len(number) % 4 == 0 and re.fullmatch(r"(?:00[2-3][0-9A-Fa-f])+", number):
        number = bytes.fromhex(number).decode("utf-16-be")
    return f"+{number}" if kind == "145" and not number.startswith("+") else number


# -- messages -----------------------------------------------------------------------------------------------


def _on_sim(dialogue: Dialogue, profile: Profile, notes: list[str]) -> list[StoredNumber]:
    found: list[StoredNumber] = []
    for record in range(1, _MOST_RECORDS + 1):
        command = f"AT+CRSM=178,{_EF_SMS},{record},4,{_RECORD_OCTETS}"  # READ RECORD, absolute
        reply = dialogue.ask(command, profile.network_timeout_s)
        answer = _RECORD.match(replies.value(reply.lines, "+CRSM:") or "")
        if answer is None:
            if record == 1:
                notes.append("Messages on the SIM were left alone: this modem cannot read them unmarked.")
            break
        if answer[1] not in ("144", "145") or not answer[3]:
            break  # 9402: there is no such record
        octets = bytes.fromhex(answer[3])
        if octets and octets[0] & 1 != _FREE:
            found += _message("SM", record, octets[1:].hex(), received=octets[0] & 4 == 0)
    return found


def _in_device(dialogue: Dialogue, profile: Profile, notes: list[str]) -> list[StoredNumber]:
    answer = replies.value(dialogue.ask("AT+CPMS?", profile.network_timeout_s).lines, "+CPMS:")
    parts = replies.fields(answer or "")
    home = parts[0]
    offered = replies.memories(
        replies.value(dialogue.ask("AT+CPMS=?", profile.network_timeout_s).lines, "+CPMS:") or ""
    )
    # Some offer a memory twice, as ME and ME_P (preferred).
    by_name = {name.removesuffix("_P"): name for name in reversed(offered[0] if offered else ())}
    memories = [name for plain, name in by_name.items() if plain not in _ON_THE_SIM]
    if not home or not memories:
        return []
    if not profile.keeps_unread:
        notes.append("Messages in the device were left alone: this modem would mark them as read.")
        return []
    found: list[StoredNumber] = []
    for memory in memories:
        if not dialogue.ask(f'AT+CPMS="{memory}"', profile.network_timeout_s).ok:
            continue
        index = 0
        for line in dialogue.ask(profile.list_command, 3 * profile.network_timeout_s).lines:
            if listed := _LISTED.match(line):
                index = int(listed[1])
            elif _PDU.fullmatch(line):
                found += _message(memory, index, line, received=True) or _message(
                    memory, index, line, received=False
                )
    dialogue.ask(f'AT+CPMS="{home}"', profile.network_timeout_s)
    return found


def _message(memory: str, index: int, pdu: str, *, received: bool) -> list[StoredNumber]:
    """Who is on the other side of a message, as a list of one; empty for reports and what cannot be read."""
    try:
        _, tpdu = from_pdu(pdu, "from_network" if received else "to_network")
    except (SmsError, ValueError):
        return []
    if isinstance(tpdu, Deliver):
        at_s = tpdu.service_centre_time.epoch_s
        return [StoredNumber(memory, index, tpdu.originator.text, message=True, at_s=at_s)]
    if isinstance(tpdu, Submit):
        return [StoredNumber(memory, index, tpdu.destination.text, message=True)]
    return []
