"""AT modems on serial ports, USB or RFCOMM, as a driver of gsmsend (3GPP TS 27.005, TS 27.007).

`DRIVER` is what the entry point names. Quirks of makers are rows in profiles/*.toml.
"""

from __future__ import annotations

from gsmsend_atmodem.driver import AtModemDriver

__all__ = ["DRIVER"]

DRIVER = AtModemDriver()
