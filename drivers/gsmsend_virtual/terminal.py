"""The character side of a modem (V.250 5.2): command lines, line editing, echo, text entry after a prompt.

Sans-IO: octets in through `receive`, octets out in `out`. It works on whole chunks, never octet by octet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

ESC = 0x1B
CTRL_Z = 0x1A
INPUT_LIMIT = 65536  # a modem's input queue: what a client pushes in beyond it is lost
BLANK = b"\r\n \t\x00"


@dataclass(slots=True)
class Entry:
    """Text or PDU being entered at a prompt. `lines`: each CR gets a new prompt (text mode)."""

    done: Callable[[bytes], None]
    cancelled: Callable[[], None]
    lines: bool = False


class Terminal:
    """Cuts what the client types into command lines and entries."""

    def __init__(self, on_line: Callable[[bytes], None], on_repeat: Callable[[], None]) -> None:
        self.out = bytearray()
        self.echo = True
        self.echo_end = False
        self.cr, self.lf, self.bs = 13, 10, 8
        self.blocked = False
        self.entry: Entry | None = None
        self.on_entry: Callable[[], bool] = lambda: False
        self.prompt = b"\r\n> "
        self._on_line = on_line
        self._on_repeat = on_repeat
        self._rx = bytearray()
        self._entered = bytearray()
        self._echoed = 0
        self._after_cr = False

    def power_cycle(self) -> None:
        """Forget everything typed and not yet sent."""
        self.out.clear()
        self._rx.clear()
        self.forget_entry()
        self.blocked = False
        self._echoed = 0

    def receive(self, octets: bytes) -> None:
        """Take what the client wrote."""
        self._rx += octets[: INPUT_LIMIT - len(self._rx)]
        self.process()

    def process(self) -> None:
        """Work off what was typed, as far as the modem is not busy with a command."""
        while self._rx and not self.blocked:
            more = self._read_line() if self.entry is None else self._read_entry(self.entry)
            if not more:
                return

    @property
    def typing(self) -> bool:
        """Whether a command line or an entry is half typed."""
        return self.entry is not None or bool(self._rx.strip(BLANK))

    @property
    def typed(self) -> int:
        """How many octets of the entry were received."""
        return len(self._entered)

    def open_entry(self, entry: Entry) -> None:
        """Show the prompt and take what comes as text, up to Ctrl-Z or ESC."""
        self.entry = entry
        self._entered.clear()
        self._after_cr = True
        self.out += self.prompt
        self.process()

    def forget_entry(self) -> None:
        """Leave the prompt without a word."""
        self.entry = None
        self._entered.clear()

    def _read_line(self) -> bool:
        rx = self._rx
        if self._after_cr:
            # The line feed of a client that ends its lines in CR LF is no part of the next one.
            self._after_cr = False
            if rx[0] == self.lf:
                del rx[:1]
                if not rx:
                    return False
        head = rx.lstrip(BLANK)[:2].upper()
        if head == b"A/":
            end = rx.index(b"/") + 1
            if self.echo:
                self.out += rx[self._echoed : end]
            del rx[:end]
            self._echoed = 0
            self._on_repeat()
            return True
        end = rx.find(self.cr)
        if end < 0:
            if self.echo and len(rx) > self._echoed:
                self.out += rx[self._echoed :]
            self._echoed = len(rx)
            return False
        line = bytes(rx[:end])
        del rx[: end + 1]
        if self.echo:
            self.out += line[self._echoed :]
            self.out.append(self.cr)
        self._echoed = 0
        self._after_cr = True
        self._on_line(self._edited(line) if self.bs in line else line)
        return True

    def _edited(self, line: bytes) -> bytes:
        kept = bytearray()
        for octet in line:
            if octet != self.bs:
                kept.append(octet)
            elif kept:
                kept.pop()
        return bytes(kept)

    def _read_entry(self, entry: Entry) -> bool:
        rx = self._rx
        if self.on_entry():
            return False
        if self._after_cr:
            self._after_cr = False
            if rx[0] == self.lf:
                del rx[:1]
                if not rx:
                    return False
        submit, cancel = rx.find(CTRL_Z), rx.find(ESC)
        end = min(submit, cancel) if submit >= 0 and cancel >= 0 else max(submit, cancel)
        taken = bytes(rx) if end < 0 else bytes(rx[:end])
        del rx[: len(taken) + (end >= 0)]
        self._take(taken, entry, echo_end=self.echo_end and end >= 0)
        if end < 0:
            return False
        text = bytes(self._entered)
        self.forget_entry()
        if end == submit:
            entry.done(self._edited(text) if entry.lines and self.bs in text else text)
        else:
            entry.cancelled()
        return True

    def _take(self, taken: bytes, entry: Entry, *, echo_end: bool) -> None:
        self._entered += taken
        if not entry.lines:
            if self.echo:
                self.out += taken
        elif self.cr in taken:
            pieces = taken.split(bytes((self.cr,)))
            for number, piece in enumerate(pieces):
                if number:
                    self.out += self.prompt
                if self.echo:
                    self.out += piece
        elif self.echo:
            self.out += taken
        if echo_end and self.echo:
            self.out.append(CTRL_Z)
