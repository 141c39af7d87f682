"""The virtual bench of gsmsend: modems, SIMs and a network that are not there (docs/adr/0005)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gsmsend.contract import Driver

    DRIVER: Driver


def __getattr__(name: str) -> Driver:
    """`DRIVER`, imported only when asked for: `gsmsend bench` and `--help` do without it."""
    if name == "DRIVER":
        from gsmsend_virtual.driver import VirtualDriver  # noqa: PLC0415 - see above

        driver = VirtualDriver()
        globals()["DRIVER"] = driver
        return driver
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
