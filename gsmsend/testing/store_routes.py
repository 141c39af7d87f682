"""The part of the store suite about routes with handles of their own: reports, look-ups, accepted changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gsmsend.contract import AttemptClose, AttemptOpen, Claimed, Decision, LineRow, PartToSend, Role, Store
from gsmsend.errors import UsageError
from gsmsend.model import Device, Evidence, Outcome, OutcomeKind, Refusal, Report, Sim, State
from gsmsend.testing.store_desk import DELIVERED, NOW_S, UNKNOWN, Desk, number

KEY = "0123456789abcdef0123456789abcdef"
PENDING, FAILED = 0x30, 0x46
_CHANGES = ("A row stays in its sent folder.", "An app is installed on it.")


def took(handle: str) -> Outcome:
    """The route took the part, and calls it so."""
    return Outcome(OutcomeKind.ACCEPTED, handle=handle)


def said(handle: str, status: int = DELIVERED, words: str = "delivered", raw: str = "") -> Report:
    """A report as a route without TP-MR gives it."""
    return Report(None, "", status, raw=raw or f'{{"status": "{words}"}}', how="poll", handle=handle, said=words)


class RoutesSuite:
    """What every contract.Store must do for such routes. Part of StoreSuite."""

    @pytest.fixture
    def desk(self, store: Store) -> Desk:
        """Short words on the store under test."""
        return Desk(store)

    def account(self, desk: Desk, name: str = "notify DC Example", *, cloud: bool = True) -> LineRow:
        """A line that is an account."""
        device = Device("notify", "https://notify.example", virtual=True, account=name)
        return desk.store.line(Sim(), device, NOW_S, cloud=cloud)

    def begun(self, desk: Desk, line: LineRow, *, segments: int = 1, whole: bool = False) -> tuple[Claimed, int]:
        """A message with an open attempt at its first part, or at all of it."""
        desk.fill(number(1), segments=segments)
        (message,) = desk.claim(line)
        return message, self.opened(desk, line, message, whole=whole)

    def opened(
        self, desk: Desk, line: LineRow, message: Claimed, seq: int = 1, key: str = KEY, *, whole: bool = False
    ) -> int:
        """An open attempt with a key."""
        intent = AttemptOpen(message.message_id, seq, line.line_id, NOW_S, "POST /texts", key, whole=whole)
        attempt_id = desk.store.advance(None, intent).result().attempt_id
        assert attempt_id is not None
        return attempt_id

    def handed_over(self, desk: Desk, line: LineRow, *, segments: int = 1, handle: str = "R7") -> Claimed:
        """A message of which every part was accepted, known as R7#1, R7#2, ... where there are several."""
        message, attempt_id = self.begun(desk, line, segments=segments)
        for seq in range(1, segments + 1):
            attempt_id = attempt_id if seq == 1 else self.opened(desk, line, message, seq)
            state = State.SENT if seq == segments else State.SENDING
            known_as = handle if segments == 1 else f"{handle}#{seq}"
            desk.close(line, message, attempt_id, took(known_as), state, seq=seq)
        return message

    def test_a_line_may_be_an_account(self, desk: Desk) -> None:
        one, two = self.account(desk), self.account(desk, "notify DC Other", cloud=False)
        assert one.line_id != two.line_id
        assert one == self.account(desk)
        assert (one.driver, one.account, one.cloud) == ("notify", "notify DC Example", True)
        assert (two.cloud, desk.line().account) == (False, "")
        assert one.name.startswith("notify-")
        assert "Example" not in one.name

    def test_the_report_of_a_handle_needs_no_recipient(self, desk: Desk) -> None:
        line = self.account(desk)
        message = self.handed_over(desk, line)
        assert desk.store.report_counts().waiting == 1
        other = desk.store.record_report(line.line_id, said("R8"), NOW_S).result()
        assert other.message_id is None
        found = desk.store.record_report(line.line_id, said("R7"), NOW_S).result()
        assert (found.message_id, found.new) == (message.message_id, State.DELIVERED)
        (row,) = desk.store.messages()
        assert (row.parts[0].handle, row.parts[0].said, row.parts[0].reference) == ("R7", "delivered", None)
        counts = desk.store.report_counts()
        assert (counts.matched, counts.unmatched, counts.waiting) == (1, 1, 0)

    def test_a_number_in_what_a_provider_says_is_not_kept_in_clear(self, desk: Desk) -> None:
        line = self.account(desk)
        self.handed_over(desk, line)
        words = f"failed: {number(1)} is not reachable " + "x" * 500
        desk.store.record_report(line.line_id, said("R7", FAILED, words), NOW_S).result()
        (row,) = desk.store.messages()
        kept = row.parts[0].said or ""
        assert kept.startswith("failed: ")
        assert number(1)[1:] not in kept + row.why
        assert len(kept) < 200

    def test_another_line_may_use_the_same_handle(self, desk: Desk) -> None:
        line, other = self.account(desk), self.account(desk, "notify DC Other")
        self.handed_over(desk, line)
        assert desk.store.record_report(other.line_id, said("R7"), NOW_S).result().message_id is None
        assert desk.states()[number(1)] is State.SENT

    def test_parts_of_one_text_share_what_the_route_gave(self, desk: Desk) -> None:
        line = self.account(desk)
        self.handed_over(desk, line, segments=3)
        for seq in (1, 2, 3):
            assert desk.states()[number(1)] is State.SENT
            found = desk.store.record_report(line.line_id, said(f"R7#{seq}"), NOW_S).result()
            assert (found.seq, found.repeated) == (seq, False)
        assert desk.states()[number(1)] is State.DELIVERED

    def test_the_same_word_again_is_no_news_whatever_its_octets(self, desk: Desk) -> None:
        line = self.account(desk)
        self.handed_over(desk, line)
        found = [
            desk.store.record_report(line.line_id, said("R7", PENDING, "sending", raw), NOW_S).result().repeated
            for raw in ("at 10:00", "at 10:00", "at 10:01")
        ]
        assert found == [False, True, True]
        assert desk.store.report_counts().matched == 1
        assert desk.store.awaited_handles(line.line_id, 0.0) == ["R7"]

    def test_the_last_word_on_a_part_stands(self, desk: Desk) -> None:
        line = self.account(desk)
        self.handed_over(desk, line)
        desk.store.record_report(line.line_id, said("R7", FAILED, "failed"), NOW_S).result()
        later = desk.store.record_report(line.line_id, said("R7"), NOW_S).result()
        assert (later.new, later.repeated) == (None, False)
        (row,) = desk.store.messages()
        assert (row.state, row.parts[0].said) == (State.UNDELIVERED, "failed")
        assert row.why == "the report says: validity period expired (in the route's own word: failed)"
        assert desk.store.report_counts().unmatched == 0

    def test_a_report_that_came_before_the_handle_was_known_is_matched(self, desk: Desk) -> None:
        line = self.account(desk)
        message, attempt_id = self.begun(desk, line)
        desk.store.record_report(line.line_id, said("R7", PENDING, "sending"), NOW_S).result()
        desk.store.record_report(line.line_id, said("R7"), NOW_S).result()
        assert desk.close(line, message, attempt_id, took("R7"), State.SENT).state is State.DELIVERED
        assert desk.store.report_counts().unmatched == 0

    def test_handles_are_awaited_until_the_last_word(self, desk: Desk) -> None:
        line = self.account(desk)
        self.handed_over(desk, line, segments=2)
        assert desk.store.awaited_handles(line.line_id, 0.0) == ["R7#1", "R7#2"]
        assert desk.store.awaited_handles(line.line_id, NOW_S + 1) == []
        assert desk.store.awaited_handles(self.account(desk, "notify DC Other").line_id, 0.0) == []
        desk.store.record_report(line.line_id, said("R7#1"), NOW_S).result()
        assert desk.store.awaited_handles(line.line_id, 0.0) == ["R7#2"]

    @pytest.mark.parametrize("how", ["it was unknown", "the program was killed"])
    def test_the_record_of_the_route_settles_what_was_unknown(self, desk: Desk, how: str) -> None:
        line = self.account(desk)
        message, attempt_id = self.begun(desk, line)
        if how == "it was unknown":
            desk.close(line, message, attempt_id, UNKNOWN, State.UNCERTAIN)
        else:
            assert desk.store.recover(NOW_S).cut_off_s == {}, "no device is listened to for it"
        (doubt,) = desk.store.in_doubt(line.line_id, 0.0)
        assert (doubt.attempt_id, doubt.message_id, doubt.seq, doubt.total, doubt.key) == (
            attempt_id, message.message_id, 1, 1, KEY,
        )  # fmt: skip
        desk.store.record_report(line.line_id, said("R7"), NOW_S).result()
        assert desk.states()[number(1)] is State.UNCERTAIN
        assert desk.store.settle_lookup(attempt_id, took("R7"), NOW_S).result() == message.message_id
        assert desk.states()[number(1)] is State.DELIVERED
        assert desk.store.settle_lookup(attempt_id, took("R8"), NOW_S).result() is None
        assert desk.store.in_doubt(line.line_id, 0.0) == []

    def test_a_look_up_settles_an_attempt_that_others_followed(self, desk: Desk) -> None:
        line = self.account(desk)
        message, attempt_id = self.begun(desk, line)
        desk.close(line, message, attempt_id, UNKNOWN, State.UNCERTAIN)
        desk.fill(number(2), name="b")
        (other,) = desk.claim(line)
        desk.close(line, other, self.opened(desk, line, other, key="f" * 32), took("R8"), State.SENT)
        never = Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, why="its record has no such text")
        assert desk.store.settle_lookup(attempt_id, never, NOW_S).result() == message.message_id
        assert desk.states() == {number(1): State.QUEUED, number(2): State.SENT}

    @pytest.mark.parametrize(
        "how", ["at once", "by the record", "by its report", "by a late answer", "by a person"]
    )
    def test_once_a_whole_text_is_accepted_all_its_parts_are(self, desk: Desk, how: str) -> None:
        line, store = self.account(desk), desk.store
        message, attempt_id = self.begun(desk, line, segments=3, whole=True)
        if how == "at once":
            assert desk.close(line, message, attempt_id, took("R7#1"), State.SENT).state is State.SENT
        else:
            unknown = replace(UNKNOWN, handle="R7#1" if how == "by its report" else "")
            desk.close(line, message, attempt_id, unknown, State.UNCERTAIN)
        if how == "by the record":
            store.settle_lookup(attempt_id, took("R7#1"), NOW_S).result()
        elif how == "by a late answer":
            store.settle_last(line.line_id, took("R7#1"), Evidence.LATE_ANSWER, NOW_S).result()
        elif how == "by its report":
            store.record_report(line.line_id, said("R7#1", PENDING, "sending"), NOW_S).result()
        elif how == "by a person":
            decision = Decision(
                message.message_id, as_sent=True, reason="it has it", person="DC Example", at_s=NOW_S
            )
            store.resolve(decision)
        (row,) = store.messages()
        handle = None if how == "by a person" else "R7"
        assert row.state is State.SENT
        assert [part.outcome for part in row.parts] == [OutcomeKind.ACCEPTED] * 3
        assert [part.handle for part in row.parts] == [handle and f"{handle}#{seq}" for seq in (1, 2, 3)]
        assert desk.claim(line) == []

    def test_a_whole_text_that_went_while_it_was_stopped_is_on_record_as_sent(self, desk: Desk) -> None:
        line = self.account(desk)
        message, attempt_id = self.begun(desk, line, segments=2, whole=True)
        desk.store.cancel("campaign", "DC Example", "meant otherwise", NOW_S)
        assert desk.close(line, message, attempt_id, took("R7#1"), State.SENT).state is State.SENT

    def test_its_parts_may_become_known_while_the_next_text_is_under_way(self, desk: Desk) -> None:
        line = self.account(desk)
        message, attempt_id = self.begun(desk, line, segments=2, whole=True)
        desk.close(line, message, attempt_id, UNKNOWN, State.UNCERTAIN)
        desk.fill(number(2), name="b")
        (other,) = desk.claim(line)
        other_id = self.opened(desk, line, other, key="f" * 32, whole=True)
        desk.store.settle_lookup(attempt_id, took("R7#1"), NOW_S).result()
        desk.close(line, other, other_id, UNKNOWN, State.UNCERTAIN)
        settled = desk.store.settle_last(line.line_id, took("R8"), Evidence.LATE_ANSWER, NOW_S).result()
        assert settled == other.message_id
        assert desk.states() == {number(1): State.SENT, number(2): State.SENT}

    def test_a_whole_text_proven_not_taken_is_to_send_again_in_all_its_parts(self, desk: Desk) -> None:
        line = self.account(desk)
        message, attempt_id = self.begun(desk, line, segments=2, whole=True)
        desk.close(line, message, attempt_id, UNKNOWN, State.UNCERTAIN)
        never = Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, why="its record has no such text")
        desk.store.settle_lookup(attempt_id, never, NOW_S).result()
        (again,) = desk.claim(line)
        assert [part.seq for part in again.parts] == [1, 2]

    def test_a_report_of_another_number_is_not_of_the_part_that_has_its_handle(self, desk: Desk) -> None:
        line = self.account(desk)
        self.handed_over(desk, line)
        theirs = replace(said("R7"), recipient=number(9))
        assert desk.store.record_report(line.line_id, theirs, NOW_S).result().message_id is None
        assert desk.states()[number(1)] is State.SENT
        ours = replace(said("R7", raw="ours"), recipient=number(1).removeprefix("+"))
        assert desk.store.record_report(line.line_id, ours, NOW_S).result().new is State.DELIVERED

    @pytest.mark.parametrize(("recipient", "before_s"), [(number(9), 0.0), ("", 1.0)], ids=["another", "older"])
    def test_what_was_said_of_another_text_under_that_handle_is_not_taken_up(
        self, desk: Desk, recipient: str, before_s: float
    ) -> None:
        line = self.account(desk)
        message, attempt_id = self.begun(desk, line)
        report = replace(said("R7"), recipient=recipient)
        desk.store.record_report(line.line_id, report, NOW_S - before_s).result()
        assert desk.close(line, message, attempt_id, took("R7"), State.SENT).state is State.SENT
        assert desk.store.report_counts().unmatched == 1

    @pytest.mark.parametrize(("recipient", "before_s"), [(number(9), 0.0), ("", 1.0)], ids=["another", "older"])
    def test_it_proves_nothing_of_an_unknown_text_either(
        self, desk: Desk, recipient: str, before_s: float
    ) -> None:
        line = self.account(desk)
        message, attempt_id = self.begun(desk, line)
        report = replace(said("R7"), recipient=recipient)
        desk.store.record_report(line.line_id, report, NOW_S - before_s).result()
        desk.close(line, message, attempt_id, replace(UNKNOWN, handle="R7"), State.UNCERTAIN)
        assert desk.states()[number(1)] is State.UNCERTAIN

    def test_a_report_under_our_own_key_proves_that_an_unknown_text_went_out(self, desk: Desk) -> None:
        line = self.account(desk)
        message, attempt_id = self.begun(desk, line)
        desk.close(line, message, attempt_id, UNKNOWN, State.UNCERTAIN)
        found = desk.store.record_report(line.line_id, said(KEY), NOW_S).result()
        assert found.message_id == message.message_id
        assert desk.states()[number(1)] is State.DELIVERED

    def test_what_has_no_key_cannot_be_asked_for(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.close(line, message, desk.open(line, message), UNKNOWN, State.UNCERTAIN)
        assert desk.store.in_doubt(line.line_id, 0.0) == []

    def test_a_line_that_takes_only_what_is_meant_for_it(self, desk: Desk) -> None:
        line = self.account(desk)
        desk.fill(number(1))
        assert desk.store.claim(line.line_id, 9, NOW_S, bound_only=True).result() == []
        desk.fill(number(2), segments=2, name="b")
        one, two = desk.claim(line)
        desk.store.release([one.message_id], NOW_S).result()
        close = AttemptClose(
            self.opened(desk, line, two), two.message_id, 1, 2, line.line_id, took("R7#1"), NOW_S, State.SENDING
        )
        desk.store.advance(close, None).result()
        desk.store.release([two.message_id], NOW_S).result()
        (bound,) = desk.store.claim(line.line_id, 9, NOW_S, bound_only=True).result()
        assert (bound.message_id, bound.parts) == (two.message_id, (PartToSend(2, 0),))

    def test_changes_are_accepted_in_their_very_words_for_one_endpoint(self, desk: Desk) -> None:
        store = desk.store
        store.add_officer("DC Example", "ab" * 32, "pc1", "pc9", NOW_S)
        assert store.accepted_changes("android", "serial1", _CHANGES) is None
        store.accept_changes("DC Example", "android", "serial1", _CHANGES, "authority 12/26", NOW_S)
        found = store.accepted_changes("android", "serial1", _CHANGES)
        assert found is not None
        assert (found.person, found.at_s) == ("DC Example", NOW_S)
        assert store.accepted_changes("android", "serial2", _CHANGES) is None
        assert store.accepted_changes("bluetooth", "serial1", _CHANGES) is None
        assert store.accepted_changes("android", "serial1", _CHANGES[:1]) is None
        for person, words in (("", _CHANGES), ("DC Example", ())):
            with pytest.raises(UsageError):
                store.accept_changes(person, "android", "serial1", words, "", NOW_S)

    @pytest.mark.parametrize("who", ["nobody", "operator", "demoted", "removed"])
    def test_what_no_approver_stands_for_is_not_accepted(self, desk: Desk, who: str) -> None:
        store = desk.store
        if who != "nobody":
            role = Role.OPERATOR if who == "operator" else Role.APPROVER
            store.add_officer("DC Example", "ab" * 32, "pc1", "pc9", NOW_S, role)
        store.accept_changes("DC Example", "android", "serial1", _CHANGES, "authority 12/26", NOW_S)
        assert (store.accepted_changes("android", "serial1", _CHANGES) is None) == (who in ("nobody", "operator"))
        if who == "demoted":
            store.change_officer("DC Example", Role.OPERATOR, "pc9", NOW_S)
        elif who == "removed":
            store.remove_officer("DC Example", "pc9", NOW_S)
        assert store.accepted_changes("android", "serial1", _CHANGES) is None

    def test_all_that_was_ever_accepted_is_told_with_its_words(self, desk: Desk) -> None:
        store = desk.store
        store.add_officer("DS Other", "ab" * 32, "pc1", "pc9", NOW_S)
        assert store.all_accepted_changes() == []
        store.accept_changes("DC Example", "android", "serial1", _CHANGES[:1], "why", NOW_S, "5160")
        assert store.all_accepted_changes()[0].signature == "5160"
        store.accept_changes("DS Other", "android", "serial1", _CHANGES, "why", NOW_S + 60)
        one, two = store.all_accepted_changes()
        assert [(row.person, row.at_s) for row in (one, two)] == [("DC Example", NOW_S), ("DS Other", NOW_S + 60)]
        assert one.what == f"android serial1 changes there: {_CHANGES[0]}"
        assert two == store.accepted_changes("android", "serial1", _CHANGES)
