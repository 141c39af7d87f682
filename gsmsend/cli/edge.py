"""Where errors leave the program: plain words on stderr, the contract's exit code, details in a file.

Tracebacks never reach the screen. In the file, phone numbers are masked and quoted texts left out.
"""

from __future__ import annotations

import errno
import os
import re
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from gsmsend.cli import options
from gsmsend.errors import GsmsendError, StoreError
from gsmsend.masking import mask_number

EXIT_FAULT = 1
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141  # as shells report a program that wrote to a closed pipe

_NUMBERS = re.compile(r"\+?\d(?:[ ().\-]?\d){6,}")
_QUOTED = re.compile(r"""["'].*["']""", re.DOTALL)
_ABOUT_CODE = (AttributeError, NameError, TypeError, ImportError, NotImplementedError, RecursionError, OSError)
_NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG)
_folder: Path | None = None


class ReaderLeft(Exception):
    """Whoever read our stdout, such as `head`, has had enough."""


class Interrupted(Exception):
    """Ctrl-C or SIGTERM, while there was nothing to finish first."""


def remember(folder: Path) -> None:
    """The operation that the command works on: details of a fault go there."""
    global _folder  # noqa: PLW0603 - one process is one command
    _folder = folder


def guarded(command: Callable[[], Any]) -> int:
    """Run a command; the exit code of the process. Output that nobody can read any more changes it not."""
    _fill_closed_descriptors()
    code = _guarded(command)
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        _leave_stdout()
    return code


def _fill_closed_descriptors() -> None:
    """Standard streams that were closed before we began lead nowhere.

    Otherwise the store or a modem's port gets their number, and what is printed goes there.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number is this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))


def _guarded(command: Callable[[], Any]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a sign that the terminal lacks is no reason to fail
    try:
        result = command()
    except (click.exceptions.Abort, Interrupted, KeyboardInterrupt):
        _say("Interrupted.")
        return EXIT_INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except GsmsendError as error:
        show(error)
        return error.exit_code
    except ReaderLeft:
        _leave_stdout()
        return EXIT_BROKEN_PIPE
    except Exception as fault:  # noqa: BLE001 - the last edge: whatever it is, the user reads plain words
        known = no_room(fault)
        if known is None:
            return _unexpected(fault)
        show(known)
        return known.exit_code
    return result if isinstance(result, int) else 0


def _say(words: str) -> None:
    """On stderr, if anybody can read it: the exit code tells in any case."""
    with suppress(OSError, ValueError):
        options.say(words)


def no_room(fault: Exception) -> StoreError | None:
    """A full disk is no bug: what to raise instead of an error of the system that says so, else None."""
    if not isinstance(fault, OSError) or fault.errno not in _NO_ROOM:
        return None
    where = f"{fault.filename} cannot be written" if fault.filename else "a file cannot be written"
    return StoreError(
        f"{where}: the disk is full",
        remedy="Make room on that disk, then give the same command again: it carries on where it stopped.",
    )


def show(error: GsmsendError) -> None:
    """An error in two lines on stderr: what is wrong, and what to do."""
    _say(options.loud("Stopped: ") + str(error) + (f"\n{error.remedy}" if error.remedy else ""))


def _unexpected(fault: Exception) -> int:
    try:
        place = f"The details are in {_keep(fault)}"
    except OSError as error:
        place = f"The details could not be written ({error.strerror})"
    _say(
        f"Stopped: an unexpected fault ({type(fault).__name__}). This is a bug in gsmsend.\n{place}\n"
        "Please report it with that file: it has no phone numbers in it. What was sent is on record; the same\n"
        "command carries on."
    )
    return EXIT_FAULT


def _keep(fault: Exception) -> Path:
    """Write the traceback where only this user can read it."""
    folder = _folder / "faults" if _folder is not None and _folder.is_dir() else Path(tempfile.gettempdir())
    folder.mkdir(mode=0o700, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    handle, name = tempfile.mkstemp(prefix=f"gsmsend-fault-{stamp}-", suffix=".txt", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as stream:
        stream.write(details(fault))
    return Path(name)


def details(fault: BaseException) -> str:
    """The traceback with its causes, without numbers or texts of recipients."""
    before = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    earlier = f"{details(before)}\nand then:\n\n" if before is not None else ""
    frames = "".join(traceback.format_tb(fault.__traceback__))
    return f"{earlier}{frames}{type(fault).__module__}.{type(fault).__qualname__}: {_harmless(fault)}\n"


def _harmless(fault: BaseException) -> str:
    """A message without numbers; where it may quote what it worked on, without anything between quotes."""
    words = str(fault)
    if not isinstance(fault, _ABOUT_CODE):
        words = _QUOTED.sub("'...'", words)
    return _NUMBERS.sub(lambda match: mask_number(match.group()), words)


def _leave_stdout() -> None:
    """The reader went away: let the interpreter's last flush go nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
