"""Speaks to a handset through python-gammu, in a process of its own: JSON lines on standard input and output.

Run by path, under any Python from 3.9 on that has python-gammu; imports nothing of gsmsend. One request at a time:

    {"id": 7, "do": "send", "sms": {...}}  ->  {"id": 7, "ok": {"reference": 12}}
                                               {"id": 7, "error": "ERR_UNKNOWN", "cms": 41, "handed": false}
    with what libgammu sent for it             ->  {..., "sent": ["AT+CMGS=23", "PDU 31"]}
    what comes unasked                     ->  {"event": "sms", "sms": {...}}, {"event": "gone"} or "stumbled"

Octets are {"hex": "0500..."}. It ends, letting the handset go, when its input ends. What libraries print is
dropped: it may name recipients.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import re
import select
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

POLL_S = 0.1
MARK_S = 2.0
ANSWER_S = 2.0
_MARK = "\0mark\n"
_SENDING = re.compile(r"SENDING frame type 0x([0-9A-F]{2})/length 0x[0-9A-F]+/(\d+)")
_CMS = re.compile(r"^CMS Error (\d+)", re.MULTILINE)
_ASKED, _HANDED = "\nWaiting for modem prompt\n", "\nSending SMS\n"
"""How libgammu's trace has a +CMS ERROR, and the two steps of AT+CMGS (at-sms.c); python-gammu keeps them back."""
_RADIO = "AT+CFUN?"
_ROUTING = "atgen_setcnmi=,1,,1"
"""Texts are stored as the handset does by itself, and announced; reports come straight here. libgammu 1.42 cannot
be trusted with texts that come straight here: it leaves part of what it tells of them unset (at-sms.c)."""

_IDENTITY = {
    "manufacturer": "GetManufacturer",
    "model": "GetModel",
    "firmware": "GetFirmware",
    "imei": "GetIMEI",
    "imsi": "GetSIMIMSI",
    "security": "GetSecurityStatus",
    "smsc": "GetSMSC",
    "network": "GetNetworkInfo",
    "signal": "GetSignalQuality",
}
_CHECK = ("imei", "imsi", "network", "signal")


def plain(value: Any) -> Any:
    """The same for JSON: octets as hex, moments in ISO 8601."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (bytes, bytearray)):
        return {"hex": bytes(value).hex()}
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def octets(value: Any) -> Any:
    """The other way round: what is {"hex": ...} is octets."""
    if isinstance(value, dict):
        if set(value) == {"hex"}:
            return bytes.fromhex(value["hex"])
        return {key: octets(item) for key, item in value.items()}
    return value


class Trace:
    """Libgammu's own account of what it does, in memory only: commands, and codes that python-gammu keeps back."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        self.path = f"/dev/fd/{self._writing}"
        self._text: list[str] = []
        self._marked = threading.Event()
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self) -> None:
        with os.fdopen(self._reading, encoding="latin-1", newline="\n") as lines:
            for line in lines:
                if line == _MARK:
                    self._marked.set()
                else:
                    self._text.append(line)

    def take(self) -> str:
        """All since it was taken last. What libgammu wrote before this call is in it."""
        self._marked.clear()
        os.write(self._writing, b"\n" + _MARK.encode())
        self._marked.wait(MARK_S)
        taken, self._text = self._text, []
        return "".join(taken)


def radio_is_off(device: str) -> bool:
    """Whether a handset on a serial port says that its radio is off (AT+CFUN?, TS 27.007 8.2)."""
    if not device.startswith("/"):
        return False
    fcntl, termios, tty = (importlib.import_module(name) for name in ("fcntl", "termios", "tty"))
    heard = b""
    with contextlib.suppress(OSError, ValueError, termios.error), contextlib.ExitStack() as stack:
        port = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        stack.callback(os.close, port)
        fcntl.flock(
            port, fcntl.LOCK_EX | fcntl.LOCK_NB
        )  # as pyserial and libgammu do: nothing is said if it is taken
        stack.callback(termios.tcsetattr, port, termios.TCSANOW, termios.tcgetattr(port))
        tty.setraw(port)
        os.write(port, b"\x1b" + _RADIO.encode() + b"\r")
        until = time.monotonic() + ANSWER_S
        while (left_s := until - time.monotonic()) > 0 and not re.search(rb"\b(OK|ERROR)\b", heard):
            if select.select([port], [], [], left_s)[0]:
                heard += os.read(port, 1024)
    return bool(re.search(rb"\+CFUN:\s*[04]\b", heard))


