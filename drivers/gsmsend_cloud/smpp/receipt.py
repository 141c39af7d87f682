"""Delivery receipts: in text (SMPP 3.4 appendix B), by optional parameters (5.3.2), or both."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gsmsend_cloud.smpp.pdu import Deliver, Tag, c_octets
from gsmsend_cloud.smpp.statuses import MessageState, state_by_number, state_by_word

_RECEIPT = 0x04
_INTERMEDIATE = 0x20
_TYPE = 0x3C
"""Message type, bits 5 to 2 of esm_class (5.2.12)."""

_FIELD = re.compile(r"(?:^|\s)(id|sub|dlvrd|submit date|done date|stat|err):\s*([^\s:]+)", re.IGNORECASE)
_TEXT = re.compile(r"\btext:", re.IGNORECASE)
_PENDING = MessageState("ENROUTE", 0x30)


@dataclass(frozen=True, slots=True)
class Receipt:
    """`option_id` is in the form of the submit_sm_resp, `text_id` as receipts write it; either may be empty."""

    option_id: str
    text_id: str
    state: MessageState
    error: str = ""

    @property
    def said(self) -> str:
        """The SMSC's own word, with its error code if it gave one."""
        return f"{self.state.stat} {self.error}".strip()


def fields_of(text: str) -> dict[str, str]:
    """The fields of the text form by name, in small letters; of those that stand there twice, the first.

    Whatever comes after `text:` is the beginning of the text that was sent, and says nothing.
    """
    head = _TEXT.split(text, maxsplit=1)[0]
    found: dict[str, str] = {}
    for name, value in _FIELD.findall(head):
        found.setdefault(name.lower(), value)
    return found


def receipt_of(deliver: Deliver) -> Receipt | None:
    """The receipt in a deliver_sm; None if it is none, or names no text.

    Only the SMSC can set the message type, so a person who texts `id:1 stat:DELIVRD` confirms nothing.
    """
    kind = deliver.esm_class & _TYPE
    number = deliver.number(Tag.MESSAGE_STATE)
    option_id = c_octets(deliver.options.get(Tag.RECEIPTED_MESSAGE_ID, b"")).strip()
    if kind not in (_RECEIPT, _INTERMEDIATE) and not (option_id and number is not None):
        return None
    fields = fields_of(deliver.octets.decode("latin-1"))
    text_id, stat = fields.get("id", ""), fields.get("stat", "")
    state = state_by_number(number) if number is not None else None
    if state is None:
        state = state_by_word(stat) if stat else _PENDING
    if kind == _INTERMEDIATE:
        state = MessageState(state.stat, _PENDING.status)
    if not option_id and not text_id:
        return None
    return Receipt(option_id, text_id, state, _error(deliver, fields.get("err", "")))


def _error(deliver: Deliver, err: str) -> str:
    """network_error_code (5.3.2.31): the network's type and its code; else `err:`, if it is not zero."""
    code = deliver.options.get(Tag.NETWORK_ERROR_CODE, b"")
    if len(code) == 3 and any(code[1:]):
        return f"network {code[0]} error {int.from_bytes(code[1:], 'big')}"
    return f"err {err}"[:20] if err.strip("0") else ""
