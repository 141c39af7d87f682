"""The composition root: the only place that joins config, store, drivers and engine."""

from gsmsend.wiring.clearing import Clearance, clear_to_send, refusal, void
from gsmsend.wiring.holding import operation_lock
from gsmsend.wiring.keys import ask_with, keeper_of, key_of
from gsmsend.wiring.opening import open_store, open_view, rules
from gsmsend.wiring.remembering import accept_older, head_kept, older, remembered
from gsmsend.wiring.routes import drama_allowed, endpoints
from gsmsend.wiring.running import SystemClock, make_run

__all__ = [
    "Clearance",
    "SystemClock",
    "accept_older",
    "ask_with",
    "clear_to_send",
    "drama_allowed",
    "endpoints",
    "head_kept",
    "keeper_of",
    "key_of",
    "make_run",
    "older",
    "open_store",
    "open_view",
    "operation_lock",
    "refusal",
    "remembered",
    "rules",
    "void",
]
