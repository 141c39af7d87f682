"""What makes a modem a Huawei, a SIMCom or a Quectel: rows of personalities/*.toml, with their sources."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

from gsmsend.errors import UsageError
from gsmsend_virtual.table import Setting


@dataclass(frozen=True, slots=True)
class Urc:
    """A line that the modem says by itself `after_s` seconds after power-on, or every `every_s` seconds."""

    text: str
    after_s: float = 0.0
    every_s: float = 0.0
    needs: str = ""  # "sim": only with a usable SIM


@dataclass(frozen=True, slots=True)
class Personality:
    """One family of modems. Times in seconds; `identity` answers ATI and its kin."""

    name: str
    manufacturer: str
    model: str
    revision: str
    information: tuple[str, ...]
    boot_s: float = 0.0
    boot: tuple[Urc, ...] = ()
    chatter: tuple[Urc, ...] = ()
    prompt: str = "\r\n> "
    prompt_delay_s: float = 0.0
    prompt_timeout_s: float = 60.0
    result_space: bool = True
    echo: bool = True
    echo_end: bool = False
    escape_answer: str = "OK"
    cme_default: int = 0
    cms_follows_cmee: bool = False
    unknown_command: str = "ERROR"
    memories: tuple[str, ...] = ("SM", "ME", "SR")
    reading: tuple[str, ...] = ("SM", "ME", "SR")
    writing: tuple[str, ...] = ("SM", "ME")
    receiving: tuple[str, ...] = ("SM", "ME", "SR")
    preferred: tuple[str, str, str] = ("ME", "ME", "ME")
    capacity: Mapping[str, int] = field(default_factory=lambda: {"ME": 100, "SR": 100})
    report_memory: str = ""  # where status reports are stored; empty: <mem3>
    report_announced: str = ""  # the memory that +CDSI names, where a modem does not tell the truth
    reports_unrouted: str = "store"  # what +CNMI <ds> 0 does: "store" with no word, or "drop"
    ack_timeout_s: float = 15.0
    ack_expiry: str = "disable"  # what un-acknowledged routing does to +CNMI: "disable" (27.005) or "keep"
    first_index: int = 1  # the number of the first slot of every memory
    access_technology: bool = True  # whether +COPS? ends in <AcT>
    bit_errors: int = 99  # <ber> of +CSQ
    peek: bool = False  # +CMGR and +CMGL take a further 1 that leaves REC UNREAD as it is
    empty_slot: str = "321"  # +CMGR of a free slot: +CMS ERROR: 321, or "OK" and nothing
    memory_full: str = ""  # said when a received message finds no room; {memory} is which
    missing: frozenset[str] = frozenset()
    extra: frozenset[str] = frozenset()
    answers: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Setting] = field(default_factory=dict)


@lru_cache(maxsize=32)
def load(name: str) -> Personality:
    """The personality of that name. Raises UsageError naming those there are."""
    folder = resources.files("gsmsend_virtual") / "personalities"
    file = folder / f"{name}.toml"
    if not name.isalnum() or not file.is_file():
        raise UsageError(f"there is no modem personality {name!r}", remedy=f"choose one of: {', '.join(names())}")
    return _personality(name, tomllib.loads(file.read_text("utf-8")))


def names() -> list[str]:
    """All personalities, `generic` first."""
    folder = resources.files("gsmsend_virtual") / "personalities"
    found = sorted(it.name.removesuffix(".toml") for it in folder.iterdir() if it.name.endswith(".toml"))
    return sorted(found, key=lambda name: name != "generic")


def _personality(name: str, table: dict[str, object]) -> Personality:
    table.pop("sources", None)
    fields: dict[str, object] = {}
    for key, value in table.items():
        fields[key] = _READERS[key](value) if key in _READERS else value
    return Personality(name=name, **fields)  # type: ignore[arg-type]


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(it) for it in value) if isinstance(value, list) else ()


def _urcs(value: object) -> tuple[Urc, ...]:
    return tuple(Urc(**it) for it in value) if isinstance(value, list) else ()


def _settings(value: object) -> dict[str, Setting]:
    rows = value if isinstance(value, dict) else {}
    return {
        name: Setting(name, row["test"], tuple(row["default"]), quoted=bool(row.get("quoted", False)))
        for name, row in rows.items()
    }


_READERS = {
    "information": _strings, "boot": _urcs, "chatter": _urcs, "memories": _strings, "reading": _strings,
    "writing": _strings, "receiving": _strings, "preferred": _strings,
    "missing": lambda value: frozenset(_strings(value)), "extra": lambda value: frozenset(_strings(value)),
    "settings": _settings,
}  # fmt: skip
