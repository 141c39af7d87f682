"""Stored messages: +CPMS, +CMGL, +CMGR, +CMGD, +CMGW, +CMSS (TS 27.005 3.2.2, 3.4, 3.5, 4.1 to 4.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend.errors import SmsError
from gsmsend.sms import Submit
from gsmsend_virtual import textmode, tpdu
from gsmsend_virtual.atline import Call, Form, arguments
from gsmsend_virtual.codes import cms
from gsmsend_virtual.sending import BAD_PDU, BAD_TEXT, INVALID_INDEX, LONGEST_TPDU
from gsmsend_virtual.storage import Status, Stored
from gsmsend_virtual.storage_view import Memory
from gsmsend_virtual.table import PENDING, Reply, Table

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem

TABLE = Table()
NEEDS_SIM = {"+CPMS": "CMS", "+CMGL": "CMS", "+CMGR": "CMS", "+CMGD": "CMS", "+CMGW": "CMS", "+CMSS": "CMS"}
ALL = 4
STATUS_WORDS = {status.text: status for status in Status}


# -- which memory -----------------------------------------------------------------------------------------


@TABLE.test("+CPMS")
def memories(modem: Modem, _call: Call) -> Reply:
    groups = (modem.personality.reading, modem.personality.writing, modem.personality.receiving)
    return "+CPMS: " + ",".join("(" + ",".join(f'"{name}"' for name in group) + ")" for group in groups)


@TABLE.read("+CPMS")
def chosen_memories(modem: Modem, _call: Call) -> Reply:
    return "+CPMS: " + ",".join(
        f'"{modem.memory(which)}",{modem.store(which).used},{modem.store(which).capacity}' for which in range(3)
    )


@TABLE.write("+CPMS")
def choose_memories(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    groups = (modem.personality.reading, modem.personality.writing, modem.personality.receiving)
    if len(given) > 3 or given[0] is None:
        raise cms(302)
    for which, name in enumerate(given):
        if name is not None and name.upper() not in groups[which]:
            raise cms(302)
    for which, name in enumerate(given):
        if name is not None:
            modem.choose_memory(which, name.upper())
    return "+CPMS: " + ",".join(f"{modem.store(which).used},{modem.store(which).capacity}" for which in range(3))


# -- reading ----------------------------------------------------------------------------------------------


def _filter(modem: Modem, word: str | None) -> set[Status]:
    if modem.values["+CMGF"][0]:
        if word is None:
            return {Status.REC_UNREAD}
        if word.upper() == "ALL":
            return set(Status)
        if word.upper() not in STATUS_WORDS:
            raise cms(BAD_TEXT)
        return {STATUS_WORDS[word.upper()]}
    if word is None:
        return {Status.REC_UNREAD}
    if word not in ("0", "1", "2", "3", "4"):
        raise cms(BAD_PDU)
    return set(Status) if int(word) == ALL else {Status(int(word))}


@TABLE.on("+CMGL", Form.WRITE, Form.EXECUTE)
def list_messages(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value) if call.form is Form.WRITE else ()
    wanted = _filter(modem, given[0] if given else None)
    mark = not _peeks(modem, given)
    store = modem.store(0)
    view, text = modem.view, bool(modem.values["+CMGF"][0])
    lines: list[str] = []
    for index, stored in list(store):
        if stored.status not in wanted:
            continue
        if text:
            lines.append("+CMGL: " + textmode.list_line(index, stored, view))
        else:
            lines.append(f"+CMGL: {index},{int(stored.status)},,{len(stored.tpdu)}")
            lines.append((stored.sca + stored.tpdu).hex().upper())
        if mark and stored.status is Status.REC_UNREAD:
            store.mark(index, Status.REC_READ)
    return lines


def _peeks(modem: Modem, given: tuple[str | None, ...]) -> bool:
    """Whether the vendor's extra parameter asks to leave `REC UNREAD` as it is."""
    if len(given) < 2:
        return False
    if not modem.personality.peek or given[1] not in ("0", "1"):
        raise cms(BAD_TEXT if modem.values["+CMGF"][0] else BAD_PDU)
    return given[1] == "1"


@TABLE.test("+CMGL")
def list_kinds(modem: Modem, _call: Call) -> Reply:
    if modem.values["+CMGF"][0]:
        return '+CMGL: ("REC UNREAD","REC READ","STO UNSENT","STO SENT","ALL")'
    return "+CMGL: (0-4)"


