"""Keeps ModemManager off the modems of a run: its InhibitDevice call over D-Bus (dbus-fast, the extra `usb`).

ModemManager holds to it for as long as the connection that asked stands, so one connection stands for as long as
the run: in whatever way gsmsend ends, ModemManager has its devices again. The udev rule in hw/ does it for good.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gsmsend.contract import Endpoint
from gsmsend_atmodem.udev import LINUX

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

SERVICE, ROOT = "org.freedesktop.ModemManager1", "/org/freedesktop/ModemManager1"
_DBUS, _DBUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
_SOCKET = "/run/dbus/system_bus_socket"
_CALL_S = 3.0
_AGAIN_S = 2.0
"""ModemManager can be kept off a device only once it has taken it up, which it does some seconds after plug-in."""
_AGAIN_TIMES = 30
_NOT_YET = ("NotFound", "WrongState", "Retry", "InProgress")
_NOT_ALLOWED = ("Unauthorized", "AccessDenied", "AuthFailed", "NotAuthorized", "InteractiveAuthorizationRequired")
_REMEDY = "Keep it off them with the udev rule in hw/ (hw/README.md), or stop it: sudo systemctl stop ModemManager"


def system_bus() -> str:
    """The address of this computer's bus."""
    return os.environ.get("DBUS_SYSTEM_BUS_ADDRESS") or f"unix:path={_SOCKET}"


def sysfs_path(endpoint: Endpoint) -> str:
    """By what ModemManager knows the device in a USB socket (MMModem's Device): its path in /sys."""
    return os.path.realpath(f"/sys/bus/usb/devices/{endpoint.usb_location}")


