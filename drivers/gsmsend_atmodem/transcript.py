"""A masked record of the dialogue with one modem, that replays as a test (see `replay`).

A link's lines follow two of title. One line each: the time (UTC), the IMEI of the modem (`-` before it was
read), a sign, the text. The signs:

    >  a command we sent            <  a line the modem sent
    >p {SUBMIT 23}                  <> the prompt
    >e ESC                          <b {DELIVER 40} {STATUS-REPORT 26 mr=12 st=0}   the second line
    =  the outcome of a submission  =l the late outcome of one
    =  up NAME ICCID: set up, with this profile, for this SIM (`-`: it does not say)

Numbers keep their first four and last four digits, texts and PDUs give only their kind and length.
"""

from __future__ import annotations

import contextlib
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from gsmsend.masking import mask_number
from gsmsend.model import Outcome, OutcomeKind

HEADER = "# gsmsend transcript 2"
MOST_OCTETS = 16 * 1024 * 1024
"""Of one file in a lab: some 25,000 texts."""
KEPT = 4
"""Files of one device in a lab, the newest ones. An array at work day and night would fill any disk."""

_NUMBER = re.compile(r"\+?\d{7,}")
_LONG_HEX = re.compile(r"[0-9A-Fa-f]{20,}")
_QUOTED = re.compile(r'"[^"]*"')
_SPEAKS = re.compile(r"AT|[+^*%$#&][A-Z0-9]+\b|OK$|ERROR$|RING$|RDY$|NO |BUSY$|COMMAND NOT|TOO MANY|[0-9]$")
_PIN = re.compile(r"(\+CPIN\s*=).+")
_PDU_HEADER = re.compile(r"(\+CMT:|\+CBM:|\+CMG[RL]:)(.*),\s*(\d+)")
_WITH_NAMES = (
    "+CMT:",
    "+CMGR:",
    "+CMGL:",
    "^SMGR:",
    "^SMGL:",
    "+CLIP:",
    "+CCWA:",
    "+COLP:",
    "+CNUM:",
    "+CUSD:",
    "+CDS:",
    "+CPBR:",
    "+CPBF:",
)
_FREE_ANSWERS = ("AT+CGM", "ATI", "AT+GM")


