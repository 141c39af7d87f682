"""Commands that only keep values: what `?`, `=?` and `=` do for them (TS 27.007 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend_virtual.atline import Call, Form, arguments
from gsmsend_virtual.codes import BAD_PARAMETERS, cme
from gsmsend_virtual.table import Reply, Setting

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem


def answer_setting(modem: Modem, setting: Setting, call: Call) -> Reply:
    """Answer one form of a setting's command. Raises AtError for values that it does not take."""
    if call.form is Form.TEST:
        return f"{setting.name}: {setting.test}" if setting.test else None
    if call.form is Form.READ:
        values = modem.values[setting.name]
        shown = (f'"{it}"' if setting.quoted or isinstance(it, str) else str(it) for it in values)
        return f"{setting.name}: {','.join(shown)}"
    modem.values[setting.name] = take(modem, setting, arguments(call.value) if call.form is Form.WRITE else ())
    return None


def take(modem: Modem, setting: Setting, given: tuple[str | None, ...]) -> list[int | str]:
    """Parameters given, over the values in force: those left out keep theirs. Raises AtError."""
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
