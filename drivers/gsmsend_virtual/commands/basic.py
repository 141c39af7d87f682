"""V.250 basic commands: echo, result form, reset, S-registers, and the ones that a modem merely accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend_virtual.atline import Call, Form
from gsmsend_virtual.codes import AtError
from gsmsend_virtual.table import Reply, Setting, Table

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem

TABLE = Table()
SETTINGS = (
    Setting("+IPR", "(0),(0,300,1200,2400,4800,9600,19200,38400,57600,115200)", (0,)),
    Setting("+ICF", "(0-6),(0-3)", (3, 3)),
    Setting("+IFC", "(0-2),(0-2)", (2, 2)),
    Setting("+ILRR", "(0,1)", (0,)),
    Setting("+FCLASS", "(0)", (0,)),
    Setting("+CBST", "(0,7),(0),(0,1)", (0, 0, 1)),
    Setting("+CRLP", "(0-61),(0-61),(39-255),(1-255)", (61, 61, 48, 6)),
    Setting("+DR", "(0,1)", (0,)),
    Setting("+DS", "(0-3),(0,1),(512-2048),(6)", (3, 0, 2048, 6)),
)


@TABLE.execute("E")
def echo(modem: Modem, call: Call) -> Reply:
    modem.terminal.echo = _flag(call)
    return None


@TABLE.execute("V")
def verbose(modem: Modem, call: Call) -> Reply:
    modem.verbose = _flag(call)
    modem.use_registers()
    return None


@TABLE.execute("Q")
def quiet(modem: Modem, call: Call) -> Reply:
    modem.quiet = _flag(call)
    return None


def _flag(call: Call) -> bool:
    if call.number > 1:
        raise AtError
    return call.number == 1


@TABLE.execute("Z")
@TABLE.execute("&F")
def reset(modem: Modem, _call: Call) -> Reply:
    """V.250 6.1.1 and 6.1.2: commands behind it on the line are not run, the settings come back."""
    modem.restore_defaults()
    modem.forget_rest()
    return None


@TABLE.on("S", Form.WRITE)
def write_register(modem: Modem, call: Call) -> Reply:
    value = int(call.value)
    if value > (127 if call.number in (3, 4, 5) else 255):
        raise AtError
    modem.s[call.number] = value
    modem.use_registers()
    return None


@TABLE.on("S", Form.READ)
def read_register(modem: Modem, call: Call) -> Reply:
    return f"{modem.s.get(call.number, 0):03d}"


@TABLE.execute("H")
@TABLE.execute("L")
@TABLE.execute("M")
@TABLE.execute("X")
@TABLE.execute("T")
@TABLE.execute("P")
@TABLE.execute("N")
@TABLE.execute("B")
@TABLE.execute("&A")
@TABLE.execute("&B")
@TABLE.execute("&C")
@TABLE.execute("&D")
@TABLE.execute("&E")
@TABLE.execute("&G")
@TABLE.execute("&H")
@TABLE.execute("&K")
@TABLE.execute("&P")
@TABLE.execute("&Q")
@TABLE.execute("&R")
@TABLE.execute("&S")
@TABLE.execute("&W")
@TABLE.execute("&Y")
@TABLE.execute("\\Q")
@TABLE.execute("\\N")
@TABLE.execute("\\V")
def accept(_modem: Modem, _call: Call) -> Reply:
    return None


@TABLE.execute("&V")
def show_profile(modem: Modem, _call: Call) -> Reply:
    flags = f"E{int(modem.terminal.echo)} V{int(modem.verbose)} Q{int(modem.quiet)} X4"
    return ["ACTIVE PROFILE:", flags, " ".join(f"S{n:02d}:{v:03d}" for n, v in sorted(modem.s.items()))]


@TABLE.execute("A")
@TABLE.execute("O")
@TABLE.on("D", Form.WRITE)
def dial(_modem: Modem, _call: Call) -> Reply:
    raise AtError("NO CARRIER")


@TABLE.execute("+GCAP")
def capabilities(_modem: Modem, _call: Call) -> Reply:
    return "+GCAP: +CGSM,+FCLASS,+DS"


@TABLE.execute("+CLAC")
def list_commands(modem: Modem, _call: Call) -> Reply:
    from gsmsend_virtual import commands  # noqa: PLC0415 - the full table imports this module

    return [f"AT{name}" for name in commands.names(modem)]


@TABLE.test("+CLAC")
def list_commands_test(_modem: Modem, _call: Call) -> Reply:
    return None
