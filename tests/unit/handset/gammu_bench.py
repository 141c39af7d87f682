"""A handset behind the python-gammu of the tests: the far end of a link through libgammu."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gsmsend.contract import OpenOptions, Sink
from gsmsend.sms import Encoding, Segment, encode_submit, to_pdu
from gsmsend.testing.driver_suite import OnAir
from gsmsend_handset.gammu import DRIVER, wire
from gsmsend_handset.gammu.link import GammuLink

IMEI, IMSI, OTHER_IMSI = "490154203237518", "001010000000001", "001010000000002"
SMSC = "+447700900800"
STUDIO = {"State": "HomeNetwork", "NetworkName": "Test Network", "NetworkCode": "001 01"}


class SystemClock:
    """The real one."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class GammuBench:
    """Satisfies `driver_suite.Bench`. `told` are the answers by method; an int is the error with that number."""

    two_step = True

    def __init__(self, folder: Path) -> None:
        self.device = folder / "handset"
        self.python = folder / "python"
        fake = Path(__file__).parent / "fakegammu"
        self.python.write_text(f'#!/bin/sh\nPYTHONPATH="{fake}" exec "{sys.executable}" -S "$@"\n')
        self.python.chmod(0o700)
        self.told: dict[str, Any] = {
            "Init": None, "Terminate": None, "SetIncomingSMS": None, "GetManufacturer": "Example",
            "GetModel": ["unknown", "N1"], "GetFirmware": ["11.2", "", 11.2], "GetIMEI": IMEI, "GetSIMIMSI": IMSI,
            "GetSecurityStatus": None, "GetSMSC": {"Location": 1, "Number": SMSC}, "GetNetworkInfo": STUDIO,
            "GetSignalQuality": {"SignalStrength": -71, "SignalPercent": 70, "BitErrorRate": -1},
            "GetSMSStatus": {"SIMUsed": 2, "SIMSize": 30, "PhoneUsed": 5, "PhoneSize": 100},
        }  # fmt: skip
        self.asked: list[dict[str, Any]] = []
        self.air: list[OnAir] = []
        self.trace = ""
        self.refuse: int | None = None
        self.early = self.mute = False
        self.delay_s = 0.0
        self.stored: dict[int, dict[str, Any]] = {}
        self.code: Callable[[dict[str, Any]], str] = coded
        self.link: GammuLink | None = None
        self._links: list[GammuLink] = []
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self.device))
        self._server.listen()
        self._ends: list[socket.socket] = []
        self._turn = threading.Lock()
        threading.Thread(target=self._serve, daemon=True).start()

    # -- the far end ----------------------------------------------------------------------------------------

    def _serve(self) -> None:
        while True:
            try:
                end, _ = self._server.accept()
            except OSError:
                return
            self._ends.append(end)
            threading.Thread(target=self._answer_all, args=(end,), daemon=True).start()

    def _answer_all(self, end: socket.socket) -> None:
        with contextlib.suppress(OSError), end.makefile() as lines:
            for line in lines:
                request = json.loads(line)
                self.asked.append(request)
                answer = self._answer(request)
                if answer is not None:
                    self._say(end, answer)

    def _answer(self, request: dict[str, Any]) -> dict[str, Any] | None:
        do = request["do"]
        if do == "SendSMS":
            return self._send(request["sms"])
        if do == "EncodePDU":
            early, self.early = self.early, False
            return {"error": 44} if early else {"ok": self.code(request["sms"])}
        if do == "GetSMS":
            return {"ok": [self.stored[request["location"]]]}
        told = self.told[do]
        return {"error": told} if isinstance(told, int) else {"ok": told}

    def _send(self, sms: dict[str, Any]) -> dict[str, Any] | None:
        if self.refuse is not None:
            code, self.refuse = self.refuse, None
            return {"error": 27, "trace": f'Sending SMS\nError {code}\nCMS Error {code}: "x"\n'}
        if self.trace:
            trace, self.trace = self.trace, ""
            return {"error": 27, "trace": trace}
        reference = len(self.air) % 256
        raw = wire.canonical(sms)
        self.air.append(OnAir(sms["Number"], sms["Text"], reference, raw))
        mute, self.mute = self.mute, False
        delay_s, self.delay_s = self.delay_s, 0.0
        return None if mute else {"ok": reference, "sleep": delay_s}

    def _say(self, end: socket.socket, message: dict[str, Any]) -> None:
        with self._turn, contextlib.suppress(OSError):
            end.sendall(json.dumps(message).encode() + b"\n")

    def event(self, sms: dict[str, Any] | str) -> None:
        """Something comes to the handset."""
        self._say(self._ends[-1], {"event": sms})

    # -- driver_suite.Bench ---------------------------------------------------------------------------------

    def make_link(self, sink: Sink, *, submit_timeout_s: float = 5.0, **more: object) -> GammuLink:
        exhibit = bool(more.pop("exhibit", False))
        settings: dict[str, object] = {"python": str(self.python), "device": str(self.device), "check_s": 0.3}
        settings |= {"submit_timeout_s": submit_timeout_s, "late_listen_s": 0.1, **more}
        options = OpenOptions(settings=settings, exhibit=exhibit)
        self.link = DRIVER.open(DRIVER.endpoint("gammu"), sink, SystemClock(), options)
        self._links.append(self.link)
        return self.link

    def on_air(self) -> list[OnAir]:
        return list(self.air)

    def refuse_next(self, code: int) -> None:
        self.refuse = code

    def refuse_next_early(self) -> None:
        self.early = True

    def silence_next(self) -> None:
        self.mute = True

    def delay_next(self, seconds: float) -> None:
        self.delay_s = seconds

    def send_report(self, part: OnAir, status: int = 0) -> None:
        self.event(report(part.destination, part.reference or 0, status))

    def send_inbound(self, sender: str, text: str) -> None:
        place = len(self.stored) + 1
        self.stored[place] = received(sender, text)
        self.event({"Location": place, "Folder": 3, "InboxFolder": 1})

    def held(self) -> object:
        return dict(self.told["GetSMSStatus"]), dict(self.stored)

    def swap_sim(self) -> None:
        self.told["GetSIMIMSI"] = OTHER_IMSI

    def unplug(self) -> None:
        self._server.close()
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def dispose(self) -> None:
        for link in self._links:
            link.close()
        self.unplug()
        for end in self._ends:
            end.close()