class Transcript:
    """Appends to a file, buffered until `flush`. `now` is on the link's monotonic clock, in seconds.

    Each command is with the operating system before it acts (Dialogue.flush): it outlives this process, though
    not a loss of power.

    `began_s` is the time, in epoch seconds, when that clock stood at `started`: so lines stand in the order of
    what happened, also where the computer's clock is set meanwhile.

    With `most_octets` it goes on in another file after so many (NAME.2.transcript, NAME.3.transcript, ...); only
    the newest `KEPT` stay. No file is ever changed but by appending, so the sums of them in the audit log hold.
    """

    def __init__(
        self, path: Path, title: str, started: float, began_s: float, *, most_octets: int | None = None
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._title, self._most = path, _visible(title), most_octets
        self._number = _newest(path) if most_octets is not None else 1
        self._octets = 0
        self._file: IO[str] = self._open()
        self._offset_s = began_s - started
        self.imei: str | None = None
        self._command = ""
        self._writable = True
        self.now = started

    def trace(self, direction: str, kind: str, text: str) -> None:
        """One line of the dialogue, as `gsmsend.at.Session` tells it, at the time `now`."""
        if kind == "command":
            self._command = text
        self._put(masked(direction, kind, text, free=self._command.startswith(_FREE_ANSWERS)))

    def outcome(self, outcome: Outcome) -> None:
        """What came of a submission."""
        self._put(f"= {outcome_line(outcome)}")

    def late(self, outcome: Outcome) -> None:
        """What came of an earlier one after all."""
        self._put(f"=l {outcome_line(outcome)}")

    def up(self, profile: str, iccid: str | None) -> None:
        """The modem is set up, with this profile, for this SIM."""
        self._put(f"= up {profile} {iccid or '-'}")
        self.flush()

    def close(self) -> None:
        """Write out and close."""
        with contextlib.suppress(OSError, ValueError):
            self._file.close()

    def flush(self) -> None:
        """Write out what is buffered."""
        with contextlib.suppress(OSError, ValueError):
            self._file.flush()

    def _open(self) -> IO[str]:
        never_a_link = getattr(os, "O_NOFOLLOW", 0)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | never_a_link
        descriptor = os.open(_place(self._path, self._number), flags, 0o600)
        self._octets = os.fstat(descriptor).st_size
        file = os.fdopen(descriptor, "a", encoding="utf-8")
        file.write(f"{HEADER}\n# {self._title}\n")
        return file

    def _go_on(self) -> None:
        self._file.close()
        self._number += 1
        self._file = self._open()
        if self._number > KEPT:
            _place(self._path, self._number - KEPT).unlink(missing_ok=True)

    def _put(self, text: str) -> None:
        if self._writable:
            try:
                at = datetime.fromtimestamp(self.now + self._offset_s, UTC).isoformat(timespec="milliseconds")
                self._octets += self._file.write(f"{at.removesuffix('+00:00')}Z {self.imei or '-'} {text}\n")
                if self._most is not None and self._octets > self._most:
                    self._go_on()
            except (OSError, ValueError, OverflowError):
                self._writable = False  # a full disk must not end a submission: the record ends here


def _place(path: Path, number: int) -> Path:
    """The file of that number: the first is `path` itself."""
    return path if number == 1 else path.with_name(f"{path.stem}.{number}{path.suffix}")


def _newest(path: Path) -> int:
    """The number of the newest file that is there."""
    numbered = re.compile(re.escape(path.stem) + r"\.(\d+)" + re.escape(path.suffix))
    found = [match for each in path.parent.iterdir() if (match := numbered.fullmatch(each.name))]
    return max((int(match[1]) for match in found), default=1)


def outcome_line(outcome: Outcome) -> str:
    """An outcome in a line: kind, then reference, or refusal and code."""
    words = [outcome.kind.value]
    if outcome.kind is OutcomeKind.REFUSED and outcome.refusal is not None:
        words.append(outcome.refusal.value)
    if outcome.reference is not None:
        words.append(f"mr={outcome.reference}")
    if outcome.code is not None:
        words.append(f"code={outcome.code}")
    return " ".join(words)


def masked(direction: str, kind: str, text: str, *, free: bool = False) -> str:
    """One line with its sign, with nothing of a recipient in it. `free`: it answers who the maker is."""
    if kind in {"line", "echo"}:
        return f"{direction} {_mask_line(text, free=free)}"
    if kind == "command":
        return "> " + _mask_line(text, free=False)
    if kind == "pdu":
        return f">p {{SUBMIT {len(text) // 2}}}"
    if kind == "body":
        return "<b " + reduced(text)
    return ">e ESC" if kind == "escape" else "<>"


def _mask_line(line: str, *, free: bool) -> str:
    line = _PIN.sub(r"\1***", line)
    if len(line) < 8 and _SPEAKS.match(line):
        return _visible(line)
    if _LONG_HEX.fullmatch(line) and not line.isdigit():
        return reduced(line)
    if line.isdigit():
        return mask_number(line) if len(line) >= 10 else "*" * len(line)
    if not free and not _SPEAKS.match(line):
        return f"{{{len(line)} characters}}"
    if line.startswith(_WITH_NAMES):
        header = _PDU_HEADER.fullmatch(line)
        line = f"{header[1]} ,{header[3]}" if header else _QUOTED.sub('"*"', line)
    line = _LONG_HEX.sub(lambda found: found[0] if found[0].isdigit() else f"{{hex {len(found[0])}}}", line)
    line = _NUMBER.sub(lambda found: mask_number(found[0]), line)
    return _visible(line)


def _visible(text: str) -> str:
    """One line of signs that can be seen: what a modem says must not act on a terminal that shows the record."""
    return "".join(sign if " " <= sign <= "~" else ascii(sign)[1:-1] for sign in text)


def reduced(pdu: str) -> str:
    """Kind and octets of a PDU from the network; of a report its TP-MR and TP-ST too (TS 23.040 9.2.2.3)."""
    try:
        octets = bytes.fromhex(pdu)
        tpdu = octets[1 + octets[0] :]
        kind = ("DELIVER", "SUBMIT", "STATUS-REPORT", "DELIVER")[tpdu[0] & 3]
        if kind != "STATUS-REPORT":
            return f"{{{kind} {len(octets)}}}"
        status = tpdu[4 + (tpdu[2] + 1) // 2 + 14]
    except (ValueError, IndexError):
        return f"{{unreadable {len(pdu)}}}"
    return f"{{STATUS-REPORT {len(octets)} mr={tpdu[1]} st={status}}}"
