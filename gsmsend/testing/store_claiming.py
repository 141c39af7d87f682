"""The part of the store suite that is about lines of several hosts that take one text at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from gsmsend.errors import FenceLost
from gsmsend.model import State
from gsmsend.testing.store_desk import NOW_S, REFUSED, accepted, number
from gsmsend.testing.store_leasing import Several

_MANY = 60
_LATE_S = NOW_S + 60


class ClaimingSuite:
    """Store.claim, of one text, by a line under a lease. Part of StoreSuite."""

    def test_one_text_at_a_time_is_the_one_that_is_due_longest(self, several: Several) -> None:
        here = several.host("here")
        here.fill(*(number(index) for index in range(3)), segments=2)
        line = here.line()
        (first,) = here.claim(line, 1)
        assert (first.number, first.text, first.total) == (number(0), "Help is here.", 2)
        assert [(part.seq, part.tries) for part in first.parts] == [(1, 0), (2, 0)]
        assert [here.claim(line, 1)[0].number for _ in range(2)] == [number(1), number(2)]
        assert here.claim(line, 1) == []
        assert here.store.totals()[State.SENDING] == 3

    def test_one_text_comes_with_what_is_left_of_it_and_for_its_own_line_before_any_other(
        self, several: Several
    ) -> None:
        here, there = several.host("here"), several.host("there")
        here.fill(*(number(index) for index in range(3)), segments=3)
        line, other = here.line(), there.line(1)
        (begun,) = here.claim(line, 1)
        here.close(line, begun, here.open(line, begun), accepted(1), State.SENDING)
        attempt = here.open(line, begun, 2)
        here.close(line, begun, attempt, REFUSED, State.QUEUED, seq=2, due_at_s=_LATE_S)
        (older,) = there.claim(other, 1)
        assert older.number == number(1)
        there.store.release([older.message_id], NOW_S, other.line_id).result()
        assert [one.number for one in there.claim(other, 1, _LATE_S)] == [number(1)], (
            "the begun one is the other's"
        )
        assert [one.number for one in here.claim(line, 1)] == [number(2)], "what was begun is not due yet"
        (again,) = here.claim(line, 1, _LATE_S)
        assert again.message_id == begun.message_id
        assert [(part.seq, part.tries) for part in again.parts] == [(2, 1), (3, 0)]

    def test_its_own_text_goes_first_though_another_is_due_longer(self, several: Several) -> None:
        here = several.host("here")
        here.fill(number(0), segments=2)
        line = here.line()
        (begun,) = here.claim(line, 1)
        here.close(line, begun, here.open(line, begun), accepted(1), State.SENDING)
        attempt = here.open(line, begun, 2)
        here.close(line, begun, attempt, REFUSED, State.QUEUED, seq=2, due_at_s=_LATE_S)
        here.fill(number(1), name="b")
        assert [here.claim(line, 1, _LATE_S)[0].number for _ in range(2)] == [number(0), number(1)]

    def test_one_text_is_had_by_one_line_however_many_ask_at_once(self, several: Several) -> None:
        hosts = [several.host(name) for name in ("here", "there", "yonder")]
        hosts[0].fill(*(number(index) for index in range(_MANY)))
        lines = [(host, host.line(3 * at + index)) for at, host in enumerate(hosts) for index in range(3)]

        def all_that_it_gets(at: int) -> list[int]:
            host, line = lines[at]
            found = []
            while claimed := host.claim(line, 1):
                found += [one.message_id for one in claimed]
            return found

        with ThreadPoolExecutor(len(lines)) as pool:
            had = [one for each in pool.map(all_that_it_gets, range(len(lines))) for one in each]
        assert len(had) == len(set(had)) == _MANY

    def test_no_text_is_had_under_a_lease_that_was_lost(self, several: Several) -> None:
        here, there = several.host("here"), several.host("there")
        here.fill(number(1))
        line = here.line()
        several.silent(there)
        there.store.bury("here", NOW_S)
        with pytest.raises(FenceLost):
            here.claim(line, 1)
        here.store.let_go(line.line_id)
        with pytest.raises(FenceLost):
            here.claim(line, 1)
        assert there.store.totals()[State.QUEUED] == 1
