"""Fault switches: what can go wrong on the bench, by name. `gsmsend bench --faults` lists them.

A switch is written `NAME`, `NAME:VALUE` or `NAME:KEY=VALUE,KEY=VALUE`; a lone value is that of the first
key. Most have these keys too:

    modem   which modem, by number; 0 for all (the default)
    count   how many times it happens; 0 for always
    skip    how many occasions to let pass first
    share   0..1, the share of the occasions that it picks, by the bench's seed
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gsmsend.errors import UsageError

if TYPE_CHECKING:
    from gsmsend_virtual.bench import Bench
    from gsmsend_virtual.modem import Modem

Disarm = Callable[[], None]
WHEN = {"modem": "0", "count": "1", "skip": "0", "share": "1"}
ALWAYS = WHEN | {"count": "0"}


class Options:
    """The values of one switch, all given or defaulted. Raises UsageError for a value of the wrong kind."""

    def __init__(self, name: str, values: Mapping[str, str]) -> None:
        self.name = name
        self.values = values

    def text(self, key: str, *allowed: str) -> str:
        """A word; one of `allowed`, if any are given."""
        value = self.values[key]
        if allowed and value not in allowed:
            raise UsageError(f"fault {self.name}: {key}={value!r} is none of {', '.join(allowed)}")
        return value

    def number(self, key: str) -> float:
        """A number, usually of seconds."""
        try:
            return float(self.values[key])
        except ValueError:
            raise UsageError(f"fault {self.name}: {key}={self.values[key]!r} is no number") from None

    def whole(self, key: str) -> int:
        """A whole number; `0x` makes it hexadecimal."""
        try:
            return int(self.values[key], 0)
        except ValueError:
            raise UsageError(f"fault {self.name}: {key}={self.values[key]!r} is no whole number") from None


class Trigger:
    """When a switch fires: its `modem`, `count`, `skip` and `share`."""

    def __init__(self, bench: Bench, options: Options) -> None:
        self._bench = bench
        self._name = options.name
        self._modem = options.whole("modem")
        self._left = options.whole("count")
        self._always = self._left == 0
        self._skip = options.whole("skip")
        self._share = options.number("share")

    def fires(self, modem: Modem | None = None, what: str = "") -> bool:
        """Whether it happens on this occasion; logged if so."""
        if modem is not None and self._modem not in (0, modem.index):
            return False
        if self._skip:
            self._skip -= 1
            return False
        if not self._always and not self._left:
            return False
        if self._share < 1 and self._bench.network.random.random() >= self._share:
            return False
        self._left -= 1
        self.log(modem, what)
        return True

    def log(self, modem: Modem | None, what: str = "") -> None:
        """Write it down."""
        journal = self._bench.journal
        journal.write(self._bench.timers.now, "fault", modem.who if modem else None, fault=self._name, what=what)

    @property
    def modems(self) -> Iterator[Modem]:
        """The modems concerned."""
        return (it for it in self._bench.modems if self._modem in (0, it.index))


Arm = Callable[["Bench", Options, Trigger], Disarm]


@dataclass(frozen=True, slots=True)
class Switch:
    """One fault: what it does in plain words, its keys with their defaults, and how to arm it."""

    name: str
    words: str
    keys: Mapping[str, str]
    arm: Arm


SWITCHES: dict[str, Switch] = {}


def switch(name: str, words: str, /, **keys: str) -> Callable[[Arm], Arm]:
    """Register a switch. Keys that are not given take WHEN's defaults."""

    def register(arm: Arm) -> Arm:
        SWITCHES[name] = Switch(name, words, keys | {key: keys.get(key, WHEN[key]) for key in WHEN}, arm)
        return arm

    return register


def parse(text: str) -> tuple[Switch, Options]:
    """Read `NAME:KEY=VALUE,...`. Raises UsageError."""
    _load()
    name, _, rest = text.partition(":")
    found = SWITCHES.get(name.strip())
    if found is None:
        raise UsageError(f"there is no fault {name!r}", remedy="gsmsend bench --faults lists them")
    values = dict(found.keys)
    for number, word in enumerate(part for part in rest.split(",") if part):
        key, equals, value = word.partition("=")
        if not equals and number == 0:
            key, value = next(iter(found.keys)), word
        if key not in values:
            raise UsageError(f"fault {found.name} has no {key!r}", remedy=f"it has: {', '.join(found.keys)}")
        values[key] = value
    return found, Options(found.name, values)


def arm(bench: Bench, text: str) -> Disarm:
    """Switch a fault on; the function returned switches it off. Raises UsageError."""
    found, options = parse(text)
    return found.arm(bench, options, Trigger(bench, options))


def listing() -> list[Switch]:
    """All switches, by name."""
    _load()
    return [SWITCHES[name] for name in sorted(SWITCHES)]


def _load() -> None:
    # Here, not above: the fault modules register themselves with this one.
    from gsmsend_virtual import faults_card, faults_line, faults_modem, faults_network  # noqa: F401, PLC0415


def together(*disarms: Disarm) -> Disarm:
    """One function for several."""
    stack = ExitStack()
    for disarm in disarms:
        stack.callback(disarm)
    return stack.close


def nothing() -> None:
    """For a fault that cannot be undone."""
