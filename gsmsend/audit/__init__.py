"""The audit log's form: entries, their hashes and commitments. Pure; docs/audit-log.md is its specification."""

from gsmsend.audit.chain import FIRST, Kind, canonical, commitment, digest, entry, new_salt, spans, stamp

__all__ = ["FIRST", "Kind", "canonical", "commitment", "digest", "entry", "new_salt", "spans", "stamp"]
