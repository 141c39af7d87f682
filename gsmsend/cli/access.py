"""Who may give which command, where gsmsend.toml says `[access] roles = true`: one table, and its check.

It keeps honest people to what was agreed, and leaves a trace; what it does not do is in docs/adr/0012-roles.md.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import click

from gsmsend import wiring
from gsmsend.caller import Caller
from gsmsend.cli import keys, signing_in
from gsmsend.config import Settings
from gsmsend.contract import OfficerRow, Role, StoreView
from gsmsend.errors import GuardStop, UsageError

ANYBODY = None
"""Needs no sign-in."""
LEAST: dict[str, Role | None] = {
    "init": ANYBODY,
    "doctor": ANYBODY,  # it shows nobody's data, and says itself that nobody signed in
    "drivers": ANYBODY,
    "bench": ANYBODY,
    "key": Role.VIEWER,
    "store": Role.VIEWER,
    "officer": ANYBODY,
    "officer key": ANYBODY,
    "officer sign-in": ANYBODY,
    "officer sign-out": ANYBODY,
    # A stop must never wait for a right, nor for a passphrase; who stopped it is on record all the same.
    "pause": ANYBODY,
    "cancel": ANYBODY,
    "suppress": ANYBODY,
    "visits": ANYBODY,
    "accept": Role.VIEWER,  # what is to be accepted, and was
    "fallback": Role.VIEWER,
    "hosts": Role.VIEWER,
    "inbox": Role.VIEWER,
    "messages": Role.VIEWER,
    "modems": Role.VIEWER,
    "modems identify": Role.OPERATOR,
    "officer list": Role.VIEWER,
    "preview": Role.VIEWER,
    "serve": Role.VIEWER,
    "serve sign": ANYBODY,
    "status": Role.VIEWER,
    "suppress list": Role.VIEWER,
    "verify": Role.VIEWER,
    "visits list": Role.VIEWER,
    "alert": ANYBODY,
    "alert test": Role.OPERATOR,
    "export": Role.OPERATOR,
    "fallback trial": Role.OPERATOR,
    "import": Role.OPERATOR,
    "inbox seen": Role.OPERATOR,
    "report": Role.OPERATOR,
    "resolve": Role.OPERATOR,
    "resume": Role.OPERATOR,
    "reword": Role.OPERATOR,
    "run": Role.OPERATOR,
    "send": Role.OPERATOR,
    "suppress add": Role.OPERATOR,
    "suppress check": Role.OPERATOR,
    "suppress remove": Role.OPERATOR,
    "visits add": Role.OPERATOR,
    "visits import": Role.OPERATOR,
    "approve": Role.APPROVER,
    "forget": Role.APPROVER,
    "key backup": Role.APPROVER,
    "key move": Role.APPROVER,
    "key restore": Role.APPROVER,
    "store move": Role.APPROVER,
    "officer add": Role.APPROVER,
    "officer remove": Role.APPROVER,
    "officer role": Role.APPROVER,
}
"""The least role that each command needs, by its words; groups alone say only what is in them."""
WITH_OPTION: dict[tuple[str, str], Role] = {
    # What may change on an exhibit is decided as what may be sent is: not by whoever operates the modem.
    ("accept", "reason"): Role.APPROVER,
    ("report", "redacted"): Role.VIEWER,
    ("verify", "accept_older"): Role.APPROVER,
}
"""Where an option of a command needs another role than the command."""


class Session:
    """Who works in this process: one process is one command."""

    officer: OfficerRow | None = None


def check(settings: Settings) -> None:
    """Raise GuardStop unless the command that is running is allowed to whoever signed in. With roles off, nothing.

    Remembers the officer for the audit log.
    """
    Session.officer, Caller.officer = None, staticmethod(signed_in)
    context = click.get_current_context(silent=True)
    if not settings.access.roles or context is None:
        return
    name = words_of(context)
    least = least_role(context)
    with_store = wiring.open_view(settings)
    try:
        if least is ANYBODY:
            Session.officer = signing_in.officer_of(settings, with_store, time.time(), quiet=True)
            return
        if name == "officer add" and not any(row.may_approve for row in with_store.officers()):
            _first(context)
            return
        officer = signing_in.officer_of(settings, with_store, time.time())
    finally:
        with_store.close()
    if officer is not None and not officer.role.covers(least):
        raise GuardStop(
            f"'gsmsend {name}' is for {_kinds(least)}; {officer.name} is {_one(officer.role)} here",
            remedy="Ask an officer who may do it, or an approver for that role: "
            f"gsmsend officer role '{officer.name}' --role {least}",
        )
    Session.officer = officer


def may_unmask() -> None:
    """Raise GuardStop if the officer who signed in has no right to see numbers in full."""
    officer = Session.officer
    if officer is not None and not officer.unmask:
        raise GuardStop(
            f"{officer.name} may not see numbers in full here",
            remedy="Leave out --unmask, or ask an approver for that right: "
            f"gsmsend officer role '{officer.name}' --unmask",
        )


def signed_in() -> str:
    """The name of the officer who gave this command; "" where nobody had to sign in."""
    return Session.officer.name if Session.officer is not None else ""


def words_of(context: click.Context) -> str:
    """The command's words, without the program's name."""
    words: list[str] = []
    at: click.Context | None = context
    while at is not None and at.parent is not None:
        words.insert(0, at.info_name or "")
        at = at.parent
    return " ".join(words)


def least_role(context: click.Context) -> Role | None:
    """The least role for the command as it was given. One that the table does not have is for approvers."""
    name = words_of(context)
    least = LEAST.get(name, Role.APPROVER)
    for (command, option), role in WITH_OPTION.items():
        if command == name and context.params.get(option):
            least = role
    return least


def chosen(
    store: StoreView, name: str | None, key_file: Path | None, where: str, who: str
) -> tuple[OfficerRow, Path]:
    """The officer of this name, else the one whose key is on this machine, and where their key is.

    `who` says what they do, as "who approves". Raises UsageError, or GuardStop for one who was removed.
    """
    rows = store.officers()
    if name is not None:
        named: Sequence[OfficerRow] = [
            row for row in rows if row.name.casefold() == " ".join(name.split()).casefold()
        ]
    else:
        named = [row for row in rows if row.removed_at_s is None and keys.place(row.name).exists()]
        if key_file is not None and keys.public_place(key_file).exists():
            public = keys.read_public(keys.public_place(key_file))
            named = [row for row in rows if row.public_key == public.key]
    if len(named) != 1:
        known = ", ".join(row.name for row in rows if row.removed_at_s is None) or "nobody yet"
        what = f"there is no officer {name} here" if name is not None else f"it is not clear {who}"
        raise UsageError(
            f"{what}; officers of this operation: {known}",
            remedy=f'Say who: --officer NAME. To add one: gsmsend officer add "DC Example"{where}',
        )
    (row,) = named
    if row.removed_at_s is not None:
        raise GuardStop(
            f"the officer {row.name} was removed and may approve no more",
            remedy="See who is there: gsmsend officer list",
        )
    return row, key_file or keys.place(row.name)


def _first(context: click.Context) -> None:
    """The first officer is added by whoever sets the operation up, and must be one who can add the others."""
    if context.params.get("role") not in (None, Role.APPROVER.value):
        raise GuardStop(
            "the first officer of an operation with roles is an approver: somebody must be able to add the others",
            remedy="Add one with --role approver first.",
        )


def _kinds(role: Role) -> str:
    return {
        Role.VIEWER: "officers", Role.OPERATOR: "operators and approvers", Role.APPROVER: "approvers"
    }[role]  # fmt: skip


def _one(role: Role) -> str:
    return f"an {role}" if role.value[0] in "ao" else f"a {role}"
