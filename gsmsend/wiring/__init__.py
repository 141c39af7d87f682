"""The composition root: the only place that joins config, store, drivers and engine."""

from gsmsend.wiring.authority import check_authority
from gsmsend.wiring.clearing import Clearance, clear_to_send, refusal, void
from gsmsend.wiring.fallbacks import check_accounts, fallback_routes, fallbacks_of
from gsmsend.wiring.holding import operation_lock
from gsmsend.wiring.keys import ask_with, keeper_of, key_of
from gsmsend.wiring.moving import move_store, place_of
from gsmsend.wiring.opening import open_store, open_view, rules
from gsmsend.wiring.plugging import Sockets
from gsmsend.wiring.remembering import accept_older, head_kept, older, remembered
from gsmsend.wiring.routes import (
    Route,
    Survey,
    by_itself,
    changes,
    drama_allowed,
    endpoints,
    named,
    named_as,
    route,
    same_device,
    survey,
    unready,
)
from gsmsend.wiring.running import SystemClock, make_run

__all__ = [
    "Clearance",
    "Route",
    "Sockets",
    "Survey",
    "SystemClock",
    "accept_older",
    "ask_with",
    "by_itself",
    "changes",
    "check_accounts",
    "check_authority",
    "clear_to_send",
    "drama_allowed",
    "endpoints",
    "fallback_routes",
    "fallbacks_of",
    "head_kept",
    "keeper_of",
    "key_of",
    "make_run",
    "move_store",
    "named",
    "named_as",
    "older",
    "open_store",
    "open_view",
    "operation_lock",
    "place_of",
    "refusal",
    "remembered",
    "route",
    "rules",
    "same_device",
    "survey",
    "unready",
    "void",
]
