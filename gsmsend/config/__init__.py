"""gsmsend.toml to frozen settings."""

from gsmsend.config.parsing import FILE, load, parse, template
from gsmsend.config.values import (
    ApprovalPolicy,
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
    "ApprovalPolicy",
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
