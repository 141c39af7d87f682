"""`gsmsend key`: where the operation's key is kept; moving it, backing it up, putting it back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from gsmsend import wiring
from gsmsend.audit import Kind
from gsmsend.cli import access, options, unlocking
from gsmsend.cli.operation import person, settings_of
from gsmsend.config import Settings
from gsmsend.errors import KeyStop, UsageError
from gsmsend.keyplace import Envelope, Place, moving
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.keykeeping import KeyedView
from gsmsend.wiring.opening import share_key, store_place

_PLACES = click.Choice([Place.KEYRING.value, Place.PASSPHRASE.value, Place.HOME.value])
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(invoke_without_command=True)
@options.operation
@options.as_json
@click.pass_context
def key(ctx: click.Context, folder: Path, *, as_json: bool) -> None:
    """Where the key is kept that opens this operation's numbers and texts.

    It is in the keyring of your login, under a passphrase, or in a folder of your own: never beside the store, so
    that who finds a copy of the operation's folder can read nobody's number in it.
    """
    ctx.obj = folder
    if ctx.invoked_subcommand is None:
        show(settings_of(folder), as_json=as_json)


def show(settings: Settings, *, as_json: bool) -> None:
    """Say where it is, and whether it is there; no passphrase is asked for. Raises KeyStop if it is not."""
    keeper, found = wiring.keeper_of(settings), wiring.key_of(settings)
    place = found.place
    key_id = found.key_id if place is not None else ""
    lost = _lost(settings, found, place)
    if as_json:
        named = place.value if place is not None else None
        options.emit({"place": named, "id": key_id or None, "there": place is not None and lost is None})
    if lost is not None:
        raise lost
    if as_json:
        return
    if place is None:
        where = keeper.where(keeper.choose())
        options.tell(f"There is no key yet. The first import makes one; it will be {where}.")
        return
    options.tell(f"The key of {keeper.what} is {keeper.where(place, key_id)}.")
    if words := keeper.warning(place):
        options.tell(words)
    if place is Place.FOLDER:
        options.tell("Whoever has a copy of this folder can read everything in it. Next: gsmsend key move --help")


def _lost(settings: Settings, found: OperationKey, place: Place | None) -> KeyStop | None:
    """Why the key that this operation had cannot be had, with what to do; None if it is where it should be."""
    try:
        if place in {Place.HOME, Place.KEYRING}:
            found.unlock()
        elif place is None and settings.may_have_store:
            with closing(KeyedView(store_place(settings), key=found)) as view:
                found.open(needed=view.keyed())
    except KeyStop as problem:
        return problem
    return None


@key.command()
@click.argument("place", type=_PLACES)
@options.operation_or_groups
@unlocking.unlocks
@unlocking.new_passphrase
def move(place: str, folder: Path) -> None:
    """Keep the key elsewhere: in the keyring of your login, under a passphrase, or in your own folder (home).

    It is in the new place, and was read back from there, before it is taken away from the old one. To change a
    passphrase, move it to passphrase again.
    """
    settings = settings_of(folder)
    to = Place(place)
    with wiring.operation_lock(settings):
        found = wiring.key_of(settings)
        if found.place is None:
            raise UsageError(
                "there is no key yet, so it cannot be moved: the first import makes one",
                remedy=f'To have it made there, put keep = "{place}" under [key] in gsmsend.toml.',
            )
        found.unlock()
        with recording(settings, to) as record:
            found.move(to, record)
        share_key(store_place(settings), found)
    keeper = wiring.keeper_of(settings)
    options.tell(f"The key of {keeper.what} is now {keeper.where(to, found.key_id)}.")
    options.tell("Copies of the folder that were made before know only the old place.")
    options.tell(f"Next: gsmsend key backup FILE{options.where(folder)}")


@key.command()
@click.argument("file", type=_FILE)
@options.operation_or_groups
@unlocking.unlocks
@unlocking.new_passphrase
@click.pass_context
def backup(ctx: click.Context, file: Path, folder: Path) -> None:
    """Write the key into FILE, under a passphrase of its own, for the day on which the laptop is gone.

    Keep FILE apart from copies of the operation, and the passphrase apart from both.
    """
    settings = settings_of(folder)
    if file.resolve().is_relative_to(settings.folder.resolve()):
        raise UsageError(
            f"{file} would lie in the operation's own folder, and be lost with it",
            remedy="Name a file elsewhere, such as on a memory stick that is locked away.",
        )
    if file.exists():
        raise UsageError(f"{file} is there already; it was left as it is", remedy="Name another file.")
    found = wiring.key_of(settings)
    found.unlock()
    found.back_up(file, unlocking.new_one("this backup", unlocking.new_file(ctx), settings.folder.resolve()))
    options.tell(f"The key is in {file}, under that passphrase. Nobody can recover the passphrase.")


@key.command()
@click.argument("file", type=_FILE)
@click.option("--to", "to", type=_PLACES, help="Where to keep it.  [default: as gsmsend.toml says]")
@options.operation_or_groups
@click.option(
    "--passphrase-file", "backup_file", metavar="FILE", type=_FILE,
    help="A file whose first line is the passphrase of the backup.  [default: asked]",
)  # fmt: skip
@unlocking.new_passphrase
def restore(file: Path, to: str | None, folder: Path, backup_file: Path | None) -> None:
    """Put the key back from FILE, which 'gsmsend key backup' wrote: on a new laptop, or when it was lost."""
    settings = settings_of(folder)
    envelope = moving.read_backup(file)
    octets = _opened(envelope, file, backup_file, settings)
    with wiring.operation_lock(settings):
        _belongs(settings, octets)
        keeper = wiring.keeper_of(settings)
        place = Place(to) if to is not None else keeper.choose()
        path = wiring.key_of(settings).path
        keeper.asker.opened[envelope.key_id] = octets

        def record() -> None:
            with recording(settings, place) as enter:
                enter()

        moving.put_back(path, keeper, octets, envelope.key_id, place, record)
    options.tell(f"The key of {keeper.what} is back: it is {keeper.where(place, envelope.key_id)}.")
    options.tell("Where it was kept before, as on an old computer, it still is.")
    options.tell(f"Next: gsmsend doctor{options.where(folder)}")


@contextmanager
def recording(settings: Settings, place: Place) -> Iterator[Callable[[], None]]:
    """What puts on record that the key is in `place` now, with the store opened for it beforehand."""
    with closing(wiring.open_store(settings, older_stops=False)) as store:
        by = access.signed_in() or person()
        yield lambda: store.record_now(Kind.KEY, {"place": place.value, "by": by}, time.time())


def _opened(envelope: Envelope, file: Path, given: Path | None, settings: Settings) -> bytes:
    """The key in a backup. Raises KeyStop."""
    asker = unlocking.Passphrases(settings.folder.resolve(), given, None, up_front=True)
    for more in reversed(range(asker.tries)):
        octets = envelope.opened(asker.known(f"the backup {file}"))
        if octets is not None:
            return octets
        if more:
            asker.tell(f"That is not the passphrase; {more} more {'try' if more == 1 else 'tries'}.")
    raise KeyStop(
        f"that is not the passphrase of the backup {file}, or the file was changed",
        remedy="Give the same command again. Nobody can recover a lost passphrase.",
    )


def _belongs(settings: Settings, octets: bytes) -> None:
    """Raise KeyStop if the store was made with another key."""
    if not settings.may_have_store:
        return
    view = KeyedView(store_place(settings), key=OperationKey.holding(settings.folder / NAME, octets))
    with closing(view):
        fits = view.key_fits()
    if not fits:
        raise KeyStop(
            f"that is a backup of another operation's key: the store {settings.store_named} was made with another",
            remedy="Name the backup that was made of this operation.",
        )
