"""Serial ports: which there are, whether this user may open them, and who else has them open."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from gsmsend.cli.checks import Finding, Level
from gsmsend.contract import Driver, Endpoint, Unready
from gsmsend.errors import NoRoute

PROC = Path("/proc")


def is_device(address: str) -> bool:
    """Whether an address is a device of this computer, and not a phone's serial number or an account."""
    return Path(address).is_absolute() or address.upper().startswith("COM")


def found(places: Sequence[tuple[Driver, Endpoint]]) -> Iterator[Finding]:
    """The ports that may be modems."""
    if not places:
        yield Finding(
            Level.BAD,
            "ports",
            "no modem was found",
            "Plug one in. If it is plugged in, it may show as a disk first: wait half a minute, or install\n"
            "usb-modeswitch. A modem that is not found by itself can be named: --port /dev/ttyUSB0\n"
            "With no hardware: gsmsend run --demo",
            exit_code=NoRoute.exit_code,
        )
        return
    names = ", ".join(endpoint.address for _, endpoint in places[:6]) + (" ..." if len(places) > 6 else "")
    yield Finding(Level.OK, "ports", f"{len(places)} port{'s' if len(places) > 1 else ''} to try: {names}")


def unready(found: Sequence[Unready]) -> Iterator[Finding]:
    """Sticks that show themselves as something else than a modem."""
    for one in found:
        yield Finding(
            Level.NOTE,
            "mode",
            f"in USB socket {one.place} there is a {one.title}, which shows itself as {one.mode}",
            f"{one.advice}\ngsmsend changes nothing of this; leave an exhibit as it is",
        )


def access(addresses: Sequence[str]) -> Iterator[Finding]:
    """Whether this user may open each port, and whether another program has it open."""
    for address in addresses:
        path = Path(address)
        if not path.is_absolute() or not path.exists():
            continue
        if not os.access(path, os.R_OK | os.W_OK):
            group = _group(path)
            yield Finding(
                Level.BAD,
                "permission",
                f"you may not open {address}" + (f" (it belongs to the group {group})" if group else ""),
                (f"sudo usermod -aG {group} $USER" if group else f"sudo chmod a+rw {address}")
                + "   then log out and in again",
            )
        for holder in _holders(path):
            yield Finding(Level.BAD, "port in use", f"{address} is open in {holder}", "Stop that program first.")


def modem_manager(addresses: Sequence[str]) -> Iterator[Finding]:
    """ModemManager talks to every modem it sees, in between our commands."""
    running = any(_command(process) == "ModemManager" for process in _processes())
    if not running:
        yield Finding(Level.OK, "ModemManager", "ModemManager is not running")
        return
    yield Finding(
        Level.BAD if addresses else Level.NOTE,
        "ModemManager",
        "ModemManager is running: it talks to modems too and disturbs sending",
        "sudo systemctl disable --now ModemManager\n"
        "or keep it off these modems only, with the udev rule in hw/ (see hw/README.md)",
    )


def _group(path: Path) -> str:
    with suppress(ImportError, KeyError, OSError):
        import grp  # noqa: PLC0415 - POSIX only

        return grp.getgrgid(path.stat().st_gid).gr_name
    return ""


def _processes() -> list[Path]:
    with suppress(OSError):
        return [entry for entry in PROC.iterdir() if entry.name.isdigit()]
    return []


def _command(process: Path) -> str:
    with suppress(OSError):
        return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    return ""


def _holders(path: Path) -> Iterator[str]:
    """Other programs that have the port open, as far as this user may see."""
    real = str(path.resolve())
    if real.startswith("/dev/pts/"):
        return  # the virtual bench holds its own ends open
    for process in _processes():
        if process.name == str(os.getpid()):
            continue
        with suppress(OSError):
            if any(_target(link) == real for link in (process / "fd").iterdir()):
                yield f"{_command(process) or 'a program'} (process {process.name})"


def _target(link: Path) -> str:
    with suppress(OSError):
        return str(link.readlink())
    return ""