def commands(trace: str) -> list[str]:
    """What libgammu sent: AT commands, `PDU 23` for so many octets of a text, `ESC`, else `FRAME` and its type."""
    found = []
    rows = trace.splitlines()
    for at, row in enumerate(rows):
        sent = _SENDING.fullmatch(row)
        if sent is None:
            continue
        length = int(sent[2])
        # Sixteen octets a row, four columns each: two digits, the sign, a bar.
        cells = [(at + 1 + place // 16, place % 16 * 4) for place in range(length)]
        octets = "".join(rows[line][column : column + 2] for line, column in cells if line < len(rows))
        with contextlib.suppress(ValueError):
            found += _command(int(sent[1], 16), bytes.fromhex(octets))
    return found


def _command(kind: int, octets: bytes) -> list[str]:
    text = octets.decode("latin-1").strip("\r\n")
    if kind:
        return [f"FRAME {kind:02X}"]
    if text[:2].upper() == "AT":
        return [text]
    if text in ("", "\x1a"):
        return []
    if text[0] == "\x1b":
        return ["ESC"]
    return [f"PDU {len(text) // 2}"] if re.fullmatch("[0-9A-F]+", text) else [f"FRAME {kind:02X}"]


class Speaker:
    """Does what is asked on one handset."""

    def __init__(self, gammu: Any, say: Callable[[dict[str, Any]], None]) -> None:
        self.gammu, self._say = gammu, say
        self._machine: Any = None
        self._trace: Trace | None = None
        self._device = ""
        self._before: list[str] = []
        self._listening = self._gone = False

    def run(self, lines: queue.SimpleQueue[str | None]) -> None:
        """Answer requests until there are no more (None), hearing what comes unasked in between."""
        while True:
            try:
                line = lines.get(timeout=POLL_S if self._listening else None)
            except queue.Empty:
                self._hear()
                continue
            if line is None:
                break
            request = json.loads(line)
            self._say({"id": request.pop("id"), **self._answer(request)})
        with contextlib.suppress(self.gammu.GSMError):
            self.do_close()

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            done = getattr(self, "do_" + request.pop("do"))(**request)
        except self.gammu.GSMError as error:
            return self._told(error)
        except (ValueError, TypeError, OverflowError, OSError) as error:  # mostly a value that it cannot take
            return {"error": type(error).__name__}
        return {"ok": plain(done), "sent": self._sent(self._trace.take() if self._trace is not None else "")}

    def _told(self, error: Any) -> dict[str, Any]:
        said = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        name = self.gammu.ErrorNumbers.get(said.get("Code"), type(error).__name__)
        trace = self._trace.take() if self._trace is not None else ""
        told: dict[str, Any] = {"error": name, "sent": self._sent(trace)}
        if found := _CMS.findall(trace):
            told["cms"] = int(found[-1])
        if _ASKED in trace and _HANDED not in trace:
            told["handed"] = False
        return told

    def _hear(self) -> None:
        if self._gone:
            return
        try:
            self._gone = self._machine.ReadDevice(Wait=False) < 0
        except self.gammu.GSMError:
            self._gone = True
        if self._device.startswith("/") and not os.path.exists(self._device):  # noqa: PTH110 - as it was given
            self._gone = True
        if self._gone:
            self._say({"event": "gone"})

    # -- requests ------------------------------------------------------------------------------------------

    def do_open(self, device: str, connection: str, model: str, *, leave_off: bool = False) -> dict[str, bool]:
        """Connect, changing nothing that is stored.

        `leave_off`: not where its radio is off, as libgammu switches it on; that is what the answer then says.
        """
        self._device = device
        if leave_off and "at" in connection.lower():
            self._before = ["ESC", _RADIO]
            if radio_is_off(device):
                return {"radio_is_off": True}
        rows = [f"device={device}", f"connection={connection}", "synchronizetime=no", "use_locking=no"]
        rows += [f"model={model}"] if model else []
        rows += [_ROUTING]
        trace = Trace() if os.path.isdir("/dev/fd") else None  # noqa: PTH112 - a device's folder
        rows += ["logformat=text", f"logfile={trace.path}"] if trace is not None else []
        machine = self.gammu.StateMachine()
        with _readable("\n".join(["[gammu]", *rows, ""])) as path:
            machine.ReadConfig(0, 0, path)
        self._trace = trace
        machine.Init(Replies=1)  # how often libgammu writes a frame that is not answered: a text goes out once
        self._machine = machine
        return {"radio_is_off": False}

    def do_identity(self) -> dict[str, Any]:
        """Who handset and SIM are; None for what it does not tell."""
        return {name: self._ask(name) for name in _IDENTITY}

    def do_check(self) -> dict[str, Any]:
        """Is it still there, and the same?"""
        return {name: self._ask(name) for name in _CHECK}

    def do_count(self) -> Any:
        """How many texts SIM and handset hold."""
        return self._machine.GetSMSStatus()

    def do_listen(self) -> None:
        """Have received texts and reports passed on."""
        # What python-gammu cannot make a value of stays first in its queue: nothing behind it is told any more.
        sys.unraisablehook = lambda _: self._say({"event": "stumbled"})
        self._machine.SetIncomingCallback(self._came)
        self._listening = True
        self._machine.SetIncomingSMS()

    def do_encode(self, sms: dict[str, Any]) -> str:
        """The PDU that libgammu makes of a text, as hex. Says nothing to the handset."""
        return bytes(self.gammu.EncodePDU({**octets(sms), "Folder": 0, "Location": 0}, "Submit")).hex()

    def do_send(self, sms: dict[str, Any]) -> dict[str, Any]:
        """Hand one part over, once, and wait for the handset's answer: its TP-MR."""
        return {"reference": self._machine.SendSMS(octets(sms))}

    def do_read(self, folder: int, location: int) -> Any:
        """A stored text. Many handsets mark it as read by that."""
        return self._machine.GetSMS(folder, location)

    def do_close(self) -> None:
        """Let the handset go, its reports no longer passed on."""
        machine, self._machine, self._listening = self._machine, None, False
        if machine is not None:
            machine.Terminate()

    # -- its parts -----------------------------------------------------------------------------------------

    def _ask(self, name: str) -> Any:
        try:
            return getattr(self._machine, _IDENTITY[name])()
        except self.gammu.GSMError as error:
            told = self._told(error)
            self._before = told["sent"]
            if str(told["error"]).startswith("ERR_DEVICE"):
                raise
            return None

    def _sent(self, trace: str) -> list[str]:
        """The commands of a trace; of one that is cut, and of questions that gave an error before, those too."""
        sent, self._before = self._before + commands(trace), []
        return sent

    def _came(self, _machine: Any, kind: str, what: Any) -> None:
        if kind == "SMS":
            self._say({"event": "sms", "sms": plain(what)})


@contextlib.contextmanager
def _readable(text: str) -> Iterator[str]:
    """A path to read a few lines from: a pipe where there is /dev/fd, so that nothing is on disk."""
    if os.path.isdir("/dev/fd"):  # noqa: PTH112 - a device's folder
        reading, writing = os.pipe()
        os.write(writing, text.encode())
        os.close(writing)
        try:
            yield f"/dev/fd/{reading}"
        finally:
            os.close(reading)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "gammurc")  # noqa: PTH118 - libgammu takes a string
        with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - as above
            file.write(text)
        yield path


def main() -> int:
    """Say hello, then answer. 3: there is no python-gammu here."""
    out = os.fdopen(os.dup(1), "w", encoding="ascii")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)

    def say(message: dict[str, Any]) -> None:
        out.write(json.dumps(message) + "\n")
        out.flush()

    try:
        gammu = importlib.import_module("gammu")
    except ImportError:
        say({"hello": None})
        return 3
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    say({"hello": [str(word) for word in gammu.Version()]})
    Speaker(gammu, say).run(lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
