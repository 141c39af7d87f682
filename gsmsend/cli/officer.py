"""`gsmsend officer`: who works on an operation, what each may do, and their keys."""

from __future__ import annotations

import time
from pathlib import Path

import click

from gsmsend.audit import Kind
from gsmsend.cli import access, keys, options, signing_in, unlocking
from gsmsend.cli.confirming import confirm
from gsmsend.cli.operation import login_name, looked_at, opened, opened_anyway, person, settings_of
from gsmsend.contract import OfficerRow, Role, Store
from gsmsend.errors import GuardStop, UsageError

_ALONE = "took the right to see numbers in full alone: there is no other approver here who could give it"
_login = click.option("--login", metavar="LOGIN", help="The officer's user name.  [default: yours]")
_role = click.option(
    "--role", type=click.Choice([role.value for role in Role]),
    help="viewer: look, numbers masked; operator: prepare and send too; approver: all.",
)  # fmt: skip


@click.group()
def officer() -> None:
    """Who works on an operation, each with a role and a key of their own; approvers may approve its campaigns.

    Roles other than approver count once gsmsend.toml says roles = true under [access]: then everybody signs in.
    """


@officer.command()
@click.argument("name")
@click.option(
    "--public", "public_file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
    help="Register the key that the officer made on another machine with 'gsmsend officer key'.",
)  # fmt: skip
@_login
@_role
@click.option("--unmask", is_flag=True, help="They may see numbers in full; each time is recorded.")
@keys.key_file
@keys.passphrase_file
@options.operation
@unlocking.also_unlocks
@options.as_json
def add(
    name: str,
    public_file: Path | None,
    login: str | None,
    role: str | None,
    key_file: Path | None,
    passphrase_file: Path | None,
    folder: Path,
    *,
    unmask: bool,
    as_json: bool,
) -> None:
    """Let the officer NAME work here, as an approver by default; their key is made unless it is there already.

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
        row = store.add_officer(
            name,
            public.key,
            login or public.login,
            person(),
            time.time(),
            Role(role or Role.APPROVER),
            unmask=unmask,
        )
        shared = _same_login(store, row)
    if as_json:
        options.emit(_object(row))
        return
    options.tell(f"{row.name} {_may(row)} here (login {row.login}, key {fingerprint(row.public_key)}).")
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
    """Who works here and what they may do, since when, and who added them."""
    with looked_at(folder) as (_, store):
        rows = store.officers()
    for row in rows:
        if as_json:
            options.emit(_object(row))
            continue
        gone = f", removed {options.iso(row.removed_at_s)[:10]}" if row.removed_at_s is not None else ""
        options.tell(
            f"{row.name}  ({_standing(row)}, login {row.login}, key {fingerprint(row.public_key)}, "
            f"added {options.iso(row.added_at_s)[:10]} by {row.added_by}{gone})"
        )
    if not rows and not as_json:
        options.tell(f'Nobody may approve yet: gsmsend officer add "DC Example"{options.where(folder)}')


@officer.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.operation
@unlocking.unlocks
def remove(name: str, folder: Path, *, yes: bool) -> None:
    """The officer NAME may approve no more, and what they approved no longer counts."""
    with opened(folder) as (settings, store):
        known = any(row.name.casefold() == " ".join(name.split()).casefold() for row in store.officers())
        if settings.access.roles:
            _keep_one(store, name)
        if known and not yes:  # an unknown name is told by the store
            options.say(f"What {name} approved in this operation will no longer count. That cannot be taken back.")
            confirm(f"Remove {name}?")
        row = store.remove_officer(name, person(), time.time())
    options.tell(f"{row.name} may approve no more. Campaigns that now lack an approval are not sent.")


@officer.command()
@click.argument("name")
@_role
@click.option("--unmask/--no-unmask", default=None, help="Whether they may see numbers in full.")
@options.operation
@unlocking.unlocks
@options.as_json
def role(name: str, role: str | None, folder: Path, *, unmask: bool | None, as_json: bool) -> None:
    """Give the officer NAME another role, or the right to see numbers in full.

    What they approved counts only while they are an approver.
    """
    if role is None and unmask is None:
        raise UsageError(
            "nothing is to be changed", remedy="Say what: --role viewer|operator|approver, or --unmask"
        )
    with opened(folder) as (settings, store):
        if settings.access.roles and role not in (None, Role.APPROVER.value):
            _keep_one(store, name)
        alone = unmask is True and _to_themself_alone(store, name)
        if alone:
            store.record_now(Kind.NOTE, {"person": access.signed_in(), "what": _ALONE}, time.time())
        row = store.change_officer(
            _named(name), None if role is None else Role(role), person(), time.time(), unmask=unmask
        )
    if as_json:
        options.emit(_object(row))
        return
    options.tell(f"{row.name} {_may(row)} here.")
    if alone:
        options.tell(f"{row.name} {_ALONE}. That is on record.")


@officer.command("sign-in")
@click.argument("name", required=False)
@keys.key_file
@keys.passphrase_file
@options.operation
@unlocking.also_unlocks
@options.as_json
def sign_in(
    name: str | None, key_file: Path | None, passphrase_file: Path | None, folder: Path, *, as_json: bool
) -> None:
    """Say who works here now, by the passphrase of the officer's key; good for some hours, at this computer.

    NAME is needed only where there are several officers' keys on this machine.
    """
    with opened_anyway(folder) as (settings, store):  # an older copy is accepted by somebody who signed in
        if not settings.access.roles:
            raise UsageError(
                "this operation asks nobody to sign in",
                remedy="It does once gsmsend.toml says so: roles = true under [access]",
            )
        row, file = access.chosen(store, name, key_file, options.where(folder), "who signs in")
        key = keys.private(file, keys.passphrase(passphrase_file, f"Passphrase of {row.name}"))
        until_s = signing_in.sign_in(settings, store, row, key, login_name(), time.time())
    if as_json:
        options.emit({"name": row.name, "role": row.role.value, "until": options.iso(until_s)})
        return
    until = time.strftime("%H:%M on %d.%m.%Y", time.localtime(until_s))
    options.tell(f"{row.name} is signed in until {until}, and {_may(row)} here.")


@officer.command("sign-out")
@options.operation
def sign_out(folder: Path) -> None:
    """Work here no more until somebody signs in."""
    with looked_at(folder) as (_, store):
        done = signing_in.sign_out(store)
    options.tell("Signed out." if done else "Nobody was signed in.")


def fingerprint(public_key: str) -> str:
    """The beginning of a public key in groups, to read out to each other."""
    return " ".join(public_key[at : at + 4] for at in range(0, 16, 4))


def _named(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or not plain.isprintable() or len(plain) > 80:
        raise UsageError('expected the officer\'s name as others know it, such as "DC Example"')
    return plain


def _keep_one(store: Store, name: str) -> None:
    """Raise GuardStop if nobody would be left who may add officers."""
    others = [
        row for row in store.officers() if row.may_approve and row.name.casefold() != _named(name).casefold()
    ]
    if not others:
        raise GuardStop(
            f"{name} is the only approver here, and nobody else could add another",
            remedy='Add one first: gsmsend officer add "DC Example" --role approver',
        )


def _to_themself_alone(store: Store, name: str) -> bool:
    """Whether whoever signed in gives themself the right to see numbers, with nobody there who could do it.

    Raises GuardStop if another approver is there: a right is given by somebody else.
    """
    own = access.signed_in()
    if not own or own.casefold() != _named(name).casefold():
        return False
    rows = store.officers()
    if any(row.name == own and row.unmask for row in rows):
        return False
    others = [row.name for row in rows if row.may_approve and row.name != own]
    if others:
        raise GuardStop(
            f"{own} cannot give themself the right to see numbers in full",
            remedy=f"Another approver gives it ({', '.join(others)}): gsmsend officer role '{own}' --unmask",
        )
    return True


def _may(row: OfficerRow) -> str:
    what = {
        Role.VIEWER: "may look at what is so",
        Role.OPERATOR: "may prepare and send campaigns",
        Role.APPROVER: "may approve campaigns",
    }[row.role]
    return f"{what} and see numbers in full" if row.unmask else what


def _standing(row: OfficerRow) -> str:
    return f"{row.role}, may unmask" if row.unmask else str(row.role)


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
        "name": row.name, "login": row.login, "role": row.role.value, "unmask": row.unmask,
        "public_key": row.public_key, "added_by": row.added_by,
        "added_at": options.iso(row.added_at_s),
        "removed_at": options.iso(row.removed_at_s) if row.removed_at_s is not None else None,
    }  # fmt: skip