def coded(sms: dict[str, Any]) -> str:
    """The PDU that libgammu makes of a text."""
    encoding = Encoding.UCS2 if sms["Coding"].startswith("Unicode") else Encoding.GSM7
    header = bytes.fromhex(sms["UDH"]["Text"]["hex"]) if "UDH" in sms else bytes((5, 0, 3, 0, 1, 1))
    tpdu = encode_submit(
        sms["Number"], Segment(sms["Text"], encoding), concat_reference=header[3], total=header[4], seq=header[5],
        report=sms["Type"] == "Status_Report", validity_s=3600,
    )  # fmt: skip
    return to_pdu(tpdu, sms["SMSC"]["Number"])


def report(recipient: str, reference: int, status: int) -> dict[str, Any]:
    """A status report as python-gammu has it."""
    return {
        "Type": "Status_Report", "Number": recipient, "MessageReference": reference, "DeliveryStatus": status,
        "Text": "Delivered", "State": "UnRead", "DateTime": "2026-11-22T11:20:42",
    }  # fmt: skip


def received(sender: str, text: str) -> dict[str, Any]:
    """A received text as python-gammu has it; libgammu 1.42 counts an extension character twice."""
    return {
        "Type": "Deliver", "Number": sender, "Text": text + "\0" + text[-3:], "State": "UnRead",
        "UDH": {"Type": "NoUDH", "Text": {"hex": ""}, "ID8bit": -1, "PartNumber": -1, "AllParts": -1},
    }  # fmt: skip
