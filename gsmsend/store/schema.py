"""The tables. Times are seconds since the epoch, UTC; states and outcomes are the words of gsmsend.model.

A LargeBinary column is sealed (store/seals.py) under the key of its campaign, or of the campaign whose replies
that one answers; NULL in it means forgotten. `person`, `tail`, `fingerprints`, `..._digest` and the `digest` of
lists and texts are keyed hashes, to look things up by; that of an approval is a hash of salted content.

text      one wording of one campaign; `campaign_id` 0 came from an earlier version and is in use no more
campaign  `released_at_s` once it may be sent; `canary` is how many first texts go alone, `canary_passed` why
          the rest may follow; `paused` and `cancelled` say by whom and why; `parent_id` is the campaign whose
          replies this one acknowledges
message   one text to one recipient, `person` by the hash of their number, `tail` by that of its last 7 digits;
          `bound_line` is 0 until a part was accepted, then the line that must carry the rest, since the
          recipient's phone joins parts by their sender; below 0 it waits for the wanted line of that number;
          `stop` is why no part of it may be sent any more; while it is being sent, `claim_line` has taken it up
sighting  a row that led to a message, the first one or a duplicate: where it stood and what stood there
wanted    a line that the config names and an import asked for; `line_id` once its SIM came up
part      1..n of a message; `answered` turns 1 with its final report; `handle` is what a route without TP-MR
          calls it, `said` that route's own word of what became of it
attempt   one try to hand one part to one line; at most one open attempt a line, held by an index; an unknown
          one that became known later says by what evidence (`settled_by`); `key` is our own name for it
line      one SIM, or one account with its sender (`cloud` is 1 where that is not the number that people know);
          `counter_seen` is the IMEI of the device that was seen to advance the SIM's own count of
          texts (EF-SMSS), NULL while none was; `counter_value` is that count as read when the line's newest
          attempt was `counter_after` (0 for none); `mark` is the device's IMEI and what it keeps until it
          restarts, given when the newest attempt was `mark_after`
look      what a device's own memories held when a line was first seen in it, each PDU by its fingerprint: none of
          that came during this operation, so none of it is taken for a reply or for a report of ours
report    every status report that came, matched (`part_id`) or not; `campaign_id` says under whose key it is
          sealed, 0 for our own while it is about no message that we know of; so it is with inbound texts
suppression  a person who must not be texted, as a keyed hash of the number; `kind` is `never` or `opt-out`; the
          row of kind `key` is no person, it tells the operation's key from any other
reply     what a received text (its first part) answers; `flag` is words out of `danger`, `stop` and `doubtful`
          with blanks between them, or `old` for a text from before the operation's first one; `words` is what
          was found in it
officer   `role` is what they may do (gsmsend.contract.Role); `unmask` is 1 for who may see numbers in full
approval  an officer's signature over `content`, canonical JSON; void once anything in it has changed
visit     how often a campaign's link was opened on a day, all people together
audit     the audit log (docs/audit-log.md): `line` is the entry, `hash` its SHA-256, `secrets` what its
          commitments stand for, sealed under the key of `campaign_id` (0 for the operation's own), `mac` what
          shows that it was written with the operation's key
keys      the content keys, one a campaign (0 for what belongs to none), `wrapped` by the operation's key; a
          destroyed one is NULL, and what it sealed is gone; -1 is none, it marks a store older than its log
fallback  a message that goes over its campaign's fallback, in the wording `text_id` over the line `line_id`; its
          own text stays that of the message; `home_...` is what it was before, `home_at_s` when it was so again
trial     the message that tried a fallback's wording, by a keyed hash of wording, sender, route and phone
outage    a line that is out of use, by which rule of the fallbacks, and since when
host      who works on the operation: one run on one computer. `fence` goes up whenever it begins, or is taken for
          dead: what bears an older one does nothing. `run` is that run by a random name, `mark` where it runs by a
          hash; `state` is `up`, `left` or `lost`, `seen_at_s` when it said so and `until_s` until when it may be
          silent, both by the database's clock
lease     the host that works with a line, under that fence of it; 0: it has let go of it. Neither hosts nor leases
          are evidence: the log tells what was done, not who could have
pin       each approval under which a PIN was typed into a SIM, never the PIN; `accepted` 0 is a refusal, or a
          stop before the answer was known
"""

from __future__ import annotations

import sqlalchemy as sa

from gsmsend.store.schema_fall import fallbacks, outages, trials
from gsmsend.store.schema_heard import inbound, replies, reports
from gsmsend.store.schema_hosts import hosts, leases
from gsmsend.store.schema_log import WHOLE, audit, keys, metadata

__all__ = [
    "HEAD", "approvals", "attempts", "audit", "campaigns", "decisions", "fallbacks", "hosts", "imports", "inbound",
    "keys", "leases", "lines", "looks", "messages", "metadata", "officers", "outages", "parts", "pins",
    "refused_rows", "replies", "reports", "sightings", "suppressions", "texts", "trials", "visits", "wanted_lines",
]  # fmt: skip

