"""The shared suite for routes that are asked to send whole texts (gsmsend.requesting).

class TestMyCloud(RequestSuite):
traits = REQUESTS  # or dataclasses.replace(REQUESTS, lookup=True, ...)

@pytest.fixture
def bench(self) -> Iterator[Bench]: ...
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from gsmsend.contract import Requesting, WholeTexts, sibling
from gsmsend.model import OutcomeKind, Refusal
from gsmsend.testing.driver_bench import Bench, Commit, Traits, expect, part
from gsmsend.testing.driver_suite import DriverSuite
from gsmsend.testing.recording_sink import RecordingSink

REQUESTS = Traits(whole=True, references=False, late=False, two_way=False, swaps=False)
"""The usual: an account that is asked over HTTP. A subclass must give `refusals` and `unproven` of its own."""


class RequestSuite(DriverSuite):
    """Checks that every driver of such a route must pass, with those of DriverSuite."""

    traits: ClassVar[Traits] = REQUESTS

    def test_the_record_of_the_route_settles_what_was_in_doubt(self, bench: Bench) -> None:
        if not self.traits.lookup:
            return
        link = self.up(bench, RecordingSink(), submit_timeout_s=0.3)
        expect(isinstance(link, Requesting), "it can be asked")
        if isinstance(link, Requesting):
            bench.silence_next()
            asked = part()
            expect(link.submit(asked, Commit(bench)).kind is OutcomeKind.UNKNOWN, "silence is unknown")
            found = link.lookup(asked.key, 1)
            expect(found is not None and found.kind is OutcomeKind.ACCEPTED, f"the record has it: {found}")
            if found is not None:
                self.expect_name(found, bench.on_air()[0])
            never = link.lookup(part().key, 1)
            expect(never is None or never.kind is OutcomeKind.REFUSED, f"it has no other: {never}")
        expect(len(bench.on_air()) == 1, "asking sends nothing")
        link.close()

    def test_reports_of_texts_from_before_are_asked_for(self, bench: Bench) -> None:
        if not self.traits.reports:
            return
        link = self.up(bench, RecordingSink())
        handle = link.submit(part(), Commit(bench)).handle
        link.close()
        sink = RecordingSink()
        link = self.up(bench, sink)
        expect(isinstance(link, Requesting), "it takes handles from before")
        if isinstance(link, Requesting):
            link.expect([handle])
        bench.send_report(bench.on_air()[0])
        self.hear(link, lambda: sink.reports)
        expect([each.handle for each in sink.reports] == [handle], f"one report, not {sink.reports}")
        link.close()

    def test_a_whole_text_goes_with_its_first_part(self, bench: Bench) -> None:
        sink = RecordingSink()
        link, commit = self.up(bench, sink), Commit(bench)
        expect(isinstance(link, WholeTexts), "it says that it takes whole texts")
        asked = replace(part(text="first ", seq=1, total=2), text="first second")
        foretold = link.raw(asked)
        outcome = link.submit(asked, commit)
        expect(outcome.kind is OutcomeKind.ACCEPTED, f"accepted, not {outcome}")
        expect(commit.calls == 1 and commit.raw == foretold, "what was foretold is committed")
        expect([each.text for each in bench.on_air()] == ["first second"], "one text is on air, whole")
        handles = [outcome.handle, sibling(outcome.handle, 2)]
        expect(len(set(handles)) == 2, f"each part has its own handle: {handles}")
        if self.traits.reports:
            bench.send_report(bench.on_air()[0])
            self.hear(link, lambda: len(sink.reports) > 1)
            expect(sorted(each.handle for each in sink.reports) == sorted(handles), "a report for each part")
        link.close()

    def test_the_rest_of_a_text_is_not_taken(self, bench: Bench) -> None:
        link, commit = self.up(bench, RecordingSink()), Commit(bench)
        rest = replace(part(text="second", seq=2, total=2), text="first second")
        expect(not link.raw(rest), "nothing is foretold for it")
        outcome = link.submit(rest, commit)
        expect(outcome.refusal is Refusal.MESSAGE and not commit.calls, f"refused, with no commit: {outcome}")
        expect(not bench.on_air(), "nothing is on air")
        link.close()
