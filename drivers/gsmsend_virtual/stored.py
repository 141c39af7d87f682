"""What the SIM of a virtual modem in this process holds, read as contract.Readable has it."""

from __future__ import annotations

from gsmsend.contract import StorageState, Stored, StoredNumber
from gsmsend.errors import GuardStop, SmsError
from gsmsend.model import Sim
from gsmsend.sms import Deliver, Submit, from_pdu
from gsmsend_virtual import sim as cards
from gsmsend_virtual.storage import Status
from gsmsend_virtual.storage import Stored as Kept

PHONEBOOK = 50
"""Places in the SIM's phonebook, as a virtual modem on a port has them."""


def read(card: cards.Sim) -> Stored:
    """Phonebook and messages; nothing on the card changes. Raises GuardStop while it wants its PIN."""
    if card.pin_state is not cards.PinState.READY:
        raise GuardStop(
            f"The SIM {card.iccid} asks for a code: {card.pin_state.value}.", remedy="Enter it in a phone."
        )
    book = [StoredNumber("SM", index, entry.number) for index, entry in sorted(card.phonebook.items())]
    texts = [found for index, kept in card.messages for found in _other_side(index, kept)]
    return Stored(Sim(card.iccid, card.imsi, card.number), (*book, *texts))


def count(card: cards.Sim) -> StorageState:
    """How much of it is used."""
    texts = {card.messages.name: (card.messages.used, card.messages.capacity)}
    return StorageState(texts, {"SM": (len(card.phonebook), PHONEBOOK)}, card.smss)


def _other_side(index: int, kept: Kept) -> list[StoredNumber]:
    received = kept.status in (Status.REC_READ, Status.REC_UNREAD)
    try:
        _, tpdu = from_pdu((kept.sca + kept.tpdu).hex(), "from_network" if received else "to_network")
    except SmsError:
        return []
    if isinstance(tpdu, Deliver):
        at_s = tpdu.service_centre_time.epoch_s
        return [StoredNumber("SM", index, tpdu.originator.text, message=True, at_s=at_s)]
    if isinstance(tpdu, Submit):
        return [StoredNumber("SM", index, tpdu.destination.text, message=True)]
    return []
