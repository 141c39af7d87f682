"""Sign-ins: a statement under the officer's own key, kept in the user's own folder, that says who works here."""

from __future__ import annotations

import json
import os
import platform
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from gsmsend import guarding
from gsmsend.config import Settings
from gsmsend.contract import OfficerRow, Store, StoreView
from gsmsend.errors import GuardStop, UsageError, reason

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from gsmsend.campaign.signing import SignIn

_LARGEST = 8192
_CLOCK_MS = 300_000
"""How far a clock may go back before a sign-in of it counts as not made yet."""
_HOUR_MS = 3_600_000


def place(operation: str) -> Path:
    """Where the sign-in to this operation is kept."""
    return guarding.state_folder() / "sign-in" / f"{re.sub('[^0-9A-Za-z-]', '', operation)}.json"


def sign_in(
    settings: Settings, store: Store, officer: OfficerRow, key: Ed25519PrivateKey, login: str, now_s: float
) -> float:
    """Put it on record, sign it, keep it; until when it is good. Raises GuardStop, UsageError, StoreError."""
    from gsmsend.campaign.signing import SignIn, public_hex, sign  # noqa: PLC0415 - cryptography takes a while

    if public_hex(key) != officer.public_key:
        raise GuardStop(
            f"that key is not the one that {officer.name} is registered with here",
            remedy="Name the right one with --key FILE.",
        )
    at_ms = round(now_s * 1000)
    until_ms = at_ms + settings.access.sign_in_hours * _HOUR_MS
    operation = store.sign_in(officer.name, login, until_ms / 1000, now_s)
    statement = SignIn(operation, officer.name, login, platform.node(), at_ms, until_ms)
    kept = {**asdict(statement), "signature": sign(key, statement)}
    file = place(operation)
    try:
        guarding.make_folder(file.parent)
        guarding.replaced(file, json.dumps(kept, indent=1).encode("ascii"))
    except OSError as error:
        raise UsageError(
            f"the sign-in cannot be kept in {file}: {reason(error)}",
            remedy="Check the free space of that disk and your right to write there.",
        ) from None
    return until_ms / 1000


def sign_out(store: StoreView) -> bool:
    """Forget the sign-in to this operation; whether there was one. Raises UsageError."""
    operation = store.operation_id()
    file = place(operation)
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UsageError(
            f"{file} cannot be removed: {reason(error)}", remedy="Remove that file by hand."
        ) from None
    return True


def officer_of(settings: Settings, store: StoreView, now_s: float, *, quiet: bool = False) -> OfficerRow | None:
    """The officer who signed in to this operation. Raises GuardStop if there is none; `quiet`, returns None."""
    from gsmsend.cli.options import where  # noqa: PLC0415 - that module imports this one's neighbours

    if quiet:
        try:
            return officer_of(settings, store, now_s)
        except GuardStop:
            return None
    remedy = f"Sign in: gsmsend officer sign-in{where(settings.folder)}"
    found = _kept(store.operation_id())
    if found is None:
        raise GuardStop(
            "nobody has signed in to this operation, and its gsmsend.toml wants that ([access] roles = true)",
            remedy=remedy
            if any(row.removed_at_s is None for row in store.officers())
            else f'No officer is registered yet: gsmsend officer add "DC Example"{where(settings.folder)}',
        )
    statement, signature = found
    why, officer = _judged(settings, store, statement, signature, now_s)
    if why or officer is None:
        raise GuardStop(f"the sign-in of {statement.officer} does not count: {why}", remedy=remedy)
    return officer


def _judged(
    settings: Settings, store: StoreView, statement: SignIn, signature: str, now_s: float
) -> tuple[str, OfficerRow | None]:
    """What is wrong with a sign-in, "" if nothing, and whose it is."""
    from gsmsend.campaign.signing import verified  # noqa: PLC0415 - cryptography takes a while
    from gsmsend.cli.operation import login_name  # noqa: PLC0415 - it imports access, which imports this

    officer = next((row for row in store.officers() if row.name == statement.officer), None)
    now_ms, longest_ms = round(now_s * 1000), settings.access.sign_in_hours * _HOUR_MS
    if officer is None:
        return "this operation has no such officer", None
    if not verified(officer.public_key, signature, statement):
        return "it is not signed with that officer's key", officer
    if officer.removed_at_s is not None:
        return "that officer was removed", officer
    if statement.operation != store.operation_id():
        return "it is for another operation", officer
    if statement.login != login_name():
        return f"it was made by the user {statement.login}, and you are {login_name()}", officer
    if statement.host != platform.node():
        return f"it was made on the computer {statement.host}", officer
    if now_ms < statement.at_ms - _CLOCK_MS:
        return "by this computer's clock it is not made yet", officer
    if now_ms >= min(statement.until_ms, statement.at_ms + longest_ms):
        return "its time is over", officer
    return "", officer


def _kept(operation: str) -> tuple[SignIn, str] | None:
    """The statement that is kept for this operation, with its signature; None if there is none to be read.

    Raises GuardStop if it is not the user's own file.
    """
    from gsmsend.campaign.signing import SignIn  # noqa: PLC0415 - cryptography takes a while

    file = place(operation)
    if not operation or not file.is_file():
        return None
    guarding.check_file(file)
    try:
        handle = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, "rb") as stream:
            said = json.loads(stream.read(_LARGEST))
        texts = [said[name] for name in ("operation", "officer", "login", "host")]
        times = [said[name] for name in ("at_ms", "until_ms")]
        right = all(isinstance(one, str) for one in (*texts, said["signature"]))
        right = right and all(type(one) is int for one in times)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (SignIn(*texts, *times), said["signature"]) if right else None
