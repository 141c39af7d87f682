"""Every fault of the harness. Importing this registers the cases."""

from tests.faults.catalogue import (
    cables,
    cards,
    exhibit,
    host_clock,
    host_disk,
    host_endings,
    modems,
    network,
    reports,
)

__all__ = [
    "cables",
    "cards",
    "exhibit",
    "host_clock",
    "host_disk",
    "host_endings",
    "modems",
    "network",
    "reports",
]
