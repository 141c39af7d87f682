"""Whether somebody signed in, where gsmsend.toml asks for that. All other checks go on without."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

from gsmsend import wiring
from gsmsend.cli import signing_in
from gsmsend.cli.checks import Finding, Level
from gsmsend.config import Settings
from gsmsend.errors import GsmsendError, GuardStop


def found(settings: Settings) -> Iterator[Finding]:
    """Who is signed in, or why nobody is; nothing where nobody has to."""
    if not settings.access.roles:
        return
    try:
        with closing(wiring.open_view(settings)) as store:
            officer = signing_in.officer_of(settings, store, time.time())
    except GuardStop as stop:
        yield Finding(Level.BAD, "sign-in", str(stop), stop.remedy, exit_code=stop.exit_code)
    except GsmsendError:
        return  # the check of the store says so
    else:
        if officer is not None:
            yield Finding(Level.OK, "sign-in", f"{officer.name} is signed in, as {officer.role}")
