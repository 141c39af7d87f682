"""Drivers of phones and accounts that do as a test says, in place of the installed ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from gsmsend import registry
from gsmsend.contract import Endpoint, OpenOptions, Traits
from gsmsend.errors import DriverError
from gsmsend.model import Device, Facts, Registration, Sim

CHANGES = ("An app is installed on it, and stays there.", "A row stays in its sent folder for each text.")
MAC = "00:00:5E:00:53:01"


@dataclass
class FakeDriver:
    """Finds what it is given, and says what it is told to; an exception is raised."""

    name: str
    summary: str = "does as the test says"
    there: tuple[Endpoint, ...] = ()
    says: Facts | Exception | None = None
    words: tuple[str, ...] = ()
    cloud: bool = False
    place: bool = False
    fault: Exception | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def traits(self) -> Traits:
        return Traits(f"a kind of {self.name}", reports="by asking", unknown="its own record")

    def discover(self) -> Sequence[Endpoint]:
        if self.fault is not None:
            raise self.fault
        return self.there

    def endpoint(self, address: str) -> Endpoint:
        return Endpoint(self.name, address.removeprefix(f"{self.name}:"), cloud=self.cloud, place=self.place)

    def changes(self, endpoint: Endpoint) -> Sequence[str]:
        return self.words

    def inspect(self, endpoint: Endpoint, options: OpenOptions) -> Facts:
        self.asked.append(endpoint.address)
        if isinstance(self.says, Exception):
            raise self.says
        found = self.says or Facts(Device(self.name, endpoint.address))
        return replace(found, device=replace(found.device, address=endpoint.address))

    def open(self, *_args: object) -> object:
        raise NotImplementedError


def modem(*ports: str, **more: object) -> FakeDriver:
    """AT modems at these ports, all with one SIM."""
    there = tuple(Endpoint("atmodem", port, **more) for port in ports)  # type: ignore[arg-type]
    facts = Facts(
        Device("atmodem", "", "350000000000001", "Example", "Stick 1"), Sim("8944000000000000017"),
        Registration.HOME, "Example Net", -77, "+447700900999",
    )  # fmt: skip
    return FakeDriver("atmodem", there=there, says=facts)


def phone(name: str = "phone", address: str = MAC) -> FakeDriver:
    """A phone that sending leaves traces on."""
    facts = Facts(Device(name, address, account="phone serial 7"), registration=Registration.HOME, reports=False)
    return FakeDriver(
        name, there=(Endpoint(name, address, description="Example Phone 5"),), says=facts, words=CHANGES
    )


def account(name: str = "cloud") -> FakeDriver:
    """A provider's account."""
    facts = Facts(
        Device(name, name, manufacturer="Example Cloud", account=f"{name} AC17 from ExamplePol"),
        notes=("its own sender",),
    )
    return FakeDriver(name, says=facts, cloud=True)


def install(monkeypatch: pytest.MonkeyPatch, drivers: Iterable[FakeDriver], **lacks: tuple[str, ...]) -> None:
    """These drivers are installed, and no others; `lacks`: what is missing for one."""
    known = {driver.name: driver for driver in drivers}

    def driver(name: str) -> FakeDriver:
        if name not in known:
            raise DriverError(f"driver {name} (a-package) cannot be loaded: no module")
        return known[name]

    def needs(name: str) -> registry.Extra | None:
        missing = lacks.get(name)
        return registry.Extra(name, f"pip install 'gsmsend[{name}]'", missing) if missing is not None else None

    monkeypatch.setattr(registry, "names", lambda: sorted({*known, *lacks}))
    monkeypatch.setattr(registry, "driver", driver)
    monkeypatch.setattr(registry, "needs", needs)
