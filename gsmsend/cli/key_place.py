"""What `gsmsend init` says of the key that a new operation will have."""

from __future__ import annotations

from gsmsend import wiring
from gsmsend.cli import unlocking
from gsmsend.cli.options import say, tell
from gsmsend.config import Settings
from gsmsend.errors import KeyStop
from gsmsend.keyplace import Place
from gsmsend.store.engine import is_there
from gsmsend.wiring.opening import joined, store_place


def begin(settings: Settings) -> bool:
    """Say where the key will be kept; what goes under a passphrase is made now, with a person there.

    True if the operation is there already, in a store on a server: then it has a key, which is said. Raises
    KeyStop, StoreError, UsageError.
    """
    wiring.ask_with(unlocking.asker)
    if settings.store and is_there(store_place(settings)):
        _join(settings)
        return True
    keeper = wiring.keeper_of(settings)
    place = keeper.choose()
    tell(f"The key that opens its numbers and texts will be {keeper.where(place)}.")
    if place is Place.PASSPHRASE:
        say("Three or four words make a good passphrase. Nobody can recover it; it is asked for by each command.")
        wiring.key_of(settings).make()
    elif words := keeper.warning(place):
        tell(words)
    return False


def _join(settings: Settings) -> None:
    """Have the key of an operation that is there, or say how it comes here."""
    joined(settings, store_place(settings))
    key = wiring.key_of(settings)
    if key.open(needed=False):
        tell("Its key is under the passphrase that it has on the computer where it was begun.")
        return
    try:
        key.open(needed=True)
    except KeyStop as missing:
        words = str(missing)
        tell(f"{words[0].upper()}{words[1:]}.")
        tell(missing.remedy)
