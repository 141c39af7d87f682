"""What `gsmsend init` says of the key that a new operation will have."""

from __future__ import annotations

from gsmsend import wiring
from gsmsend.cli import unlocking
from gsmsend.cli.options import say, tell
from gsmsend.config import Settings
from gsmsend.keyplace import Place


def begin(settings: Settings) -> None:
    """Say where the key will be kept; what goes under a passphrase is made now, with a person there.

    Raises KeyStop, StoreError, UsageError.
    """
    wiring.ask_with(unlocking.asker)
    keeper = wiring.keeper_of(settings)
    place = keeper.choose()
    tell(f"The key that opens its numbers and texts will be {keeper.where(place)}.")
    if place is Place.PASSPHRASE:
        say("Three or four words make a good passphrase. Nobody can recover it; it is asked for by each command.")
        wiring.key_of(settings).make()
    elif words := keeper.warning(place):
        tell(words)
