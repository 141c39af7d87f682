"""Where errors leave the program: plain words on stderr, the contract's exit code, details in a file.

Tracebacks never reach the screen. In the file are places in the program and kinds of faults, never what a fault
says that may quote a number or a text, nor any value that the program held.
"""

from __future__ import annotations

import errno
import io
import logging
import os
import re
import sqlite3
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import click

from gsmsend import guarding
from gsmsend.cli import options
from gsmsend.errors import GsmsendError, PlaceStop
from gsmsend.masking import mask_number

EXIT_FAULT = 1
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141  # as shells report a program that wrote to a closed pipe

_NUMBERS = re.compile(r"\+?\d(?:[ ().\-]?\d){6,}")
_ABOUT_CODE = (
    AttributeError, NameError, TypeError, ImportError, NotImplementedError, RecursionError, OSError, sqlite3.Error
)  # fmt: skip
"""What these say is about the program or the system; any other may quote a number or a text."""
_UNTOLD = "(what it says is left out: it may quote a number or a text)"
_NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG)
_NOT_ALLOWED = (errno.EROFS, errno.EACCES, errno.EPERM)
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
        _show_usage(error)
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


def _show_usage(error: click.ClickException) -> None:
    """What click says, which quotes what was typed: a file's name may hold what a terminal would act on."""
    said = io.StringIO()
    error.show(file=said)
    _say(said.getvalue().rstrip("\n"))


def _say(words: str) -> None:
    """On stderr, if anybody can read it: the exit code tells in any case."""
    with suppress(OSError, ValueError):
        options.say(words)


def no_room(fault: Exception) -> PlaceStop | None:
    """A disk that is full or write-protected is no bug: what to raise instead of the system's error, else None."""
    if not isinstance(fault, OSError) or fault.errno not in (*_NO_ROOM, *_NOT_ALLOWED):
        return None
    if fault.errno in _NOT_ALLOWED:
        protected = fault.errno == errno.EROFS
        return PlaceStop(
            f"{fault.filename or 'a file'} cannot be opened as this command needs it: "
            + ("its disk is write-protected" if protected else "this login has not the right to it"),
            remedy="Copy the operation's folder to a disk of your own and work there."
            if protected
            else "Ask whoever owns it, or copy it to a folder of your own.",
        )
    where = f"{fault.filename} cannot be written" if fault.filename else "a file cannot be written"
    return PlaceStop(
        f"{where}: the disk is full",
        remedy="Make room on that disk, then give the same command again: it carries on where it stopped.",
    )


def show(error: GsmsendError) -> None:
    """An error in two lines on stderr: what is wrong, and what to do.

    A line end in what is wrong comes from a name that it quotes: what follows must not look like a line of ours.
    """
    told = str(error).replace("\n", "\n  ")
    _say(options.loud("Stopped: ") + told + (f"\n{error.remedy}" if error.remedy else ""))


def watch_threads() -> None:
    """Faults that no command sees, in threads and in clearing up, end here too instead of on the screen."""
    import threading  # noqa: PLC0415 - `start` imports this module before anything that takes time

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            _unexpected(args.exc_value)

    def at_the_end(args: Any) -> None:  # sys.UnraisableHookArgs, which has no name at run time
        if args.exc_value is not None:
            with suppress(OSError):
                kept(args.exc_value)

    def anywhere(_kind: type[BaseException], fault: BaseException, _trace: TracebackType | None) -> None:
        _unexpected(fault)

    threading.excepthook, sys.unraisablehook, sys.excepthook = in_thread, at_the_end, anywhere
    logging.getLogger().addHandler(logging.NullHandler())  # what libraries log may quote what they worked on


def _unexpected(fault: BaseException) -> int:
    try:
        place = f"The details are in {kept(fault)}"
    except (OSError, GsmsendError) as error:
        place = f"The details could not be written ({getattr(error, 'strerror', None) or error})"
    _say(
        f"Stopped: an unexpected fault ({type(fault).__name__}). This is a bug in gsmsend.\n{place}\n"
        "Please report it with that file: it has no phone numbers in it. What was sent is on record; the same\n"
        "command carries on."
    )
    return EXIT_FAULT


def kept(fault: BaseException) -> Path:
    """Write the traceback where only this user can read it: in the operation, else in their own folder."""
    in_operation = _folder is not None and _folder.is_dir()
    folder = (_folder if in_operation and _folder is not None else guarding.state_folder()) / "faults"
    guarding.make_folder(folder)
    guarding.check_file(folder)
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
    """What a fault says, without numbers; nothing where it may quote what it worked on."""
    if not isinstance(fault, _ABOUT_CODE):
        return _UNTOLD
    return _NUMBERS.sub(lambda match: mask_number(match.group()), str(fault))


def _leave_stdout() -> None:
    """The reader went away: let the interpreter's last flush go nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
