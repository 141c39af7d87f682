"""The command table by topic. `answer` finds what a command does on a modem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend_virtual.atline import Call, Form
from gsmsend_virtual.codes import SIM_NOT_INSERTED, AtError, cme, cms
from gsmsend_virtual.commands import (
    basic,
    calls,
    card,
    identity,
    message_send,
    message_settings,
    message_store,
    packet,
    phonebook,
    service,
    vendor,
)
from gsmsend_virtual.settings import answer_setting
from gsmsend_virtual.sim import PinState
from gsmsend_virtual.table import Reply, Setting, Table

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem

MODULES = (
    basic, identity, service, packet, card, phonebook, calls,
    message_settings, message_store, message_send, vendor,
)  # fmt: skip

TABLE = Table()
SETTINGS: dict[str, Setting] = {}
for module in MODULES:
    TABLE.merge(module.TABLE)
    SETTINGS.update({setting.name: setting for setting in getattr(module, "SETTINGS", ())})
NEEDS_SIM: dict[str, str] = {
    name: kind for module in MODULES for name, kind in getattr(module, "NEEDS_SIM", {}).items()
}


def answer(modem: Modem, call: Call) -> Reply:
    """Run one command: its information text, None, or PENDING. Raises AtError."""
    name, form = call.name, call.form
    personality = modem.personality
    if not known(modem, name):
        raise unknown(modem)
    if personality.answers:
        key = name + {Form.READ: "?", Form.TEST: "=?", Form.WRITE: "="}.get(form, "")
        fixed = personality.answers.get(key)
        if fixed is not None:
            return _filled(modem, fixed).split("\n") if fixed else None
    if not modem.sim_usable and form is not Form.TEST and name in NEEDS_SIM:
        raise _no_sim(modem, NEEDS_SIM[name])
    handler = TABLE.handlers.get((name, form))
    if handler is not None:
        return handler(modem, call)
    setting = modem.settings.get(name)
    if setting is not None:
        return answer_setting(modem, setting, call)
    raise unknown(modem)


def known(modem: Modem, name: str) -> bool:
    """Whether this family of modems has a command at all."""
    personality = modem.personality
    return name not in personality.missing and (name not in vendor.NAMES or name in personality.extra)


def names(modem: Modem) -> list[str]:
    """Every command that it has, for +CLAC."""
    found = {name for name, _ in TABLE.handlers} | set(modem.settings)
    found |= {key.rstrip("=?") for key in modem.personality.answers}
    return sorted(name for name in found if known(modem, name))


def unknown(modem: Modem) -> AtError:
    """What this modem says to a command that it does not know."""
    words = modem.personality.unknown_command
    return cme(int(words)) if words.isdigit() else AtError(words)


def _filled(modem: Modem, text: str) -> str:
    """A fixed answer, with this modem's own identities in it."""
    if "{" not in text:
        return text
    if modem.sim is None:
        raise cme(SIM_NOT_INSERTED)
    return text.replace("{iccid}", modem.sim.iccid).replace("{imsi}", modem.sim.imsi).replace("{imei}", modem.imei)


def _no_sim(modem: Modem, kind: str) -> AtError:
    if modem.sim is None:
        return cme(10) if kind == "CME" else cms(310)
    locked = modem.sim.pin_state is PinState.PIN
    if kind == "CME":
        return cme(11 if locked else 12)
    return cms(311 if locked else 316)
