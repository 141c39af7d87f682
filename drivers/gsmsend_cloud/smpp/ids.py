"""Message ids: how receipts name a text, against how its submit_sm_resp did (SMPP 3.4 5.2.23)."""

from __future__ import annotations

from gsmsend_cloud.smpp.receipt import Receipt
from gsmsend_cloud.smpp.settings import Ids

_BASES = {Ids.HEX_THEN_DECIMAL: (16, 10), Ids.DECIMAL_THEN_HEX: (10, 16)}
_MOST_DIGITS = 64
_MOST_KNOWN = 100_000
_FEWEST_DIGITS = 7


class KnownIds:
    """The ids of texts that were taken. Some SMSCs answer in hexadecimal and report in decimal, or the reverse.

    Then a text is known by its number, in decimal. Two ids are the same only as the setting says, never by trying:
    decimal 16 is another text than hexadecimal 16.
    """

    def __init__(self, mode: Ids, where: str) -> None:
        self._mode, self._where = mode, where
        self._known: dict[str, str] = {}

    def add(self, name: str, destination: str) -> str:
        """A text that was taken, as its answer named it; what it is known by from now on."""
        handle = _common(name, self._mode, receipt=False) if name else ""
        if handle:
            self._known[handle] = destination
            while len(self._known) > _MOST_KNOWN:
                del self._known[next(iter(self._known))]
        return handle

    def expect(self, handle: str) -> None:
        """A text from before, by what it is known by."""
        self._known.setdefault(handle, "")

    def known(self, receipt: Receipt) -> bool:
        """Whether it is about a text that is known."""
        return self.of(receipt) in self._known

    def of(self, receipt: Receipt) -> str:
        """What the text that a receipt is about is known by, here or to another program."""
        names = []
        if receipt.option_id:  # by the standard as the answer had it (5.3.2.12)
            names.append(_common(receipt.option_id, self._mode, receipt=False))
        if receipt.text_id:
            names.append(_common(receipt.text_id, self._mode, receipt=True))
        return next((name for name in names if name in self._known), names[0])

    def of_another(self, handle: str, number: str) -> bool:
        """Whether the text that is known by it went to another number: some SMSCs use an id again."""
        destination = self._known.get(handle, "")
        return bool(destination) and differ(destination, number)

    def hint(self, receipt: Receipt, recipient: str) -> str:
        """What to set, where a receipt that matches nothing would match a text to the same number otherwise."""
        if self._mode is not Ids.SAME or self.known(receipt):
            return ""
        for mode in _BASES:
            wanted = _common(receipt.text_id, mode, receipt=True)
            for handle, destination in self._known.items():
                if same(destination, recipient) and _common(handle, mode, receipt=False) == wanted:
                    return (
                        "Delivery reports name texts in another way than the answers did. If the provider's "
                        f'documents say so too, set {self._where}.message_id = "{mode}".'
                    )
        return ""


def same(one: str, other: str) -> bool:
    """Whether two numbers are the same, each in national or international form."""
    return _digits(one) and _digits(other) and not differ(one, other)


def differ(one: str, other: str) -> bool:
    """Whether two numbers cannot be the same; of a name, or a number that is masked, it cannot be said."""
    if not (_digits(one) and _digits(other)):
        return False
    short, long = sorted((each.lstrip("+").lstrip("0") for each in (one, other)), key=len)
    return len(short) < _FEWEST_DIGITS or not long.endswith(short)


def _digits(number: str) -> bool:
    return number.removeprefix("+").isdecimal()


def _common(name: str, mode: Ids, *, receipt: bool) -> str:
    """An id in a form that answers and receipts share; as it is where it is no such number."""
    bases = _BASES.get(mode)
    if bases is None:
        return name
    allowed = "0123456789abcdefABCDEF"[: 22 if bases[receipt] == 16 else 10]
    if not name or len(name) > _MOST_DIGITS or not set(allowed).issuperset(name):
        return f"as it is: {name}"
    return str(int(name, bases[receipt]))
