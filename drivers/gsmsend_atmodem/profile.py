"""Modem profiles: what is special about a modem family, as values (profiles/README.md has the meanings).

`Profiles` finds the one for a modem by its answers to AT+CGMI and AT+CGMM, or by its USB id before it has
answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from gsmsend.at import STANDARD_RULES, Cause, CauseTable, Rule, RuleTable, standard_causes

ROUTINGS = ("acknowledged", "stored", "direct")


@dataclass(frozen=True, slots=True)
class UsbProduct:
    """One `[[device]]` row. `usb` is `vid:pid`; `at_interfaces` the numbers of its AT ports, best first.

    `closed_interfaces` are for something else, diagnostics above all: they are never opened.
    """

    usb: str
    title: str
    at_interfaces: tuple[int, ...] = ()
    closed_interfaces: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """One modem family; what it does not state is generic. The README says what each quirk means."""

    name: str
    title: str
    manufacturer: str = ""
    model: str = ""
    products: tuple[UsbProduct, ...] = ()
    rules: tuple[Rule, ...] = ()
    causes: tuple[Cause, ...] = ()
    init: tuple[str, ...] = ()
    iccid: tuple[str, ...] = ()
    imei: tuple[str, ...] = ()
    pin_tries: tuple[str, ...] = ()
    temperature: tuple[str, ...] = ()
    registration: tuple[str, ...] = ()
    csms: bool = True
    cnma: str = "AT+CNMA"
    routing: tuple[str, ...] = ROUTINGS
    cnmi_modes: tuple[int, ...] = (2, 1, 3, 0)
    own_memories: tuple[str, ...] = ("ME", "SR")
    list_command: str = "AT+CMGL=4"
    read_command: str = "AT+CMGR={index}"
    keeps_unread: bool = False
    cmms: bool = True
    command_timeout_s: float = 5.0
    network_timeout_s: float = 20.0
    prompt_timeout_s: float = 10.0
    prompt_delay_s: float = 0.0
    submit_timeout_s: float = 60.0
    baudrate: int = 115200
    stated: frozenset[str] = field(default=frozenset(), compare=False)

    def rule_table(self) -> RuleTable:
        """The unsolicited lines of the standard and of this family."""
        return RuleTable((*STANDARD_RULES, *self.rules))

    def cause_table(self) -> CauseTable:
        """The +CMS ERROR codes of the standard and of this family."""
        return standard_causes().with_causes(self.causes) if self.causes else standard_causes()

    def product(self, usb: str) -> UsbProduct | None:
        """The row of a USB id, None if it has none."""
        return next((product for product in self.products if product.usb == usb), None)


class Profiles:
    """All families. `generic` is the ground under each."""

    def __init__(self, profiles: Iterable[Profile], generic: Profile) -> None:
        self.all = tuple(profiles)
        self.generic = generic

    def by_usb(self, vid: int | None, pid: int | None) -> Profile | None:
        """The family with this USB id, None if no profile lists it."""
        if vid is None or pid is None:
            return None
        usb = f"{vid:04x}:{pid:04x}"
        return next((profile for profile in self.all if profile.product(usb)), None)

    def by_answers(self, manufacturer: str, model: str) -> Profile | None:
        """The family that calls itself so; one that names the model goes before one that does not."""
        makers = [
            profile
            for profile in self.all
            if profile.manufacturer and re.search(profile.manufacturer, manufacturer, re.IGNORECASE)
        ]
        for profile in makers:
            if profile.model and re.search(profile.model, model, re.IGNORECASE):
                return profile
        return next((profile for profile in makers if not profile.model), None)
