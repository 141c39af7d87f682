"""The matrix and the rules as fixtures, and a strict reading of the udev language they are written in.

`udevadm verify` needs systemd 254; this knows the part of udev(7) that hw/99-gsmsend.rules may use and
refuses all else.
"""

from __future__ import annotations

import fnmatch
import re
import runpy
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "hw" / "udev_rules.py"
RECOVERY = ROOT / "hw" / "99-z-gsmsend-recovery.rules"

_TERM = re.compile(r'([A-Z]+)(?:\{([^}"]+)\})?(==|!=|\+=|=)"([^"]*)"(?:, |$)')
_MATCHES = {"ACTION": False, "SUBSYSTEM": False, "SUBSYSTEMS": False, "DRIVER": False, "ATTR": True, "ATTRS": True,
            "ENV": True}  # fmt: skip
_ASSIGNS = {"ENV": ("=", True), "ATTR": ("=", True), "RUN": ("+=", False),
            "GROUP": ("=", False), "MODE": ("=", False), "SYMLINK": ("+=", False),
            "GOTO": ("=", False), "LABEL": ("=", False)}  # fmt: skip
_SUBSTITUTION = re.compile(r"\$(?:(attr|env)\{([^}]+)\}|(id|devpath)(?![a-z]))")


@dataclass(frozen=True, slots=True)
class Term:
    """One `KEY{name}op"value"`."""

    key: str
    name: str | None
    op: str
    value: str

    @property
    def matches(self) -> bool:
        return self.op in {"==", "!="}


@dataclass(frozen=True, slots=True)
class Node:
    """A device or one of its parents, as sysfs has it."""

    name: str
    subsystem: str
    attrs: dict[str, str] = field(default_factory=dict)
    devtype: str = ""
    driver: str = ""


@dataclass(slots=True)
class Seen:
    """What the rules did to a device."""

    env: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    attrs: dict[str, str] = field(default_factory=dict)
    programs: list[str] = field(default_factory=list)
    group: str | None = None
    mode: str | None = None


