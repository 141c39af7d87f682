"""A python-gammu for tests: asks the test, over a unix socket named as its device, what the handset does.

Runs where the real one would, in the process apart; it has what gsmsend uses of it, and no more.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from typing import Any

ErrorNumbers = {
    2: "ERR_DEVICEOPENERROR", 4: "ERR_DEVICENOTEXIST", 11: "ERR_DEVICEWRITEERROR", 14: "ERR_TIMEOUT",
    21: "ERR_NOTSUPPORTED", 26: "ERR_FULL", 27: "ERR_UNKNOWN", 31: "ERR_EMPTYSMSC", 44: "ERR_INVALIDDATA",
}  # fmt: skip
_config = {"device": ""}


class GSMError(Exception):
    """As python-gammu raises it: one argument, a dictionary."""


def Version() -> tuple[str, str]:  # noqa: N802 - its name there
    """As of libgammu and of itself."""
    return "0.0.0", "fake"


class _Wire:
    """Lines to and from the test."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        try:
            self.socket.connect(path)
        except OSError:
            raise GSMError({"Text": "", "Where": "Init", "Code": 4}) from None
        self.buffer = b""
        self.events: list[dict[str, Any]] = []
        self.gone = False

    def ask(self, do: str, **arguments: object) -> Any:
        try:
            self.socket.sendall(json.dumps({"do": do, **arguments}).encode() + b"\n")
        except OSError:
            self.gone = True
        while not self.gone:
            for line in self.lines(block=True):
                if "event" in line:
                    self.events.append(line)
                else:
                    return line
        raise GSMError({"Text": "", "Where": do, "Code": 11})

    def lines(self, *, block: bool) -> list[dict[str, Any]]:
        self.socket.setblocking(block)
        try:
            octets = self.socket.recv(65536)
            self.gone = not octets
            self.buffer += octets
        except BlockingIOError:
            pass
        except OSError:
            self.gone = True
        *whole, self.buffer = self.buffer.split(b"\n")
        return [json.loads(line) for line in whole]


_wire: list[_Wire] = []


class StateMachine:
    """One handset."""

    def __init__(self) -> None:
        self._callback: Callable[..., None] | None = None
        self._trace: Any = None

    def ReadConfig(self, _section: int, _configuration: int, path: str) -> None:  # noqa: N802
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            rows = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
        _config.update(rows)
        assert rows["logformat"] == "text"
        self._trace = open(rows["logfile"], "w", encoding="utf-8")  # noqa: PTH123, SIM115

    def Init(self, *, Replies: int) -> None:  # noqa: N802, N803
        assert Replies == 1
        _wire[:] = [_Wire(_config["device"])]
        self._do("Init", config=_config, environment=sorted(os.environ))

    def Terminate(self) -> None:  # noqa: N802
        self._do("Terminate")

    def SetIncomingCallback(self, callback: Callable[..., None]) -> None:  # noqa: N802
        self._callback = callback

    def SendSMS(self, sms: dict[str, Any]) -> int:  # noqa: N802
        return int(self._do("SendSMS", sms=_plain(sms)))

    def GetSMS(self, folder: int, location: int) -> list[dict[str, Any]]:  # noqa: N802
        return list(self._do("GetSMS", folder=folder, location=location))

    def ReadDevice(self, *, Wait: bool = False) -> int:  # noqa: N802, N803
        assert not Wait
        wire = _wire[0]
        events, wire.events = wire.events + wire.lines(block=False), []
        for line in events:
            if line["event"] == "stumble":
                self._stumble()
            elif self._callback is not None:
                self._callback(self, "SMS", line["event"])
        return -1 if wire.gone else len(events)

    def _stumble(self) -> None:
        class Left:
            def __del__(self) -> None:
                raise ValueError("Bad value for MemoryType from Gammu")

        Left()

    def __getattr__(self, name: str) -> Callable[[], Any]:
        return lambda: self._do(name)

    def _do(self, do: str, **arguments: object) -> Any:
        answer = _wire[0].ask(do, **arguments)
        if self._trace is not None:
            self._trace.write(answer.get("trace", ""))
            self._trace.flush()
        time.sleep(answer.get("sleep", 0))
        if "error" in answer:
            raise GSMError({"Text": "", "Where": do, "Code": answer["error"]})
        return answer["ok"]


def EncodePDU(sms: dict[str, Any], layout: str) -> bytes:  # noqa: N802
    """The test codes it."""
    answer = _wire[0].ask("EncodePDU", sms=_plain(sms), layout=layout)
    if "error" in answer:
        raise GSMError({"Text": "", "Where": "EncodePDU", "Code": answer["error"]})
    return bytes.fromhex(answer["ok"])


def _plain(sms: dict[str, Any]) -> dict[str, Any]:
    header = sms.get("UDH")
    return sms if header is None else {**sms, "UDH": {**header, "Text": {"hex": header["Text"].hex()}}}
