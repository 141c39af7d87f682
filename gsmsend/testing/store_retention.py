"""The part of the store suite about retention: from when on a campaign's data is kept for its days."""

from __future__ import annotations

from gsmsend.audit import Kind
from gsmsend.contract import Act, LastAct, LastExport
from gsmsend.testing.store_desk import NOW_S, Desk, number, report

_LATER_S = NOW_S + 86_400


def _only(desk: Desk) -> LastAct:
    (found,) = desk.store.last_acts()
    return found


class RetentionSuite:
    """Every test here must pass on every store."""

    def test_a_campaign_that_never_sent_counts_from_its_import(self, desk: Desk) -> None:
        assert desk.store.last_acts() == []
        desk.fill(number(1), number(2))
        assert _only(desk) == LastAct(1, "campaign", NOW_S, Act.IMPORT, 2, 2, None)

    def test_a_send_counts_and_its_report_counts_after_it(self, desk: Desk) -> None:
        desk.fill(number(1), number(2))
        line = desk.line()
        first, _ = desk.claim(line)
        desk.send(line, first, 7)
        assert (_only(desk).what, _only(desk).last_s, _only(desk).waiting) == (Act.SEND, NOW_S, 1)
        desk.store.record_report(line.line_id, report(7, number(1)), _LATER_S).result()
        assert (_only(desk).what, _only(desk).last_s, _only(desk).waiting) == (Act.REPORT, _LATER_S, 1)

    def test_a_cancellation_counts_if_it_was_last_and_nothing_waits_after_it(self, desk: Desk) -> None:
        desk.fill(number(1), number(2))
        desk.store.cancel("campaign", "pc1", "", _LATER_S)
        assert _only(desk) == LastAct(1, "campaign", _LATER_S, Act.CANCEL, 2, 0, None)

    def test_pausing_settles_nothing_and_counts_for_nothing(self, desk: Desk) -> None:
        desk.fill(number(1))
        desk.store.pause("campaign", "pc1", "", _LATER_S)
        desk.store.resume("campaign", "pc1", "", _LATER_S)
        assert _only(desk).last_s == NOW_S

    def test_a_full_pack_has_all_until_something_changes(self, desk: Desk) -> None:
        desk.fill(number(1))
        assert desk.store.last_export() == LastExport(0, changed=True)
        desk.store.record_now(Kind.EXPORT, {"variant": "redacted"}, NOW_S)
        assert desk.store.last_export() == LastExport(1, changed=True)
        desk.store.record_now(Kind.EXPORT, {"variant": "full"}, NOW_S)
        desk.store.record_now(Kind.UNMASK, {"login": "pc1", "command": "messages"}, NOW_S)
        assert desk.store.last_export() == LastExport(2, changed=False)
        desk.fill(number(2), name="b")
        assert desk.store.last_export() == LastExport(2, changed=True)
