"""The audit log's guards on PostgreSQL: it is written on at its end, and nothing in it is changed or deleted.

The same as gsmsend.store.schema_log has for SQLite. Whoever owns the tables can drop these; they stop mistakes, of
gsmsend and at a database prompt. TRUNCATE, which SQLite does not have, is a guard of its own.
"""

from __future__ import annotations

import sqlalchemy as sa

_IN_TURN = "audit_is_in_turn"
_NOT_CHANGED = "audit_is_not_changed"
_KEPT = "audit_is_kept"
_NOT_EMPTIED = "audit_is_not_emptied"

_BODIES = {
    _IN_TURN: """BEGIN
    IF NEW.n IS DISTINCT FROM (SELECT coalesce(max(n), 0) + 1 FROM audit) THEN
        RAISE EXCEPTION 'the audit log is written on at its end only';
    END IF;
    RETURN NEW;
END""",
    _NOT_CHANGED: """BEGIN
    IF (NEW.n, NEW.kind, NEW.campaign_id, NEW.line, NEW.hash) IS DISTINCT FROM
       (OLD.n, OLD.kind, OLD.campaign_id, OLD.line, OLD.hash)
       OR NEW.mac IS DISTINCT FROM OLD.mac OR NEW.secrets IS NOT NULL THEN
        RAISE EXCEPTION 'no entry of the audit log is changed';
    END IF;
    RETURN NEW;
END""",
    _KEPT: """BEGIN
    RAISE EXCEPTION 'no entry of the audit log is deleted';
END""",
}
_EVENTS = {
    _IN_TURN: ("BEFORE INSERT ON audit FOR EACH ROW", _IN_TURN),
    _NOT_CHANGED: ("BEFORE UPDATE ON audit FOR EACH ROW", _NOT_CHANGED),
    _KEPT: ("BEFORE DELETE ON audit FOR EACH ROW", _KEPT),
    _NOT_EMPTIED: ("BEFORE TRUNCATE ON audit FOR EACH STATEMENT", _KEPT),
}
ONLY_WRITTEN_ON = tuple(
    f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$\n{body}\n$body$"
    for name, body in _BODIES.items()
) + tuple(
    f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {function}()" for name, (when, function) in _EVENTS.items()
)
_TRIGGERS = sa.text(
    "SELECT t.tgname, c.relname, p.proname, p.prosrc, t.tgtype, t.tgenabled::text, coalesce(t.tgqual::text, '') "
    "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
    "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace ORDER BY t.tgname"
)
_OTHERS = sa.text(
    "SELECT CASE relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, relname FROM pg_class "
    "WHERE relkind IN ('v', 'm') AND relnamespace = current_schema()::regnamespace "
    "UNION ALL SELECT 'rule', rulename FROM pg_rules WHERE schemaname = current_schema() ORDER BY 2"
)
_ROW, _BEFORE, _INSERT, _DELETE, _UPDATE, _TRUNCATE = 1, 2, 4, 8, 16, 32
"""Bits of pg_trigger.tgtype (postgresql's catalog/pg_trigger.h)."""
_TYPES = {
    _IN_TURN: _ROW | _BEFORE | _INSERT,
    _NOT_CHANGED: _ROW | _BEFORE | _UPDATE,
    _KEPT: _ROW | _BEFORE | _DELETE,
    _NOT_EMPTIED: _BEFORE | _TRUNCATE,
}


def acting(connection: sa.Connection) -> tuple[set[str], list[tuple[str, str]]]:
    """The guards that are in the store as they should be; what else acts in it, by kind and name."""
    right, others = set(), []
    for name, table, function, body, kind, enabled, condition in connection.execute(_TRIGGERS):
        meant = _EVENTS[name][1] if name in _EVENTS else ""
        as_made = (table, function, kind, enabled, condition) == ("audit", meant, _TYPES.get(name), "O", "")
        if as_made and body.strip() == _BODIES[meant]:
            right.add(name)
        else:
            others.append(("trigger", name))
    others += [(kind, name) for kind, name in connection.execute(_OTHERS)]
    return right, others


GUARDS = frozenset(_EVENTS)
