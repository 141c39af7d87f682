"""Handsets that libgammu speaks to, as a driver of gsmsend. python-gammu (GPL) runs in a process apart: ADR 0017.

[driver.gammu]
device = "/dev/ttyACM0"       # as gammu's own config has it, with connection, and model if it needs one
connection = "fbususb"        # "at" unless given
python = "/usr/bin/python3"   # an interpreter that has python-gammu (Debian: python3-gammu)
"""

from __future__ import annotations

from gsmsend_handset.gammu.driver import GammuDriver

__all__ = ["DRIVER"]

DRIVER = GammuDriver()
