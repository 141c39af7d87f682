"""The command table by topic. `answer` finds what a command does on a modem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend_virtual.atline import Call, Form, arguments
from gsmsend_virtual.codes import BAD_PARAMETERS, AtFault, cme, cms
from gsmsend_virtual.commands import basic, card, identity, message_send, message_settings, service
from gsmsend_virtual.sim import PinState
from gsmsend_virtual.table import Reply, Setting, Table

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem

MODULES = (basic, identity, service, card, message_settings, message_send)

TABLE = Table()
SETTINGS: dict[str, Setting] = {}
for module in MODULES:
    TABLE.handlers.update(module.TABLE.handlers)
    SETTINGS.update({setting.name: setting for setting in getattr(module, "SETTINGS", ())})
NEEDS_SIM: dict[str, str] = {
    name: kind for module in MODULES for name, kind in getattr(module, "NEEDS_SIM", {}).items()
}


def answer(modem: Modem, call: Call) -> Reply:
    """Run one command: its information text, None, or PENDING. Raises AtFault."""
    name, form = call.name, call.form
    personality = modem.personality
    if name in personality.missing:
        raise unknown(modem)
    if personality.answers:
        key = name + {Form.READ: "?", Form.TEST: "=?", Form.WRITE: "="}.get(form, "")
        fixed = personality.answers.get(key)
        if fixed is not None:
            return fixed.split("\n") if fixed else None
    if not modem.sim_usable and form is not Form.TEST and name in NEEDS_SIM:
        raise _no_sim(modem, NEEDS_SIM[name])
    handler = TABLE.handlers.get((name, form))
    if handler is not None:
        return handler(modem, call)
    setting = modem.settings.get(name)
    if setting is not None:
        return _setting(modem, setting, call)
    raise unknown(modem)


def unknown(modem: Modem) -> AtFault:
    """What this modem says to a command that it does not know."""
    words = modem.personality.unknown_command
    return cme(int(words)) if words.isdigit() else AtFault(words)


def _no_sim(modem: Modem, kind: str) -> AtFault:
    if modem.sim is None:
        return cme(10) if kind == "CME" else cms(310)
    locked = modem.sim.pin_state is PinState.PIN
    if kind == "CME":
        return cme(11 if locked else 12)
    return cms(311 if locked else 316)


def _setting(modem: Modem, setting: Setting, call: Call) -> Reply:
    if call.form is Form.TEST:
        return f"{setting.name}: {setting.test}" if setting.test else None
    if call.form is Form.READ:
        values = modem.values[setting.name]
        shown = (f'"{it}"' if setting.quoted or isinstance(it, str) else str(it) for it in values)
        return f"{setting.name}: {','.join(shown)}"
    given = arguments(call.value) if call.form is Form.WRITE else ()
    modem.values[setting.name] = take(modem, setting, given)
    return None


def take(modem: Modem, setting: Setting, given: tuple[str | None, ...]) -> list[int | str]:
    """Parameters given, over the values in force (TS 27.007 4.2: those left out keep theirs)."""
    values = list(modem.values[setting.name])
    if len(given) > max(len(values), len(setting.allowed)):
        raise cme(BAD_PARAMETERS)
    for place, word in enumerate(given):
        if word is None:
            continue
        allowed = setting.allowed[place] if place < len(setting.allowed) else None
        value: int | str = int(word) if word.isdecimal() and not setting.quoted else word
        if allowed is not None and (value.upper() if isinstance(value, str) else value) not in allowed:
            raise cme(BAD_PARAMETERS)
        if place < len(values):
            values[place] = value
        else:
            values.append(value)
    return values