HEAD = "0007"
"""The newest revision in store/migrations/versions."""

texts = sa.Table(
    "texts",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("campaign_id", WHOLE, nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("body", sa.LargeBinary),
    sa.Column("segments", WHOLE, nullable=False),
    sa.UniqueConstraint("campaign_id", "digest"),
)

campaigns = sa.Table(
    "campaigns",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("name", sa.String, nullable=False, unique=True),
    sa.Column("created_at_s", sa.Float, nullable=False),
    sa.Column("parent_id", WHOLE),
    sa.Column("released_at_s", sa.Float),
    sa.Column("canary", WHOLE, nullable=False, server_default="0"),
    sa.Column("canary_passed", sa.String, nullable=False, server_default=""),
    sa.Column("paused", sa.String, nullable=False, server_default=""),
    sa.Column("cancelled", sa.String, nullable=False, server_default=""),
)

wanted_lines = sa.Table(
    "wanted_lines",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("name", sa.String, nullable=False, unique=True),
    sa.Column("line_id", WHOLE),
)

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), nullable=False),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("accepted", WHOLE, nullable=False),
    sa.Column("duplicates", WHOLE, nullable=False),
    sa.Column("refused", WHOLE, nullable=False),
    sa.Column("complete", WHOLE, nullable=False, server_default="0"),
    sa.Column("at_s", sa.Float, nullable=False),
    sa.Column("person", sa.String, nullable=False, server_default=""),
    sa.Column("wanted_line", sa.String, nullable=False, server_default=""),
    sa.UniqueConstraint("campaign_id", "digest"),
)

refused_rows = sa.Table(
    "refused_rows",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("import_id", sa.ForeignKey("imports.id"), nullable=False, index=True),
    sa.Column("row", WHOLE, nullable=False),
    sa.Column("value", sa.LargeBinary),
    sa.Column("why", sa.String, nullable=False),
    sa.Column("place", sa.String, nullable=False, server_default=""),
)

sightings = sa.Table(
    "sightings",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("import_id", sa.ForeignKey("imports.id"), nullable=False, index=True),
    sa.Column("message_id", sa.ForeignKey("messages.id"), nullable=False, index=True),
    sa.Column("place", sa.String, nullable=False),
    sa.Column("row", WHOLE, nullable=False),
    sa.Column("original", sa.LargeBinary),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("seen", WHOLE, nullable=False, server_default="1"),
    sa.Column("first_s", sa.Float),
    sa.Column("last_s", sa.Float),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), nullable=False),
    sa.Column("import_id", sa.ForeignKey("imports.id"), nullable=False),
    sa.Column("row", WHOLE, nullable=False),
    sa.Column("number", sa.LargeBinary),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("tail", sa.String, nullable=False),
    sa.Column("text_id", sa.ForeignKey("texts.id"), nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("why", sa.String, nullable=False, server_default=""),
    sa.Column("due_at_s", sa.Float, nullable=False),
    sa.Column("bound_line", WHOLE, nullable=False, server_default="0"),
    sa.Column("parts", WHOLE, nullable=False),
    sa.Column("changed_at_s", sa.Float, nullable=False),
    sa.Column("stop", sa.String, nullable=False, server_default=""),
    sa.Column("claim_line", WHOLE),
    sa.UniqueConstraint("person", "campaign_id", "text_id"),
)
sa.Index("ix_messages_tail", messages.c.tail)
sa.Index("ix_messages_queue", messages.c.state, messages.c.bound_line, messages.c.due_at_s, messages.c.id)

parts = sa.Table(
    "parts",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("message_id", sa.ForeignKey("messages.id"), nullable=False),
    sa.Column("seq", WHOLE, nullable=False),
    sa.Column("tries", WHOLE, nullable=False, server_default="0"),
    sa.Column("line_id", WHOLE),
    sa.Column("attempt_id", WHOLE),
    sa.Column("reference", WHOLE),
    sa.Column("outcome", sa.String),
    sa.Column("code", WHOLE),
    sa.Column("report", sa.String),
    sa.Column("tp_status", WHOLE),
    sa.Column("answered", WHOLE, nullable=False, server_default="0"),
    sa.Column("handle", sa.String),
    sa.Column("said", sa.String),
    sa.UniqueConstraint("message_id", "seq"),
)
sa.Index(
    "ix_parts_handle",
    parts.c.line_id,
    parts.c.handle,
    sqlite_where=sa.text("handle IS NOT NULL"),
    postgresql_where=sa.text("handle IS NOT NULL"),
)
sa.Index(
    "ix_parts_waiting",
    parts.c.line_id,
    parts.c.reference,
    sqlite_where=sa.text("answered = 0 AND reference IS NOT NULL"),
    postgresql_where=sa.text("answered = 0 AND reference IS NOT NULL"),
)
sa.Index(
    "ix_parts_unknown",
    parts.c.line_id,
    sqlite_where=sa.text("outcome = 'unknown'"),
    postgresql_where=sa.text("outcome = 'unknown'"),
)

