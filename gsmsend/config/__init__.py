"""gsmsend.toml to frozen settings."""

from gsmsend.config.parsing import FILE, load, parse, template
from gsmsend.config.values import (
    AccessTerms,
    ApprovalPolicy,
    EvidenceTerms,
    Keep,
    KeyTerms,
    LineTerms,
    Pace,
    Pin,
    Prices,
    Recovery,
    Replies,
    Retry,
    Settings,
    Wording,
)

__all__ = [
    "FILE",
    "AccessTerms",
    "ApprovalPolicy",
    "EvidenceTerms",
    "Keep",
    "KeyTerms",
    "LineTerms",
    "Pace",
    "Pin",
    "Prices",
    "Recovery",
    "Replies",
    "Retry",
    "Settings",
    "Wording",
    "load",
    "parse",
    "template",
]
