"""Running a bench from outside: one JSON object a line in, one JSON object a line out, in order.

On a unix socket (`--control PATH`; any number of clients) or on standard input and output (`--control -`; a plain
file there is done with at once, and the bench goes on without).

| request | does |
|---|---|
| `{"do": "fault", "fault": "unplug:at=mid-pdu,modem=1"}` | switch a fault on; answers its `id` |
| `{"do": "clear", "id": 3}`, `{"do": "clear"}` | switch one fault off, or all |
| `{"do": "faults"}` | the faults switched on |
| `{"do": "text", "to": "+4477...", "from": "+4477...", "text": "..."}` | a text from outside to a modem's number |
| `{"do": "state"}` | each modem: power, client, registration, SIM, references, memories, messages waiting |
| `{"do": "snapshot", "modem": 1}` | each memory of a modem, whole, in hex, and its count of writes |
| `{"do": "conditions", "radio_s": 0.5, ...}` | change radio_s, radio_jitter_s, report_delay_s, reports, ... |
| `{"do": "say", "modem": 1, "line": "RING"}` | an unsolicited line, as the modem would say it |
| `{"do": "reboot", "modem": 1}` | the modem restarts |
| `{"do": "unplug", "modem": 1}` | it is pulled out, and stays out |
| `{"do": "plug", "modem": 1, "name": "new"}` | it is plugged in, under its name (left out) or another |
| `{"do": "move-sim", "modem": 1, "to": 2}` | its SIM goes into the other, whose own SIM is taken out |
| `{"do": "swap-sims", "modem": 1, "to": 2}` | the two change their SIMs |
| `{"do": "stop"}` | end the bench |

An answer is `{"ok": true, ...}` or `{"ok": false, "error": "..."}`.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from gsmsend.errors import GsmsendError, UsageError
from gsmsend_virtual import faults
from gsmsend_virtual.bench import Bench
from gsmsend_virtual.modem import Modem
from gsmsend_virtual.network import Conditions

Request = Mapping[str, Any]


class Control:
    """Answers requests about one bench."""

    def __init__(self, bench: Bench, stop: Callable[[], None]) -> None:
        self._bench = bench
        self._stop = stop
        self._armed: dict[int, tuple[str, faults.Disarm]] = {}
        self._serial = 0

    def arm(self, text: str) -> int:
        """Switch a fault on; its number. Raises UsageError."""
        self._serial += 1
        self._armed[self._serial] = (text, faults.arm(self._bench, text))
        return self._serial

    def unplug(self, number: int) -> None:
        """Pull a modem out. Raises UsageError."""
        self._modem({"modem": number}).unplug(None)

    def line(self, text: str) -> str:
        """Answer one request line."""
        try:
            request = json.loads(text)
            if not isinstance(request, dict):
                raise UsageError("a request is one JSON object a line")
            call = getattr(self, "_do_" + str(request.get("do", "")).replace("-", "_"), None)
            if call is None:
                raise UsageError(f"there is no request {request.get('do')!r}")
            answer = {"ok": True} | (call(request) or {})
        except (GsmsendError, ValueError, KeyError, TypeError) as error:
            answer = {"ok": False, "error": str(error)}
        return json.dumps(answer)

    def _modem(self, request: Request) -> Modem:
        number = int(request["modem"])
        if not 1 <= number <= len(self._bench.modems):
            raise UsageError(f"there is no modem {number}; there are {len(self._bench.modems)}")
        return self._bench.modems[number - 1]

    def _do_fault(self, request: Request) -> dict[str, Any]:
        return {"id": self.arm(str(request["fault"]))}

    def _do_clear(self, request: Request) -> dict[str, Any]:
        numbers = [int(request["id"])] if "id" in request else list(self._armed)
        for number in numbers:
            if number not in self._armed:
                raise UsageError(f"no fault has the id {number}")
            self._armed.pop(number)[1]()
        return {"cleared": numbers}

    def _do_faults(self, _request: Request) -> dict[str, Any]:
        return {"faults": [{"id": number, "fault": text} for number, (text, _) in self._armed.items()]}

    def _do_text(self, request: Request) -> dict[str, Any]:
        sender = str(request.get("from", "+447700900700"))
        return {"parts": self._bench.network.inject(str(request["to"]), sender, str(request["text"]))}

    def _do_state(self, _request: Request) -> dict[str, Any]:
        return {"modems": [_state(self._bench, modem) for modem in self._bench.modems]}

    def _do_snapshot(self, request: Request) -> dict[str, Any]:
        modem = self._modem(request)
        return {
            "memories": {name: store.snapshot().hex() for name, store in modem.stores.items()},
            "writes": {name: store.writes for name, store in modem.stores.items()},
        }

    def _do_conditions(self, request: Request) -> None:
        known = {it.name for it in fields(Conditions)}
        for name, value in request.items():
            if name == "do":
                continue
            if name not in known:
                raise UsageError(f"there is no condition {name!r}; there are {', '.join(sorted(known))}")
            setattr(self._bench.network.conditions, name, type(getattr(Conditions(), name))(value))

    def _do_say(self, request: Request) -> None:
        self._modem(request).urc(str(request["line"]))

    def _do_reboot(self, request: Request) -> None:
        self._modem(request).boot("asked to")

    def _do_unplug(self, request: Request) -> None:
        self.unplug(request["modem"])

    def _do_plug(self, request: Request) -> None:
        self._modem(request).plug_in(other_name=request.get("name") == "new")

    def _do_move_sim(self, request: Request) -> None:
        self._exchange(request, back=False)

    def _do_swap_sims(self, request: Request) -> None:
        self._exchange(request, back=True)

    def _exchange(self, request: Request, *, back: bool) -> None:
        """As hands do it: both holders are empty for a moment, and a modem that is on says so."""
        one, other = self._modem(request), self._modem({"modem": request["to"]})
        mine, its = one.sim, other.sim
        for modem in (one, other):
            modem.insert(None)
            modem.urc("+CPIN: NOT INSERTED")
        for modem, card in ((other, mine), (one, its if back else None)):
            if card is not None:
                modem.insert(card)
                modem.urc("+CPIN: READY")
            modem.sim_unlocked()

    def _do_stop(self, _request: Request) -> None:
        self._stop()


def _state(bench: Bench, modem: Modem) -> dict[str, Any]:
    sim = modem.sim
    return {
        "modem": modem.index, "imei": modem.imei, "number": modem.number, "powered": modem.powered,
        "client": modem.attached, "registration": modem.shown_registration, "signal": modem.signal,
        "iccid": sim.iccid if sim else None, "sim": str(sim.pin_state) if sim else None,
        "pin_tries": sim.pin_tries if sim else None, "last_reference": sim.last_reference if sim else None,
        "on_air": modem.sending.on_air is not None, "waiting": bench.network.waiting(modem.number),
        "memories": {name: [store.used, store.capacity] for name, store in modem.stores.items()},
    }  # fmt: skip


class ControlPort:
    """Control on a unix socket or on standard input."""

    def __init__(self, control: Control, watch: Callable[..., None], unwatch: Callable[[int], None]) -> None:
        self._control = control
        self._watch = watch
        self._unwatch = unwatch
        self._path: Path | None = None
        self._listener: socket.socket | None = None
        self._clients: dict[int, socket.socket] = {}

    def listen(self, path: Path) -> None:
        """Serve a unix socket; its file goes away with `close`."""
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._path = path
        self._watch(self._listener.fileno(), self._accept)

    def serve_standard_input(self) -> None:
        """Serve standard input, answering on standard output; a plain file or /dev/null at once and whole."""
        rest = bytearray()

        def more() -> bool:
            octets = os.read(0, 65536)
            for answer in self._answers(rest, octets or b"\n"):  # the last line may have no end
                os.write(1, answer)
            return bool(octets)

        def readable(_: int) -> None:
            if not more():
                self._unwatch(0)

        try:
            self._watch(0, readable)
        except PermissionError:  # epoll takes only what may have to be waited for (epoll_ctl(2), EPERM)
            while more():
                pass

    def _accept(self, _: int) -> None:
        if self._listener is None:
            return
        client, _address = self._listener.accept()
        self._clients[client.fileno()] = client
        rest = bytearray()

        def readable(_: int) -> None:
            octets = b""
            with contextlib.suppress(OSError):
                octets = client.recv(65536)
            if not octets:
                self._unwatch(client.fileno())
                self._clients.pop(client.fileno(), None)
                client.close()
                return
            with contextlib.suppress(OSError):
                client.sendall(b"".join(self._answers(rest, octets)))

        self._watch(client.fileno(), readable)

    def _answers(self, rest: bytearray, octets: bytes) -> list[bytes]:
        rest += octets
        *lines, left = bytes(rest).split(b"\n")
        rest[:] = left
        return [
            self._control.line(line.decode("utf-8", "replace")).encode() + b"\n" for line in lines if line.strip()
        ]

    def close(self) -> None:
        """Stop serving."""
        for client in self._clients.values():
            client.close()
        if self._listener is not None:
            self._listener.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
