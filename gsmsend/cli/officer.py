"""`gsmsend officer`: who may approve campaigns, and their keys."""

from __future__ import annotations

import time
from pathlib import Path

import click

from gsmsend.cli import keys, options
from gsmsend.cli.confirming import confirm
from gsmsend.cli.operation import looked_at, opened, person, settings_of
from gsmsend.contract import OfficerRow, Store
from gsmsend.errors import UsageError

_login = click.option("--login", metavar="LOGIN", help="The officer's user name.  [default: yours]")


@click.group()
def officer() -> None:
    """Who may approve the campaigns of an operation, each with a key of their own."""


@officer.command()
@click.argument("name")
@click.option(
    "--public", "public_file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
    help="Register the key that the officer made on another machine with 'gsmsend officer key'.",
)  # fmt: skip
@_login
@keys.key_file
@keys.passphrase_file
@options.operation
@options.as_json
def add(
    name: str,
    public_file: Path | None,
    login: str | None,
    key_file: Path | None,
    passphrase_file: Path | None,
    folder: Path,
    *,
    as_json: bool,
) -> None:
    """Let the officer NAME approve campaigns here; their key is made unless it is there already.

    LOGIN is what tells whether an officer prepared a campaign: whose user name imported it.
    """
    name = _named(name)
    settings_of(folder)
    if public_file is not None:
        if key_file is not None or passphrase_file is not None:
            raise UsageError("--public brings the key; expected neither --key nor --passphrase-file with it")
        public, made = keys.read_public(public_file), None
    else:
        made = key_file or keys.place(name)
        beside = keys.public_place(made)
        if made.exists() and beside.exists():
            public = keys.read_public(beside)
            options.say(f"The key that is there already is used: {made}")
        else:
            words = keys.passphrase(passphrase_file, f"A passphrase for the key of {name}", new=True)
            public = keys.make(name, login or person(), made, words)
            options.say(f"Made the key {made}. Without its passphrase it is of no use; nobody can recover that.")
    if public.officer.casefold() != name.casefold():
        raise UsageError(
            f"that key is of the officer {public.officer}; expected one of {name}",
            remedy="Give the name as it is in the key's file.",
        )
    with opened(folder) as (_, store):
        row = store.add_officer(name, public.key, login or public.login, person(), time.time())
        shared = _same_login(store, row)
    if as_json:
        options.emit(_object(row))
        return
    options.tell(f"{row.name} may approve campaigns here (login {row.login}, key {fingerprint(row.public_key)}).")
    if shared:
        options.tell(
            f"{shared} has the same login: whoever of them imports, both count as having prepared it. If that is "
            "not so, remove the officer and add a new one with --login."
        )
    options.tell(f"Next: gsmsend preview{options.where(folder)}")


@officer.command()
@click.argument("name")
@_login
@keys.key_file
@keys.passphrase_file
def key(name: str, login: str | None, key_file: Path | None, passphrase_file: Path | None) -> None:
    """Make the key of the officer NAME, for an operation that is on another machine."""
    name = _named(name)
    file = key_file or keys.place(name)
    if file.exists():
        raise UsageError(
            f"{file} is there already; it was left as it is",
            remedy=f"Its public key is {keys.public_place(file)}. Name another file with --key FILE.",
        )
    words = keys.passphrase(passphrase_file, f"A passphrase for the key of {name}", new=True)
    public = keys.make(name, login or person(), file, words)
    beside = keys.public_place(file)
    options.tell(f"Made the key {file}. Keep it and its passphrase to yourself; nobody can recover either.")
    options.tell(f"Its public key is {beside} ({fingerprint(public.key)}). Take that to the operation, and there:")
    options.tell(f'gsmsend officer add "{name}" --public {beside.name}')


@officer.command("list")
@options.operation
@options.as_json
def list_(folder: Path, *, as_json: bool) -> None:
    """Who may approve, since when, and who added them."""
    with looked_at(folder) as (_, store):
        rows = store.officers()
    for row in rows:
        if as_json:
            options.emit(_object(row))
            continue
        gone = f", removed {options.iso(row.removed_at_s)[:10]}" if row.removed_at_s is not None else ""
        options.tell(
            f"{row.name}  (login {row.login}, key {fingerprint(row.public_key)}, "
            f"added {options.iso(row.added_at_s)[:10]} by {row.added_by}{gone})"
        )
    if not rows and not as_json:
        options.tell(f'Nobody may approve yet: gsmsend officer add "DC Example"{options.where(folder)}')


@officer.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.operation
def remove(name: str, folder: Path, *, yes: bool) -> None:
    """The officer NAME may approve no more, and what they approved no longer counts."""
    with opened(folder) as (_, store):
        known = any(row.name.casefold() == " ".join(name.split()).casefold() for row in store.officers())
        if known and not yes:  # an unknown name is told by the store
            options.say(f"What {name} approved in this operation will no longer count. That cannot be taken back.")
            confirm(f"Remove {name}?")
        row = store.remove_officer(name, person(), time.time())
    options.tell(f"{row.name} may approve no more. Campaigns that now lack an approval are not sent.")


def fingerprint(public_key: str) -> str:
    """The beginning of a public key in groups, to read out to each other."""
    return " ".join(public_key[at : at + 4] for at in range(0, 16, 4))


def _named(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or not plain.isprintable() or len(plain) > 80:
        raise UsageError('expected the officer\'s name as others know it, such as "DC Example"')
    return plain


def _same_login(store: Store, row: OfficerRow) -> str:
    others = [
        other.name
        for other in store.officers()
        if other.officer_id != row.officer_id and other.removed_at_s is None
        and other.login.casefold() == row.login.casefold()
    ]  # fmt: skip
    return " and ".join(others)


def _object(row: OfficerRow) -> dict[str, object]:
    return {
        "name": row.name, "login": row.login, "public_key": row.public_key, "added_by": row.added_by,
        "added_at": options.iso(row.added_at_s),
        "removed_at": options.iso(row.removed_at_s) if row.removed_at_s is not None else None,
    }  # fmt: skip
