"""`gsmsend serve`: the web console; `serve sign` signs what a page of it shows to an officer."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gsmsend import guarding, supervised, wiring
from gsmsend.cli import access, edge, keys, options, unlocking
from gsmsend.cli.operation import login_name, person, settings_of
from gsmsend.cli.options import say, tell
from gsmsend.config import Settings
from gsmsend.contract import Role
from gsmsend.errors import GsmsendError, PlaceStop, UsageError, reason

if TYPE_CHECKING:
    from gsmsend.console.sessions import Viewer


@click.group(invoke_without_command=True)
@options.operation
@click.option("--port", type=click.IntRange(0, 65535), help="Listen on this port instead of that of gsmsend.toml.")
@unlocking.unlocks
@options.as_json
@click.pass_context
def serve(context: click.Context, folder: Path, port: int | None, *, as_json: bool) -> None:
    """Show the web console until Ctrl-C: the wall, campaigns, inbox, messages, the audit log, and what to do.

    Only for browsers on this computer, unless [console] in gsmsend.toml has an address and a certificate.
    """
    if context.invoked_subcommand is not None:
        return
    settings = settings_of(folder)
    if port is not None:
        settings = replace(settings, console=replace(settings.console, port=port))
    _needs_extra()
    from gsmsend.console import hooks, serving  # noqa: PLC0415 - half a second, and an extra
    from gsmsend.console.app import application  # noqa: PLC0415 - as above
    from gsmsend.console.desk import Desk  # noqa: PLC0415 - as above

    asker = unlocking.asker(settings)
    wiring.ask_with(lambda _settings: asker)  # pages are made by threads, which have no command
    serving.check(settings)
    drivers = hooks.hooked(settings)
    supervisor = supervised.Supervisor.of()
    with serving.listening(settings) as bound:
        url = serving.url_of(settings, bound)
        desk = Desk(settings, _starter(settings), url)
        desk.ask(lambda store: store.totals())  # what is wrong with the store is told here

        def announce(token: str) -> None:
            if supervisor.there and not as_json:
                _announce_aside(url, token)
            else:
                _announce(url, token, as_json=as_json)

        desk.announce = announce
        with suppress(KeyboardInterrupt, edge.Interrupted):  # uvicorn ends by the signal that it was stopped by
            announce(desk.token.words)
            app = application(desk, serving.names_of(settings.console), drivers, _fault)
            serving.run(settings, app, bound, supervisor)
    if not as_json:
        say("The console has stopped.")


@serve.command()
@click.argument("code", required=False)
@keys.key_file
@keys.passphrase_file
def sign(code: str | None, key_file: Path | None, passphrase_file: Path | None) -> None:
    """Sign the CODE that a page of the console shows, with your own key. Needs no operation, and no console here.

    It says first what is signed. The key stays in its file; what is printed goes back into the page.
    """
    from gsmsend.campaign.signing import public_hex  # noqa: PLC0415 - cryptography takes a while
    from gsmsend.campaign.signing import sign as signature_of  # noqa: PLC0415 - as above
    from gsmsend.console.challenge import Approving, read  # noqa: PLC0415 - as above

    asked = read(code or str(click.prompt("The code on the page", err=True)))
    if isinstance(asked, Approving):
        statement, officer = asked.statement, asked.statement.officer
        digest = " ".join(statement.digest[at : at + 4] for at in range(0, 32, 4))
        say(f"{officer} approves the campaign {asked.campaign}, at the console {asked.console}.")
        say(f"The digest of what is approved begins with {digest}.")
        say("Go on only if the page shows the same, and you have read what it says is approved.")
        signed: object = statement
    else:
        officer, signed = asked.officer, asked
        until = time.strftime("%H:%M on %d.%m.%Y", time.localtime(asked.until_ms / 1000))
        say(f"{officer} signs in to the console {asked.console}, until {until}.")
        say("Go on only if that is the address that your browser shows.")
    file = key_file or keys.place(officer)
    key = keys.private(file, keys.passphrase(passphrase_file, f"Passphrase of {officer}"))
    public = keys.public_place(file)
    if public.exists() and keys.read_public(public).key != public_hex(key):
        raise UsageError(f"{public} is not the public half of {file}", remedy="Name the right one: --key FILE.")
    tell(signature_of(key, signed))  # type: ignore[arg-type]  # one of the two statements


def _starter(settings: Settings) -> Viewer:
    """Who comes by the token: whoever started the console, with the rights that they have as an officer here."""
    from gsmsend.console.sessions import Viewer  # noqa: PLC0415 - see above

    officer = access.Session.officer
    if officer is not None:
        return Viewer(officer.name, officer.login, officer.role, officer.unmask, officer.name, 0.0)
    if settings.access.roles:
        raise UsageError("nobody has signed in", remedy="Sign in: gsmsend officer sign-in")
    return Viewer(login_name(), person(), Role.APPROVER, unmask=True, officer="", until_s=0.0)


def _announce(url: str, token: str, *, as_json: bool) -> None:
    if as_json:
        options.emit({"event": "serving", "url": url, "token": token})
        return
    tell(f"The console is at {url}")
    tell(f"Sign in with your officer's key, or once with this token: {token}")


def _announce_aside(url: str, token: str) -> None:
    """Under a supervisor, whose journal others read: the token goes where only this user may look, if anywhere."""
    folder = supervised.runtime_folder()
    if folder is None:
        tell(f"The console is at {url}; sign in with your officer's key")
        return
    place = folder / "token"
    try:
        with os.fdopen(guarding.written(place), "w", encoding="utf-8") as stream:
            stream.write(f"{token}\n")
    except OSError as error:
        raise PlaceStop(f"the sign-in token cannot be written to {place}: {reason(error)}") from None
    tell(f"The console is at {url}; sign in with your officer's key, or once with the token in {place}")


def _needs_extra() -> None:
    try:
        import sse_starlette  # noqa: F401, PLC0415 - whether it is there
        import uvicorn  # noqa: F401, PLC0415 - as above
    except ImportError:
        raise UsageError(
            "the web console needs packages that are not installed", remedy="pip install 'gsmsend[console]'"
        ) from None


def _fault(fault: BaseException) -> str:
    """Keep what went wrong in a page where only this user reads it; nothing of it is shown."""
    try:
        place = edge.kept(fault)
    except (OSError, GsmsendError):
        return "This is a bug in gsmsend; its details could not be kept."
    return f"This is a bug in gsmsend. Its details are in {place}: there are no phone numbers in that file."
