"""The evidence: whether the time-stamping service gives time stamps that are right."""

from __future__ import annotations

from collections.abc import Iterator

from gsmsend.cli.checks import Finding, Level
from gsmsend.config import Settings


def timestamps(settings: Settings) -> Iterator[Finding]:
    """The service is asked for a stamp of random octets. Without one texts are sent all the same."""
    if not settings.evidence.timestamp_url:
        if not settings.lab:
            yield Finding(
                Level.NOTE,
                "time stamps",
                "no time-stamping service is set: the log has no time stamps",
                "Write the head that each run shows into a notebook; or set [evidence] timestamp_url.",
            )
        return
    from gsmsend.timestamping import try_out  # noqa: PLC0415 - only where there is a service

    found = try_out(settings)
    if found.at is not None:
        yield Finding(Level.OK, "time stamps", f"{found.service} gives time stamps, and they are right")
        return
    words = f"no time stamp from {found.service}: {found.why}"
    yield Finding(
        Level.BAD, "time stamps", words, "Texts are sent all the same, and the log says that it has no stamp."
    )