@TABLE.write("+CMGR")
def read_message(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    store = modem.store(0)
    index = slot(store, given[0])
    mark = not _peeks(modem, given)
    stored = store.get(index)
    if stored is None:
        if modem.personality.empty_slot == "OK":
            return None
        raise cms(INVALID_INDEX)
    if modem.values["+CMGF"][0]:
        reply: Reply = "+CMGR: " + textmode.read_line(stored, modem.view)
    else:
        reply = [f"+CMGR: {int(stored.status)},,{len(stored.tpdu)}", (stored.sca + stored.tpdu).hex().upper()]
    if mark and stored.status is Status.REC_UNREAD:
        store.mark(index, Status.REC_READ)
    return reply


@TABLE.test("+CMGR")
@TABLE.test("+CMSS")
@TABLE.test("+CMGW")
def offered(_modem: Modem, _call: Call) -> Reply:
    return None


def slot(store: Memory, word: str | None) -> int:
    """An index that exists. Raises AtError."""
    if word is None or not word.isdecimal():
        raise cms(INVALID_INDEX)
    index = int(word)
    try:
        store.get(index)
    except IndexError:
        raise cms(INVALID_INDEX) from None
    return index


# -- deleting ---------------------------------------------------------------------------------------------

_DELETED = {
    1: {Status.REC_READ},
    2: {Status.REC_READ, Status.STO_SENT},
    3: {Status.REC_READ, Status.STO_SENT, Status.STO_UNSENT},
    4: set(Status),
}


@TABLE.write("+CMGD")
def delete_messages(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    store = modem.store(0)
    flag = given[1] if len(given) > 1 and given[1] else "0"
    if flag not in ("0", "1", "2", "3", "4"):
        raise cms(INVALID_INDEX)
    if flag == "0":
        store.delete(slot(store, given[0]))
        return None
    for index, stored in list(store):
        if stored.status in _DELETED[int(flag)]:
            store.delete(index)
    return None


@TABLE.test("+CMGD")
def deletable(modem: Modem, _call: Call) -> Reply:
    used = ",".join(str(index) for index, _ in modem.store(0))
    return f"+CMGD: ({used}),(0-4)"


# -- writing and sending from storage ---------------------------------------------------------------------


@TABLE.on("+CMGW", Form.WRITE, Form.EXECUTE)
def write_message(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value) if call.form is Form.WRITE else ()
    if modem.values["+CMGF"][0]:
        return _write_text(modem, given)
    word = given[0] if given else None
    status = _pdu_status(given[1] if len(given) > 1 else None)
    if word is None or not word.isdecimal() or not 1 <= int(word) <= LONGEST_TPDU:
        raise cms(BAD_PDU)
    length = int(word)

    def entered(octets: bytes) -> None:
        cut = modem.sending.cut(octets, length)
        if cut is None:
            modem.abort(cms(BAD_PDU))
        else:
            _keep(modem, Stored(status, cut[0], cut[1]))

    return modem.ask(entered, lines=False)


def _pdu_status(word: str | None) -> Status:
    if word is None:
        return Status.STO_UNSENT
    if word not in ("0", "1", "2", "3"):
        raise cms(BAD_PDU)
    return Status(int(word))


def _write_text(modem: Modem, given: tuple[str | None, ...]) -> Reply:
    number = modem.charset_in(given[0] or "") if given else ""
    kind = given[1] if len(given) > 1 else None
    word = given[2] if len(given) > 2 else None
    if word is not None and word.upper() not in STATUS_WORDS:
        raise cms(BAD_TEXT)
    status = STATUS_WORDS[word.upper()] if word else Status.STO_UNSENT

    def entered(octets: bytes) -> None:
        try:
            made = modem.compose(
                number or "0", kind, octets, deliver=status in (Status.REC_READ, Status.REC_UNREAD)
            )
        except (SmsError, ValueError):
            modem.abort(cms(BAD_TEXT))
            return
        _keep(modem, Stored(status, tpdu.sca(modem.smsc), made))

    return modem.ask(entered, lines=True)


def _keep(modem: Modem, stored: Stored) -> None:
    index = modem.store(1).add(stored)
    if index is None:
        modem.abort(cms(322))
    else:
        modem.complete(f"+CMGW: {index}")


@TABLE.write("+CMSS")
def send_stored(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    store = modem.store(1)
    index = slot(store, given[0])
    stored = store.get(index)
    message = textmode.parse(stored.tpdu) if stored is not None else None
    if stored is None or not isinstance(message, Submit):
        raise cms(INVALID_INDEX)
    octets = stored.tpdu
    if len(given) > 1 and given[1]:
        try:
            to = textmode.address(modem.charset_in(given[1]), given[2] if len(given) > 2 else None)
            octets = octets[:2] + to.encode() + octets[2 + len(message.destination.encode()) :]
        except (SmsError, ValueError):
            raise cms(BAD_TEXT) from None

    def sent() -> None:
        store.mark(index, Status.STO_SENT)

    sca = stored.sca if len(stored.sca) > 1 else b""
    # Its answer may come at once, and this command must have been left by then.
    modem.later(0.0, lambda: modem.sending.submit(octets, sca, "CMSS", on_sent=sent))
    return PENDING
