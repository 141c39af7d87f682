"""The shared suite of any driver: subclass DriverSuite, give it a `bench` fixture, and pytest does the rest.

    class TestMyDriver(DriverSuite):
        @pytest.fixture
        def bench(self) -> Iterator[Bench]:
            bench = MyBench()
            yield bench
            bench.dispose()

`Bench` is what the suite needs of the far end. A fault applies to the next submission only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic, sleep
from typing import ClassVar

from gsmsend.contract import Countable, Link, Sink
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Outcome, OutcomeKind, Refusal
from gsmsend.testing.driver_bench import Bench, Commit, OnAir, Traits, expect, part
from gsmsend.testing.recording_sink import RecordingSink

__all__ = ["Bench", "Commit", "DriverSuite", "OnAir", "Traits", "expect", "part"]

PATIENCE_S = 5.0
"""How long a check waits for something that should take milliseconds."""


class _DiskFullError(Exception):
    pass


class DriverSuite:
    """Checks that every driver must pass. See the module's docstring for how to run them.

    `traits` say what kind of route it is; those of an AT modem unless a subclass has others.
    """

    traits: ClassVar[Traits] = Traits()

    def up(self, bench: Bench, sink: Sink, *, submit_timeout_s: float = 5.0) -> Link:
        """A link, brought up."""
        link = bench.make_link(sink, submit_timeout_s=submit_timeout_s)
        link.bring_up()
        return link

    def hear(self, link: Link, enough: Callable[[], object]) -> None:
        """Listen until `enough`, or until patience is at its end."""
        until = monotonic() + PATIENCE_S
        while not enough() and monotonic() < until:
            link.listen(0.05)

    def test_bring_up_says_who_it_is(self, bench: Bench) -> None:
        link = bench.make_link(RecordingSink(), submit_timeout_s=5)
        facts = link.bring_up()
        expect(facts.sim.known or facts.device.account, "the line has an identity")
        expect(facts.registration.usable, "the route is ready to send")
        link.close()

    def test_intent_is_committed_once_and_before_anything_is_on_air(self, bench: Bench) -> None:
        link, commit = self.up(bench, RecordingSink()), Commit(bench)
        outcome = link.submit(part(), commit)
        expect(outcome.kind is OutcomeKind.ACCEPTED, f"accepted, not {outcome}")
        expect(commit.calls == 1, f"commit was called {commit.calls} times")
        expect(commit.on_air_before == 0, "nothing was on air before the commit")
        sent = bench.on_air()
        expect(
            [each.destination.lstrip("+") for each in sent] == ["447700900123"],
            "one part is on air, to the right one",
        )
        expect(sent[0].text == "Help is there", "with the right text")
        self.expect_name(outcome, sent[0])
        link.close()

    def test_what_is_committed_is_what_goes_over_the_wire(self, bench: Bench) -> None:
        link = self.up(bench, RecordingSink())
        parts = [part(), part(text="first ", seq=1, total=2), part("+447700900124", "second", seq=2, total=2)]
        if self.traits.whole:
            parts = [part(), part("+447700900124", "another")]
        for asked in parts:
            foretold, commit = link.raw(asked), Commit(bench)
            expect(link.submit(asked, commit).kind is OutcomeKind.ACCEPTED, "accepted")
            expect(commit.raw, "something is committed")
            expect(commit.raw == foretold, f"what was foretold is committed: {foretold} and {commit.raw}")
            expect(commit.raw == bench.on_air()[-1].wire, f"and goes over the wire: {bench.on_air()[-1].wire}")
        expect(len({each.wire for each in bench.on_air()}) == len(parts), "other texts are other octets")
        link.close()

    def test_what_cannot_be_coded_has_no_octets_and_is_refused(self, bench: Bench) -> None:
        link, commit = self.up(bench, RecordingSink()), Commit(bench)
        expect(not link.raw(part("")), "nothing is foretold for it")
        outcome = link.submit(part(""), commit)
        expect(outcome.refusal is Refusal.MESSAGE and not commit.calls, f"refused, with no commit: {outcome}")
        expect(not bench.on_air(), "nothing is on air")
        link.close()

    def test_a_commit_that_raises_sends_nothing(self, bench: Bench) -> None:
        link = self.up(bench, RecordingSink())

        def fail() -> None:
            raise _DiskFullError

        try:
            link.submit(part(), Commit(bench, fail))
        except _DiskFullError:
            pass
        else:
            raise AssertionError("the exception of the commit passes")
        expect(not bench.on_air(), "nothing is on air")
        outcome = link.submit(part("+447700900124"), Commit(bench))
        expect(outcome.kind is OutcomeKind.ACCEPTED, f"the next text goes out, not {outcome}")
        expect(len(bench.on_air()) == 1, "and only that one")
        link.close()

    def test_refusals_say_what_to_do_next(self, bench: Bench) -> None:
        link = self.up(bench, RecordingSink())
        for code, refusal in self.traits.refusals:
            bench.refuse_next(code)
            outcome = link.submit(part(), Commit(bench))
            expect(outcome.kind is OutcomeKind.REFUSED, f"{code} is a refusal, not {outcome}")
            expect(
                outcome.refusal is refusal and outcome.code == code, f"{code} is of class {refusal}, not {outcome}"
            )
            expect(outcome.why, f"{code} has words for a person")
        expect(not bench.on_air(), "nothing is on air")
        link.close()

    def test_a_code_that_proves_nothing_is_unknown(self, bench: Bench) -> None:
        code = self.traits.unproven
        if code is None:
            return
        link = self.up(bench, RecordingSink())
        bench.refuse_next(code)
        outcome = link.submit(part(), Commit(bench))
        expect(outcome.kind is OutcomeKind.UNKNOWN and outcome.code == code, f"{code} is unknown, not {outcome}")
        link.close()

    def test_refused_before_handing_over_needs_no_commit(self, bench: Bench) -> None:
        if bench.two_step:
            link, commit = self.up(bench, RecordingSink()), Commit(bench)
            bench.refuse_next_early()
            outcome = link.submit(part(), commit)
            expect(outcome.kind is OutcomeKind.REFUSED, f"refused, not {outcome}")
            expect(commit.calls == 0, "commit is not called for what was never handed over")
            expect(not bench.on_air(), "nothing is on air")
            link.close()

    def test_silence_is_unknown_and_never_sent_again(self, bench: Bench) -> None:
        link = self.up(bench, RecordingSink(), submit_timeout_s=0.3)
        bench.silence_next()
        outcome = link.submit(part(), Commit(bench))
        expect(outcome.kind is OutcomeKind.UNKNOWN, f"silence is unknown, not {outcome}")
        following = link.submit(part("+447700900124"), Commit(bench))
        sent = bench.on_air()
        expect(len(sent) == 2, f"two texts are on air, not {len(sent)}")
        expect(following.kind is OutcomeKind.ACCEPTED, f"the next text is accepted, not {following}")
        self.expect_name(following, sent[1])
        link.close()

    def test_a_late_answer_settles_the_text_it_belongs_to(self, bench: Bench) -> None:
        if not self.traits.late:
            return
        sink = RecordingSink()
        link = self.up(bench, sink, submit_timeout_s=0.2)
        bench.delay_next(0.5)
        outcome = link.submit(part(), Commit(bench))
        expect(outcome.kind is OutcomeKind.UNKNOWN, f"unknown at first, not {outcome}")
        self.hear(link, lambda: sink.late)
        sent = bench.on_air()
        expect([late.kind for late in sink.late] == [OutcomeKind.ACCEPTED], f"one late answer, not {sink.late}")
        self.expect_name(sink.late[0], sent[0])
        following = link.submit(part("+447700900124"), Commit(bench))
        expect(following.kind is OutcomeKind.ACCEPTED, f"the next text is accepted, not {following}")
        self.expect_name(following, bench.on_air()[1])
        link.close()

    def test_reports_and_texts_reach_the_sink(self, bench: Bench) -> None:
        sink = RecordingSink()
        link = self.up(bench, sink)
        accepted = link.submit(part(), Commit(bench))
        if self.traits.reports:
            bench.send_report(bench.on_air()[0], status=0x46)
            self.hear(link, lambda: sink.reports)
            expect(len(sink.reports) == 1, f"one report, not {len(sink.reports)}")
            report = sink.reports[0]
            if self.traits.references:
                expect(report.status == 0x46, "with its raw status")
                expect(report.reference == (bench.on_air()[0].reference or 0), "with the part's reference")
                expect(report.recipient.endswith("7700900123"), "with the part's recipient")
            else:
                expect(report.status >= 0x40, f"with a status that says so: {report.status:#x}")
                expect(report.said, "and the route's own word")
                expect(report.reference is None and report.handle == accepted.handle, "with the part's handle")
        if not self.traits.two_way:
            link.close()
            return
        bench.send_inbound("+447700900123", "Thank you, caf\u00e9")
        self.hear(link, lambda: sink.inbounds)
        expect([each.text for each in sink.inbounds] == ["Thank you, caf\u00e9"], "one text, as it was sent")
        expect(sink.inbounds[0].sender.endswith("7700900123"), "with its sender")
        link.close()

    def test_reports_go_on_coming_when_each_is_durable_later(self, bench: Bench) -> None:
        if not self.traits.reports:
            return
        sink = RecordingSink(durable=False)
        link = self.up(bench, sink)
        for number in range(3):
            link.submit(part(f"+44770090012{number}"), Commit(bench))
        for sent in bench.on_air():
            bench.send_report(sent)
        until = monotonic() + PATIENCE_S
        while len(sink.reports) < 3 and monotonic() < until:
            link.listen(0.05)
            for receipt in sink.receipts:
                receipt.durable = True
        expect(len(sink.reports) == 3, f"three reports, not {len(sink.reports)}")
        link.close()

    def test_a_report_inside_a_submission_disturbs_nothing(self, bench: Bench) -> None:
        if not self.traits.reports:
            return
        sink = RecordingSink()
        link = self.up(bench, sink)
        link.submit(part(), Commit(bench))
        first = bench.on_air()[0]
        outcome = link.submit(part("+447700900124"), Commit(bench, lambda: bench.send_report(first)))
        expect(outcome.kind is OutcomeKind.ACCEPTED, f"accepted, not {outcome}")
        self.expect_name(outcome, bench.on_air()[1])
        self.hear(link, lambda: sink.reports)
        expect(len(sink.reports) == 1, "the report is not lost")
        link.close()

    def test_parts_of_one_text_are_joined_by_their_header(self, bench: Bench) -> None:
        if self.traits.whole:
            return
        link = self.up(bench, RecordingSink())
        for seq, text in ((1, "first "), (2, "second")):
            outcome = link.submit(part(text=text, seq=seq, total=2), Commit(bench))
            expect(outcome.kind is OutcomeKind.ACCEPTED, f"accepted, not {outcome}")
        expect([each.text for each in bench.on_air()] == ["first ", "second"], "both parts are on air, in order")
        link.close()

    def test_outcomes_tell_nothing_of_the_recipient(self, bench: Bench) -> None:
        link = self.up(bench, RecordingSink())
        codes = (self.traits.refusals[0][0], self.traits.unproven)
        for code in [code for code in codes if code is not None]:
            bench.refuse_next(code)
            outcome = link.submit(part(), Commit(bench))
            expect("900123" not in f"{outcome.why}{outcome.raw}", "no number in the words")
            expect("Help is there" not in f"{outcome.why}{outcome.raw}", "no text in the words")
        link.close()

    def test_counting_what_is_held_changes_nothing(self, bench: Bench) -> None:
        link = self.up(bench, RecordingSink())
        if isinstance(link, Countable):
            link.submit(part(), Commit(bench))
            before = bench.held()
            state = link.storage(PATIENCE_S)
            expect(state.texts, f"something is counted: {state}")
            expect(all(0 <= used <= total for used, total in state.texts.values()), f"with sense: {state.texts}")
            expect(bench.held() == before, f"nothing is changed: {before} and {bench.held()}")
            expect(link.storage(PATIENCE_S) == state, "asked again it says the same")
            outcome = link.submit(part("+447700900124"), Commit(bench))
            expect(outcome.kind is OutcomeKind.ACCEPTED, f"and the next text goes out, not {outcome}")
        link.close()

    def test_counting_what_is_held_keeps_to_its_time(self, bench: Bench) -> None:
        link = self.up(bench, RecordingSink())
        if isinstance(link, Countable):
            before = bench.held()
            state = link.storage(0.0)
            expect(bench.held() == before, "nothing is changed")
            expect(state.not_read or state.texts, "what was not read is said")
        link.close()

    def test_wake_ends_listening_from_another_thread(self, bench: Bench) -> None:
        link = self.up(bench, RecordingSink())
        link.listen(0.05)
        waker = threading.Timer(0.1, link.wake)
        started = monotonic()
        waker.start()
        link.listen(30)
        expect(monotonic() - started < PATIENCE_S, "listen returned soon after wake")
        waker.join()
        link.wake()
        started = monotonic()
        link.listen(30)
        expect(monotonic() - started < PATIENCE_S, "a wake just before listen counts")
        link.close()

    def test_listen_keeps_to_its_time(self, bench: Bench) -> None:
        link = self.up(bench, RecordingSink())
        started = monotonic()
        link.listen(0.2)
        expect(0.1 < monotonic() - started < PATIENCE_S, "listen took about its time")
        link.close()

    def test_close_never_raises_and_is_final(self, bench: Bench) -> None:
        link = self.up(bench, RecordingSink())
        link.close()
        link.close()
        link.wake()
        self._expect_lost(lambda: link.listen(0.1))
        self._expect_lost(lambda: link.submit(part(), Commit(bench)))
        expect(not bench.on_air(), "nothing is on air")

    def test_an_unplugged_device_is_a_lost_link(self, bench: Bench) -> None:
        link = self.up(bench, RecordingSink())
        bench.unplug()
        self._expect_lost(lambda: self._listen_long(link))
        commit = Commit(bench)
        self._expect_lost(lambda: link.submit(part(), commit))
        expect(commit.calls == 0 and not bench.on_air(), "nothing was committed or sent")
        link.close()

    def test_unplugged_after_the_commit_is_an_outcome(self, bench: Bench) -> None:
        link = self.up(bench, RecordingSink())
        outcome = link.submit(part(), Commit(bench, bench.unplug))
        expect(outcome.kind in {OutcomeKind.UNKNOWN, OutcomeKind.REFUSED}, f"not accepted: {outcome}")
        expect(outcome.kind is OutcomeKind.UNKNOWN or not bench.on_air(), "refused only if nothing went out")
        self._expect_lost(lambda: link.listen(0.1))
        link.close()

    def test_another_sim_stops_the_line(self, bench: Bench) -> None:
        if not self.traits.swaps:
            return
        link = bench.make_link(RecordingSink(), submit_timeout_s=5)
        facts = link.bring_up()
        sim, account = facts.sim, facts.device.account
        bench.swap_sim()
        try:
            self._listen_long(link)
        except GuardStop as stop:
            missing = sim.iccid or sim.imsi or account or "?"
            expect(missing in str(stop), f"the SIM or account that is missing is named: {stop}")
        else:
            raise AssertionError("another SIM stops the line")
        link.close()

    def expect_name(self, outcome: Outcome, sent: OnAir) -> None:
        """The outcome tells by what the far end knows the part."""
        if self.traits.references:
            expect(outcome.reference == sent.reference, "the outcome has the part's own reference")
        else:
            expect(outcome.handle and outcome.handle == sent.handle, f"it has its handle: {outcome} and {sent}")

    def _listen_long(self, link: Link) -> None:
        until = monotonic() + PATIENCE_S
        while monotonic() < until:
            link.listen(0.1)
            sleep(0.01)

    def _expect_lost(self, action: Callable[[], object]) -> None:
        try:
            action()
        except LinkLost:
            return
        raise AssertionError("LinkLost is raised")
