"""How the app is set: what would pass texts on to others, and what would hold them up."""

from __future__ import annotations

from collections.abc import Mapping

from gsmsend.errors import GuardStop
from gsmsend_handset.android.app import App


def check(app: App) -> list[str]:
    """What a person should know of how it is set. Raises GuardStop if it passes on what it hears."""
    hooks = app.webhooks()
    if hooks:
        raise GuardStop(
            f"the app passes on what comes in, and what becomes of texts, to {hooks} addresses (webhooks); "
            "nothing was sent",
            remedy="Take the webhooks out of the app, under 'Settings'.",
        )
    notes = []
    messages = app.settings().get("messages")
    if isinstance(messages, Mapping):
        limit, period = messages.get("limit_value"), messages.get("limit_period")
        if isinstance(limit, int) and limit > 0 and period not in {None, "Disabled"}:
            notes.append(
                f"the app itself lets no more than {limit} texts go ({period}): texts over that stay in it until "
                "their time to live is over, and are uncertain meanwhile; switch that off, gsmsend keeps the pace"
            )
        if messages.get("send_interval_max"):
            notes.append(
                "the app itself waits between texts (send interval): switch that off, gsmsend keeps the pace"
            )
    return notes
