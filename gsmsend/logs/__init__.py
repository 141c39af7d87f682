"""A run's events as a structured log (docs/monitoring.md): what of each stands in it, and where it goes."""

from gsmsend.logs.entries import words
from gsmsend.logs.run_log import RunLog, journal_reads, where

__all__ = ["RunLog", "journal_reads", "where", "words"]
