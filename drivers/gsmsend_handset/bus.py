"""A connection to a message bus (D-Bus) for a link: calls block, signals wait in a queue, all on one thread.

Over dbus-fast, whose asyncio loop runs only while one of these methods does. Nothing is ever asked twice.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gsmsend.errors import DriverError, LinkLost, NotInstalled

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

_DBUS, _DBUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_OBJECTS = "org.freedesktop.DBus.ObjectManager"
_SYSTEM_SOCKET = "/run/dbus/system_bus_socket"
_CONNECT_S = 5.0
_QUICKLY_S = 1.0

Objects = dict[str, dict[str, dict[str, Any]]]
"""What GetManagedObjects gives: properties by interface by path."""


class BusError(Exception):
    """An error reply: `name` is the D-Bus error's, `text` its words, which may tell of a recipient."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name)
        self.name, self.text = name, text


class NoAnswer(Exception):
    """The reply did not come in time."""


class BusGone(Exception):
    """The connection to the bus is cut."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a program is: its bus name, the object's path, the interface."""

    service: str
    path: str
    interface: str


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal: `path` of its object, `member` its name."""

    path: str
    interface: str
    member: str
    body: tuple[Any, ...]


class Pending:
    """A call whose reply is still to come."""

    def __init__(self, future: asyncio.Future[Any]) -> None:
        self._future = future

    @property
    def done(self) -> bool:
        """Whether the reply, or the end of the connection, has come."""
        return self._future.done()

    def result(self) -> list[Any]:
        """The reply's values. Raises BusError, BusGone."""
        from dbus_fast import MessageType  # noqa: PLC0415 - an extra: only those who use it have it
        from dbus_fast.unpack import unpack_variants  # noqa: PLC0415 - the same

        try:
            reply = self._future.result()
        except Exception:  # noqa: BLE001 - whatever broke the connection
            raise BusGone from None
        if reply is None:
            raise BusGone
        if reply.message_type is MessageType.ERROR:
            text = reply.body[0] if reply.body and isinstance(reply.body[0], str) else ""
            raise BusError(reply.error_name or "", text)
        return list(unpack_variants(reply.body))