class Inhibition:
    """`hold` more and more devices; `close` lets them all go. `told` hears, from any thread, what a person should.

    Without Linux, dbus-fast, a bus or ModemManager on it nothing is done and nothing told.
    """

    def __init__(
        self,
        told: Callable[[str], None],
        *,
        address: str = "",
        uid_of: Callable[[Endpoint], str] = sysfs_path,
        again_s: float = _AGAIN_S,
    ) -> None:
        self._told_to = told
        self._address = address or system_bus()
        self._uid_of = uid_of
        self._again_s = again_s
        self._wanted: dict[str, str] = {}
        self._held: set[str] = set()
        self._complained = False
        self._bus: MessageBus | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._trying: asyncio.Task[None] | None = None
        self._asking = asyncio.Lock()

    @property
    def held(self) -> frozenset[str]:
        """The devices that ModemManager is kept off now, as it calls them."""
        return frozenset(self._held)

    def hold(self, endpoints: Sequence[Endpoint]) -> None:
        """Keep ModemManager off these too, as far as it is there; waits a moment for its answer."""
        new = {
            self._uid_of(one): one.address
            for one in endpoints
            if one.usb_location is not None and not one.virtual and self._uid_of(one) not in self._wanted
        }
        if not new or not self._can_begin():
            return
        self._wanted |= new
        with suppress(TimeoutError):
            self._submit(self._hold()).result(_CALL_S)

    def close(self) -> None:
        """Let ModemManager have them again."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        self._loop = None
        done = asyncio.run_coroutine_threadsafe(self._let_go(), loop)
        with suppress(TimeoutError):
            done.result(_CALL_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_CALL_S)

    def _can_begin(self) -> bool:
        """Whether there is a bus to ask; the thread of its connection is started then."""
        if self._loop is not None:
            return True
        path = self._address.removeprefix("unix:path=")
        if not LINUX or (path != self._address and not Path(path).exists()):
            return False
        try:
            import dbus_fast  # noqa: F401, PLC0415 - an extra: only those who have modems on USB have it
        except ImportError:
            return False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, args=(self._loop,), name="ModemManager", daemon=True)
        self._thread.start()
        return True

    @staticmethod
    def _serve(loop: asyncio.AbstractEventLoop) -> None:
        loop.run_forever()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    def _submit(self, work: Any) -> Future[None]:
        assert self._loop is not None  # noqa: S101 - _can_begin comes first
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    # -- on the thread of the connection ----------------------------------------------------------------------

    async def _hold(self) -> None:
        if self._bus is None and not await self._connect():
            return
        await self._ask_for_all()
        if self._held != set(self._wanted) and (self._trying is None or self._trying.done()):
            self._trying = asyncio.ensure_future(self._try_again())

    async def _connect(self) -> bool:
        from dbus_fast.aio import MessageBus  # noqa: PLC0415 - an extra, as above

        try:
            self._bus = await asyncio.wait_for(MessageBus(bus_address=self._address).connect(), _CALL_S)
            self._bus.add_message_handler(self._heard)
            rule = f"type='signal',sender='{_DBUS}',member='NameOwnerChanged',arg0='{SERVICE}'"
            await self._call(_DBUS, _DBUS_PATH, _DBUS, "AddMatch", "s", rule)
        except Exception:  # noqa: BLE001 - no bus, not let in, no answer: then ModemManager cannot be asked
            return False
        return True

    async def _try_again(self) -> None:
        """For a while: ModemManager takes a device up some time after it was plugged in."""
        for _ in range(_AGAIN_TIMES):
            await asyncio.sleep(self._again_s)
            if self._complained or self._held == set(self._wanted):
                return
            await self._ask_for_all()

    async def _ask_for_all(self) -> None:
        owner = await self._call(_DBUS, _DBUS_PATH, _DBUS, "NameHasOwner", "s", SERVICE)
        if isinstance(owner, str) or not owner[0]:
            return
        async with self._asking:
            for uid in [uid for uid in self._wanted if uid not in self._held]:
                answer = await self._call(SERVICE, ROOT, SERVICE, "InhibitDevice", "sb", *(uid, True))
                if not isinstance(answer, str):
                    self._held.add(uid)
                elif not answer.endswith(_NOT_YET):
                    self._complain(answer)

    def _complain(self, name: str) -> None:
        if self._complained:
            return
        self._complained = True
        ports = ", ".join(address for uid, address in self._wanted.items() if uid not in self._held)
        why = (
            "and this login may not tell it to keep off"
            if name.endswith(_NOT_ALLOWED)
            else f"and does not keep off them ({name.rpartition('.')[2]})"
        )
        self._told_to(f"ModemManager is running, may speak to {ports} in between, {why}. {_REMEDY}")

    def _heard(self, message: Message) -> None:
        """ModemManager was started (again): it knows nothing of what it was told before."""
        if message.member == "NameOwnerChanged" and message.body and message.body[0] == SERVICE:
            self._held.clear()
            if message.body[2]:
                self._trying = asyncio.ensure_future(self._anew())

    async def _anew(self) -> None:
        await self._ask_for_all()
        await self._try_again()

    async def _let_go(self) -> None:
        if self._trying is not None:
            self._trying.cancel()
        for uid in sorted(self._held):
            await self._call(SERVICE, ROOT, SERVICE, "InhibitDevice", "sb", *(uid, False))
        self._held.clear()
        if self._bus is not None:
            self._bus.disconnect()

    async def _call(
        self, service: str, path: str, interface: str, member: str, signature: str, *values: object
    ) -> list[Any] | str:
        """The answer's values, or the name of the error."""
        from dbus_fast import Message, MessageFlag, MessageType  # noqa: PLC0415 - an extra, as above

        bus = self._bus
        if bus is None or not bus.connected:
            return "gone"
        message = Message(
            destination=service, path=path, interface=interface, member=member, signature=signature,
            body=list(values), flags=MessageFlag.NO_AUTOSTART,
        )  # fmt: skip
        try:
            reply = await asyncio.wait_for(bus.call(message), _CALL_S)
        except (TimeoutError, EOFError, OSError):
            return "Retry"
        return reply.error_name or "error" if reply.message_type is MessageType.ERROR else list(reply.body)
