"""TS 27.005, 27.007 and V.250 as a dialogue without I/O: bytes in, events and bytes out."""

from __future__ import annotations

from gsmsend.at.cms import Cause, CauseTable, Sent, standard_causes
from gsmsend.at.events import (
    Answered,
    Event,
    Final,
    Late,
    PromptSeen,
    Reply,
    Restarted,
    Result,
    SimChanged,
    Stale,
    Unsolicited,
)
from gsmsend.at.exchange import Stage
from gsmsend.at.session import Phase, Session, Trace
from gsmsend.at.unsolicited import STANDARD_RULES, Rule, RuleTable

__all__ = [
    "STANDARD_RULES",
    "Answered",
    "Cause",
    "CauseTable",
    "Event",
    "Final",
    "Late",
    "Phase",
    "PromptSeen",
    "Reply",
    "Restarted",
    "Result",
    "Rule",
    "RuleTable",
    "Sent",
    "Session",
    "SimChanged",
    "Stage",
    "Stale",
    "Trace",
    "Unsolicited",
    "standard_causes",
]