class _Heart:
    """The asyncio loop, with what came: one for all connections of a link. `stirred`: something happened."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.stirred = asyncio.Event()
        self.woken = False
        self.heard: deque[Signal] = deque()
        self.bonds: set[asyncio.Future[Any]] = set()

    def follow(self, future: asyncio.Future[Any]) -> None:
        """Stir when it is done; nobody else may ask what came of it."""
        self.bonds.add(future)
        future.add_done_callback(self._end)

    def _end(self, future: asyncio.Future[Any]) -> None:
        self.bonds.discard(future)
        if not future.cancelled():
            future.exception()
        self.stirred.set()

    async def until(self, timeout_s: float, enough: Callable[[], object]) -> None:
        """Turn the loop until then, at least once, so that what is there is taken in."""
        timer = self.loop.call_later(max(timeout_s, 0.0), self.stirred.set)
        end_s = self.loop.time() + timeout_s
        await asyncio.sleep(0)
        while not enough() and self.loop.time() < end_s:
            await self.stirred.wait()
            self.stirred.clear()
        timer.cancel()

    def close(self) -> None:
        """Drop what is under way."""
        if not self.loop.is_closed():
            bonds = tuple(self.bonds)
            for bond in bonds:
                bond.cancel()
            if bonds:
                self.loop.run_until_complete(asyncio.wait(bonds, timeout=1.0))
            self.loop.close()


class Bus:
    """Opened with the address of a bus (`unix:path=...`). Raises NotInstalled without dbus-fast, LinkLost.

    `extra` is the name of the extra that brings dbus-fast. `beside`: another one of this link: signals of both are
    heard from either.
    """

    def __init__(self, address: str, extra: str, beside: Bus | None = None) -> None:
        try:
            from dbus_fast.aio import MessageBus  # noqa: PLC0415 - an extra: only those who use it have it
        except ImportError:
            raise NotInstalled(
                f"the driver {extra} needs dbus-fast, which is not installed",
                remedy=f"Install it: pip install 'gsmsend[{extra}]'",
            ) from None
        self._first = beside is None
        self._heart: _Heart = _Heart() if beside is None else beside._heart  # noqa: SLF001 - of its own kind
        self._bus: MessageBus | None = None
        self.told: Callable[[str, str], object] = lambda _interface, _member: None  # each call, before it is made

        async def connect() -> MessageBus:
            bus = await asyncio.wait_for(MessageBus(bus_address=address).connect(), _CONNECT_S)
            self._heart.follow(asyncio.ensure_future(_cut(bus)))
            return bus

        try:
            self._bus = self._heart.loop.run_until_complete(connect())
        except Exception as fault:  # noqa: BLE001 - refused, no such file, no answer, not a bus
            self.close()
            where = address.partition("=")[2] or address
            raise LinkLost(
                f"the message bus at {where} cannot be reached ({type(fault).__name__})",
                remedy="See that the D-Bus daemon runs and lets you in.",
            ) from None
        self._bus.add_message_handler(self._take)

    @property
    def connected(self) -> bool:
        """Whether the connection stands, as far as is known."""
        return self._bus is not None and bool(self._bus.connected)

    def begin(self, to: Address, member: str, signature: str = "", *values: object) -> Pending:
        """Call a method and do not wait. Raises BusGone."""
        from dbus_fast import Message  # noqa: PLC0415 - an extra: only those who use it have it

        bus = self._bus
        if bus is None or not bus.connected:
            raise BusGone
        self.told(to.interface, member)
        message = Message(
            destination=to.service, path=to.path, interface=to.interface, member=member, signature=signature,
            body=list(values),
        )  # fmt: skip

        async def start() -> asyncio.Future[Any]:
            return asyncio.ensure_future(bus.call(message))

        future = self._heart.loop.run_until_complete(start())
        self._heart.follow(future)
        return Pending(future)

    def call(self, to: Address, member: str, signature: str = "", *values: object, within_s: float) -> list[Any]:
        """Call a method and wait for its reply. Raises BusError, NoAnswer, BusGone."""
        pending = self.begin(to, member, signature, *values)
        self.wait(within_s, lambda: pending.done)
        if not pending.done:
            raise NoAnswer
        return pending.result()

    def properties(self, to: Address, *, within_s: float) -> dict[str, Any]:
        """All properties of an interface. Raises as `call`."""
        at = Address(to.service, to.path, _PROPERTIES)
        found: dict[str, Any] = self.call(at, "GetAll", "s", to.interface, within_s=within_s)[0]
        return found

    def objects(self, service: str, path: str, *, within_s: float) -> Objects:
        """All objects of a service, which is started if it can be. Raises as `call`."""
        found: Objects = self.call(Address(service, path, _OBJECTS), "GetManagedObjects", within_s=within_s)[0]
        return found

    def owner(self, service: str) -> str:
        """Who has this name now, empty if nobody. Raises NoAnswer, BusGone."""
        try:
            at = Address(_DBUS, _DBUS_PATH, _DBUS)
            return str(self.call(at, "GetNameOwner", "s", service, within_s=_CONNECT_S)[0])
        except BusError:
            return ""

    def watch(self, service: str) -> None:
        """Hear all signals of a service from now on, and when it comes or goes. Raises as `call`."""
        at = Address(_DBUS, _DBUS_PATH, _DBUS)
        coming = f"type='signal',sender='{_DBUS}',member='NameOwnerChanged',arg0='{service}'"
        for rule in (f"type='signal',sender='{service}'", coming):
            self.call(at, "AddMatch", "s", rule, within_s=_CONNECT_S)

    def wait(self, timeout_s: float, enough: Callable[[], object]) -> None:
        """Let things happen until `enough`, or the time is over, or the connection is cut."""
        self._turn(timeout_s, lambda: enough() or not self.connected)

    def hear(self, timeout_s: float) -> Sequence[Signal]:
        """The signals that came; where there is none, wait for one, `wake`, or the end of the connection."""
        heart = self._heart
        self._turn(timeout_s, lambda: heart.heard or heart.woken or not self.connected)
        heart.woken = False
        found = tuple(heart.heard)
        heart.heard.clear()
        return found

    def _turn(self, timeout_s: float, enough: Callable[[], object]) -> None:
        if not self._heart.loop.is_closed():
            self._heart.loop.run_until_complete(self._heart.until(timeout_s, enough))

    def wake(self) -> None:
        """Make a blocked `hear` return soon. From any thread, also after `close`."""
        self._heart.woken = True
        with suppress(RuntimeError):
            self._heart.loop.call_soon_threadsafe(self._heart.stirred.set)

    def close(self) -> None:
        """Let go; what is still under way is dropped. The first one of a link goes last."""
        bus, self._bus = self._bus, None
        if bus is not None and not self._heart.loop.is_closed():
            with suppress(Exception):
                bus.disconnect()
                self._heart.loop.run_until_complete(asyncio.wait_for(_cut(bus), 1.0))
        if self._first:
            self._heart.close()

    def _take(self, message: Message) -> None:
        from dbus_fast import MessageType  # noqa: PLC0415 - an extra: only those who use it have it
        from dbus_fast.unpack import unpack_variants  # noqa: PLC0415 - the same

        if message.message_type is MessageType.SIGNAL:
            body = tuple(unpack_variants(message.body))
            at, interface = message.path or "", message.interface or ""
            self._heart.heard.append(Signal(at, interface, message.member or "", body))
            self._heart.stirred.set()


async def _cut(bus: MessageBus) -> None:
    await bus.wait_for_disconnect()  # type: ignore[no-untyped-call, unused-ignore] # dbus-fast: not all is typed


def system_bus() -> str:
    """The address of this computer's system bus."""
    return os.environ.get("DBUS_SYSTEM_BUS_ADDRESS") or f"unix:path={_SYSTEM_SOCKET}"


def session_bus() -> str:
    """The address of this user's session bus; empty if there is none."""
    given = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    if given:
        return given
    folder = os.environ.get("XDG_RUNTIME_DIR")
    return f"unix:path={folder}/bus" if folder and Path(folder, "bus").exists() else ""


def at_hand(service: str, path: str, extra: str) -> Objects:
    """The objects of a service of the system bus, if it runs and tells at once; nothing is started for this."""
    address = system_bus()
    if address.startswith("unix:path=") and not Path(address.removeprefix("unix:path=")).exists():
        return {}
    try:
        with closing(Bus(address, extra)) as bus:
            return bus.objects(service, path, within_s=_QUICKLY_S) if bus.owner(service) else {}
    except (DriverError, BusError, NoAnswer, BusGone):
        return {}
