"""gsmsend.toml to frozen settings."""

from gsmsend.config.parsing import FILE, load, parse, template
from gsmsend.config.values import (
    AccessTerms,
    ApprovalPolicy,
    EvidenceTerms,
    FallbackTerms,
    Keep,
    KeyTerms,
    LineTerms,
    Pace,
    Pin,
    Prices,
    Recovery,
    Replies,
    Retry,
    Rule,
    Settings,
    Wording,
)

__all__ = [
    "FILE",
    "AccessTerms",
    "ApprovalPolicy",
    "EvidenceTerms",
    "FallbackTerms",
    "Keep",
    "KeyTerms",
    "LineTerms",
    "Pace",
    "Pin",
    "Prices",
    "Recovery",
    "Replies",
    "Retry",
    "Rule",
    "Settings",
    "Wording",
    "load",
    "parse",
    "template",
]
