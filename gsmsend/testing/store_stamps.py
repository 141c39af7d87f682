"""The part of the store suite about the newest head and its time stamp."""

from __future__ import annotations

from gsmsend.audit import Kind
from gsmsend.contract import StampRow
from gsmsend.testing.store_desk import NOW_S, Desk, number

_SERVICE = "https://tsa.example.org/"
_TIME = "2025-06-15T15:06:40.000000Z"


class StampSuite:
    """Every test here must pass on every store."""

    def test_a_head_has_a_time_stamp_once_there_is_one_for_it(self, desk: Desk) -> None:
        store = desk.store
        assert store.last_stamp() is None
        desk.fill(number(1))
        head = store.sign_head(NOW_S)
        assert head is not None
        assert store.last_stamp() == StampRow(head.n, head.short)
        stamp = {"head": head.n, "hash": head.hash, "service": _SERVICE, "time": _TIME, "token": "AAAA"}
        store.record_now(Kind.TIMESTAMP, stamp, NOW_S)
        assert store.last_stamp() == StampRow(head.n, head.short, _SERVICE, _TIME)

    def test_a_stamp_of_another_head_is_not_taken_for_one_of_the_newest(self, desk: Desk) -> None:
        store = desk.store
        desk.fill(number(1))
        first = store.sign_head(NOW_S)
        desk.fill(number(2), name="b")
        second = store.sign_head(NOW_S)
        assert first is not None
        assert second is not None
        stamp = {"head": first.n, "hash": first.hash, "service": _SERVICE, "time": _TIME, "token": "AAAA"}
        store.record_now(Kind.TIMESTAMP, stamp, NOW_S)
        assert store.last_stamp() == StampRow(second.n, second.short)
        why = {"head": second.n, "hash": second.hash, "service": _SERVICE, "why": "HTTP 500"}
        store.record_now(Kind.TIMESTAMP, why, NOW_S)
        assert store.last_stamp() == StampRow(second.n, second.short, _SERVICE, why="HTTP 500")