lines = sa.Table(
    "lines",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("name", sa.String, nullable=False, unique=True),
    sa.Column("identity", sa.String, nullable=False, unique=True),
    sa.Column("iccid", sa.String),
    sa.Column("imsi", sa.String),
    sa.Column("imei", sa.String),
    sa.Column("number", sa.String),
    sa.Column("driver", sa.String, nullable=False),
    sa.Column("device", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("why", sa.String, nullable=False, server_default=""),
    sa.Column("signal_dbm", WHOLE),
    sa.Column("operator", sa.String, nullable=False, server_default=""),
    sa.Column("counter_seen", sa.String),
    sa.Column("counter_value", WHOLE),
    sa.Column("counter_after", WHOLE),
    sa.Column("mark", sa.String),
    sa.Column("mark_after", WHOLE),
    sa.Column("seen_at_s", sa.Float, nullable=False),
    sa.Column("cloud", WHOLE, nullable=False, server_default="0"),
    sa.Column("virtual", WHOLE, nullable=False, server_default="0"),
)

looks = sa.Table(
    "looks",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("line_id", sa.ForeignKey("lines.id"), nullable=False),
    sa.Column("imei", sa.String, nullable=False),
    sa.Column("fingerprints", sa.String, nullable=False),
    sa.Column("at_s", sa.Float, nullable=False),
    sa.UniqueConstraint("line_id", "imei"),
)

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("message_id", sa.ForeignKey("messages.id"), nullable=False),
    sa.Column("seq", WHOLE, nullable=False),
    sa.Column("line_id", sa.ForeignKey("lines.id"), nullable=False),
    sa.Column("opened_at_s", sa.Float, nullable=False),
    sa.Column("closed_at_s", sa.Float),
    sa.Column("outcome", sa.String),
    sa.Column("refusal", sa.String),
    sa.Column("reference", WHOLE),
    sa.Column("code", WHOLE),
    sa.Column("raw", sa.String, nullable=False, server_default=""),
    sa.Column("why", sa.String, nullable=False, server_default=""),
    sa.Column("settled_by", sa.String),
    sa.Column("key", sa.String),
    sa.Column("handle", sa.String),
    sa.Column("whole", WHOLE, nullable=False, server_default="0"),
)
sa.Index(
    "ix_attempts_open",
    attempts.c.line_id,
    unique=True,
    sqlite_where=sa.text("closed_at_s IS NULL"),
    postgresql_where=sa.text("closed_at_s IS NULL"),
)
sa.Index(
    "ix_attempts_accepted",
    attempts.c.line_id,
    attempts.c.outcome,
    sqlite_where=sa.text("outcome = 'accepted'"),
    postgresql_where=sa.text("outcome = 'accepted'"),
)
sa.Index("ix_attempts_message_id_seq", attempts.c.message_id, attempts.c.seq)
sa.Index("ix_attempts_line_id_opened_at_s", attempts.c.line_id, attempts.c.opened_at_s)

pins = sa.Table(
    "pins",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("identity", sa.String, nullable=False),
    sa.Column("approval", WHOLE, nullable=False),
    sa.Column("accepted", WHOLE, nullable=False, server_default="0"),
    sa.Column("at_s", sa.Float, nullable=False),
    sa.UniqueConstraint("identity", "approval"),
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("at_s", sa.Float, nullable=False),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("what", sa.String, nullable=False),
    sa.Column("message_id", sa.ForeignKey("messages.id")),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("campaign_id", WHOLE),
    sa.Column("signature", sa.String),
)

suppressions = sa.Table(
    "suppressions",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("at_s", sa.Float, nullable=False),
    sa.Column("ended_at_s", sa.Float),
    sa.UniqueConstraint("digest", "kind"),
)

officers = sa.Table(
    "officers",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("name", sa.String, nullable=False, unique=True),
    sa.Column("public_key", sa.String, nullable=False, unique=True),
    sa.Column("login", sa.String, nullable=False),
    sa.Column("added_by", sa.String, nullable=False),
    sa.Column("added_at_s", sa.Float, nullable=False),
    sa.Column("removed_at_s", sa.Float),
    sa.Column("role", sa.String, nullable=False, server_default="approver"),
    sa.Column("unmask", WHOLE, nullable=False, server_default="0"),
)

approvals = sa.Table(
    "approvals",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), nullable=False, index=True),
    sa.Column("officer_id", sa.ForeignKey("officers.id"), nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("content", sa.LargeBinary),
    sa.Column("signature", sa.String, nullable=False),
    sa.Column("login", sa.String, nullable=False),
    sa.Column("at_s", sa.Float, nullable=False),
    sa.Column("voided_at_s", sa.Float),
    sa.Column("voided_why", sa.String, nullable=False, server_default=""),
)

visits = sa.Table(
    "visits",
    metadata,
    sa.Column("id", WHOLE, primary_key=True),
    sa.Column("campaign_id", sa.ForeignKey("campaigns.id"), nullable=False, index=True),
    sa.Column("day", sa.String, nullable=False),
    sa.Column("count", WHOLE, nullable=False),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("at_s", sa.Float, nullable=False),
)