def parse(text: str) -> list[list[Term]]:
    """Every rule as its terms. Raises ValueError naming the line for anything that is not allowed here."""
    rules: list[list[Term]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        found = list(_TERM.finditer(line))
        if not found or "".join(each.group() for each in found) != line or line.endswith(", "):
            raise ValueError(f"line {number}: not a list of KEY op value: {line}")
        terms = [Term(each[1], each[2], each[3], each[4]) for each in found]
        for term in terms:
            if term.matches:
                known = term.key in _MATCHES and _MATCHES[term.key] is (term.name is not None)
            else:
                op, named = _ASSIGNS.get(term.key, ("", False))
                known = op == term.op and named is (term.name is not None)
                if "$" in _SUBSTITUTION.sub("", term.value):
                    raise ValueError(f"line {number}: unknown substitution in {term.value}")
            if not known:
                raise ValueError(f"line {number}: {term.key}{term.op} is not allowed here")
        rules.append(terms)
    _check_jumps(rules)
    return rules


def _check_jumps(rules: list[list[Term]]) -> None:
    labels = [term.value for terms in rules for term in terms if term.key == "LABEL"]
    for number, terms in enumerate(rules):
        for term in terms:
            after = [each.value for later in rules[number:] for each in later if each.key == "LABEL"]
            if term.key == "GOTO" and (labels.count(term.value) != 1 or term.value not in after):
                raise ValueError(f"GOTO {term.value} needs exactly one LABEL further down")


def run(rules: list[list[Term]], chain: list[Node], action: str = "add") -> Seen:
    """Apply the rules to `chain[0]`, whose parents follow it."""
    seen, goal = Seen(), None
    for terms in rules:
        if goal is not None:
            if any(term.key == "LABEL" and term.value == goal for term in terms):
                goal = None
            continue
        parent = _matching_parent([term for term in terms if term.key in {"ATTRS", "SUBSYSTEMS"}], chain)
        if parent is None or not all(_fits(term, chain[0], seen, action) for term in terms if term.matches):
            continue
        for term in terms:
            if not term.matches:
                goal = _assign(term, parent, chain[0], seen) or goal
    if goal is not None:
        raise ValueError(f"ran past the end looking for {goal}")
    return seen


def _matching_parent(terms: list[Term], chain: list[Node]) -> Node | None:
    for node in chain:
        if all(
            _compare(term, node.attrs.get(term.name or "") if term.key == "ATTRS" else node.subsystem)
            for term in terms
        ):
            return node
    return None


def _fits(term: Term, device: Node, seen: Seen, action: str) -> bool:
    if term.key in {"ATTRS", "SUBSYSTEMS"}:
        return True
    name = term.name or ""
    if term.key == "ENV":
        return _compare(term, device.devtype if name == "DEVTYPE" else seen.env.get(name, ""))
    if term.key == "ATTR":
        return _compare(term, device.attrs.get(name))
    return _compare(term, {"ACTION": action, "DRIVER": device.driver}.get(term.key, device.subsystem))


def _compare(term: Term, value: str | None) -> bool:
    hit = value is not None and any(fnmatch.fnmatchcase(value, each) for each in term.value.split("|"))
    return hit if term.op == "==" else not hit


def _assign(term: Term, parent: Node, device: Node, seen: Seen) -> str | None:
    def substitute(match: re.Match[str]) -> str:
        if match[1] == "env":
            return seen.env.get(match[2], "")
        if match[1] == "attr":
            return device.attrs.get(match[2]) or parent.attrs[match[2]]
        return f"/devices/{device.name}" if match[3] == "devpath" else parent.name

    value = _SUBSTITUTION.sub(substitute, term.value)
    if term.key == "GOTO":
        return value
    if term.key == "ENV":
        seen.env[term.name or ""] = value
    elif term.key == "ATTR":
        seen.attrs[term.name or ""] = value
    elif term.key == "RUN":
        seen.programs.append(value)
    elif term.key == "SYMLINK":
        seen.links.append(value)
    elif term.key == "GROUP":
        seen.group = value
    elif term.key == "MODE":
        seen.mode = value
    return None


@pytest.fixture(scope="session")
def script() -> dict[str, Any]:
    """The names of hw/udev_rules.py, run as a module and not as a program."""
    return runpy.run_path(str(SCRIPT), run_name="udev_rules")


@pytest.fixture(scope="session")
def matrix(script: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of hw/devices/*.toml."""
    rows: list[dict[str, Any]] = script["load_matrix"]()
    return rows


@pytest.fixture(scope="session")
def rules_text() -> str:
    """hw/99-gsmsend.rules as it is in the project."""
    return (ROOT / "hw" / "99-gsmsend.rules").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def parse_rules() -> Callable[[str], list[list[Term]]]:
    """The strict reading."""
    return parse


@pytest.fixture(scope="session")
def plug_in(rules_text: str) -> Callable[..., Seen]:
    """Plug a device in: `plug_in(usb, interface, subsystem, action)` gives what the rules made of it."""
    rules = parse(rules_text + RECOVERY.read_text(encoding="utf-8"))

    def plug(usb: str, interface: int | None, subsystem: str = "tty", action: str = "add") -> Seen:
        vendor, product = usb.split(":")
        known = {"idVendor": vendor, "idProduct": product, "bDeviceClass": "00"}
        device = Node("1-1.2", "usb", known, "usb_device", "usb")
        hub = [Node("1-1", "usb", {"idVendor": "1d6b", "idProduct": "0002"}), Node("usb1", "usb")]
        if interface is None:
            return run(rules, [device, *hub], action)
        number = f"{interface:02x}"
        port = Node(f"1-1.2:1.{interface}", "usb", {"bInterfaceNumber": number})
        return run(rules, [Node("ttyUSB0", subsystem), port, device, *hub], action)

    return plug
