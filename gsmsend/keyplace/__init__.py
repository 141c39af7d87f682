"""Where an operation's key is kept: the keyring of the login, under a passphrase, or in the user's own folder.

Knows nothing of stores, settings and screens: whoever asks people for passphrases hands in an `Asker`.
"""

from __future__ import annotations

from gsmsend.keyplace.asking import NOBODY, Asker
from gsmsend.keyplace.envelope import LENGTH, Envelope, Place
from gsmsend.keyplace.home import Home, own_folder
from gsmsend.keyplace.keeper import Keeper

__all__ = ["LENGTH", "NOBODY", "Asker", "Envelope", "Home", "Keeper", "Place", "own_folder"]
