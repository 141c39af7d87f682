"""What a run looks like: on a terminal, in plain lines, and summed up at its end."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from gsmsend.cli import jsonlines
from gsmsend.cli.feed import Feed
from gsmsend.cli.plain import PlainLines
from gsmsend.cli.progress import Progress
from gsmsend.cli.screen import LiveScreen, draw
from gsmsend.cli.summary import for_a_reader, summary
from gsmsend.cli.words import bars, count, duration
from gsmsend.engine.events import (
    Acknowledging,
    Counted,
    Event,
    Finished,
    HeldBack,
    InboundArrived,
    LineChanged,
    MessageMoved,
    Notice,
    OptedOut,
    PartAnswered,
    ReplyFlagged,
    ReportArrived,
    Started,
)
from gsmsend.model import Device, Facts, Outcome, OutcomeKind, Registration, ReportOutcome, Sim, State

NUMBER = "+447700900123"


def totals(**states: int) -> dict[State, int]:
    return dict.fromkeys(State, 0) | {State(name): number for name, number in states.items()}


def line(
    at_s: float, address: str = "/dev/ttyUSB2", state: str = "ready", why: str = "", doing: str = ""
) -> LineChanged:
    facts = Facts(
        Device("atmodem", address, imei="350000000000001"),
        Sim(iccid="8944000000000012345"),
        Registration.HOME,
        "Example Net",
        -77,
    )
    return LineChanged(at_s, address, "SIM one", state, doing, why, 0, facts)


def moved(at_s: float, message: int, old: State = State.SENDING, new: State = State.SENT) -> MessageMoved:
    return MessageMoved(at_s, message, NUMBER, old, new, "")


def part(at_s: float, message: int) -> PartAnswered:
    return PartAnswered(at_s, "SIM one", message, NUMBER, 1, 1, Outcome(OutcomeKind.ACCEPTED, reference=1))


def folded(*events: Event) -> Progress:
    progress = Progress()
    for event in events:
        progress.take(event)
    return progress


def picture(progress: Progress, now_s: float, width: int = 80, height: int = 24) -> str:
    console = Console(width=width, height=height, file=io.StringIO(), force_terminal=False)
    console.print(draw(progress, "Operation Example", now_s, width, height))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


HALFWAY: list[Event] = [
    Started(100.0, totals(queued=40)),
    line(100.0, doing="sending part 1 of 2"),
    *(event for n in range(20) for event in (part(101.0 + n, n), moved(101.0 + n, n))),
    *(moved(121.0, n, State.SENT, State.DELIVERED) for n in range(15)),
]


def test_the_counts_always_add_up() -> None:
    progress = folded(
        *HALFWAY, moved(122.0, 30, State.SENDING, State.QUEUED), moved(122.0, 31, State.QUEUED, State.FAILED)
    )
    assert sum(progress.totals.values()) == 40
    assert (progress.left, progress.out, progress.total) == (19, 20, 40)


def test_the_time_left_follows_the_pace_of_the_last_texts() -> None:
    assert folded(*HALFWAY).time_left_s(120.0) == pytest.approx(20.0)
    assert folded(*HALFWAY).time_left_s(140.0) == pytest.approx(40.0)  # it stalls: the estimate grows
    assert folded(Started(0.0, totals(queued=5))).time_left_s(9.0) is None


def test_a_screen_of_80_columns_shows_it_all() -> None:
    shown = picture(folded(*HALFWAY), 120.0)
    assert "Operation Example" in shown
    assert "20 of 40" in shown
    assert "about 20 s left" in shown
    row = next(text for text in shown.splitlines() if "ttyUSB2" in text)
    assert re.search(
        r"ttyUSB2 +\u202612345 +Example Net +\S+ +sending part 1 of 2 +20", row.replace("…", "\u2026")
    )
    assert "20 queued" in shown
    assert "15 delivered" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "900123" not in shown


@pytest.mark.parametrize(("width", "height"), [(80, 24), (60, 20), (80, 12), (40, 10)])
def test_64_lines_fit_any_terminal_and_those_in_trouble_are_shown(width: int, height: int) -> None:
    lines = [line(100.0, f"/dev/ttyUSB{n}") for n in range(64)]
    progress = folded(
        Started(100.0, totals(queued=9)), *lines, line(101.0, "/dev/ttyUSB50", "stopped", "another SIM")
    )
    shown = picture(progress, 101.0, width, height)
    assert len(shown.splitlines()) <= height
    assert max(map(len, shown.splitlines())) <= width
    assert "ttyUSB50 stopped: another SIM" in shown
    assert " more" in shown


def test_a_reason_is_never_cut_off() -> None:
    why = "another SIM is in /dev/ttyUSB2: it was ICCID 8944000000000000017 and is now ICCID 8944000000000000018"
    shown = picture(folded(line(1.0, state="stopped", why=why)), 1.0)
    assert why in " ".join(shown.split())


def test_waiting_for_reports_is_said() -> None:
    assert "waiting for 3 reports" in picture(folded(Started(1.0, totals(sent=3))), 2.0)


def test_a_modem_cannot_draw_on_the_screen() -> None:
    facts = Facts(Device("x", "y"), operator="\x1b[31mEvil\x07", sim=Sim(iccid="1"))
    progress = folded(LineChanged(1.0, "y", "y", "ready", "", "", 0, facts), Notice(1.0, "info", "a\x1b[2Jb"))
    assert "\x1b" not in picture(progress, 1.0)


def test_the_live_screen_draws_on_a_terminal_and_leaves_the_last_picture() -> None:
    console = Console(width=80, height=24, file=io.StringIO(), force_terminal=True, no_color=True)
    screen = LiveScreen("Operation Example", console=console)
    for event in HALFWAY:
        screen.event(event)
    screen.tick(120.0)
    screen.close()
    assert isinstance(console.file, io.StringIO)
    drawn = console.file.getvalue()
    assert "15 delivered" in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", drawn)
    assert "\x1b[3" not in drawn  # no colours where NO_COLOR asks for none


def test_plain_lines_say_what_changed_and_count_now_and_then() -> None:
    said: list[str] = []
    plain = PlainLines(said.append)
    for event in HALFWAY[:6]:
        plain.event(event)
    plain.tick(102.0)
    assert [words[10:] for words in said] == ["40 texts to send", "SIM one (/dev/ttyUSB2) is ready, Example Net"]
    plain.tick(106.0)
    assert said[-1][10:].startswith("2 of 40 sent, about ")
    plain.tick(120.0)
    assert len(said) == 3  # nothing changed
    plain.event(line(121.0, state="stopped", why="another SIM"))
    plain.event(Notice(122.0, "warning", "Stopping"))
    plain.event(InboundArrived(123.0, "SIM one", NUMBER))
    assert "SIM one (/dev/ttyUSB2): stopped (another SIM)" in said[3]
    assert said[4].endswith("warning: Stopping")
    assert "inbox" in said[5]
    assert all(re.match(r"\d\d:\d\d:\d\d  ", words) for words in said)


def test_a_link_that_comes_and_goes_is_not_repeated_in_the_same_words() -> None:
    said: list[str] = []
    plain = PlainLines(said.append)
    for state in ("ready", "waiting", "ready", "sending"):
        plain.event(line(1.0, state=state))
    assert len(said) == 1


class Recorder:
    def __init__(self, *, fails: bool = False) -> None:
        self.events: list[Event] = []
        self.closed = False
        self.fails = fails

    def event(self, event: Event) -> None:
        if self.fails:
            raise BrokenPipeError
        self.events.append(event)

    def tick(self, now_s: float) -> None:
        """Nothing to draw."""

    def close(self) -> None:
        self.closed = True


def test_the_feed_keeps_order_and_shows_all_before_it_closes() -> None:
    recorder = Recorder()
    feed = Feed(recorder)
    for event in HALFWAY:
        feed.publish(event)
    feed.close()
    assert recorder.events == HALFWAY
    assert recorder.closed


def test_a_show_that_cannot_write_is_dropped_and_the_others_go_on() -> None:
    broken, recorder = Recorder(fails=True), Recorder()
    feed = Feed(broken, recorder)
    feed.publish(HALFWAY[0])
    feed.publish(ReportArrived(1.0, "SIM one", 1, 1, ReportOutcome.DELIVERED, 0))
    feed.close()
    assert len(recorder.events) == 2


def summed(finished: Finished, **before: int) -> str:
    return "\n".join(summary(finished, totals(**before), 130.0, " --operation op"))


def end(exit_code: int = 0, why: str = "", **states: int) -> Finished:
    return Finished(1.0, totals(**states), exit_code, why)


@pytest.mark.parametrize(
    ("finished", "before", "says"),
    [
        (end(delivered=40), {"queued": 40}, ["All 40 texts delivered in 2 min 10 s."]),
        (end(delivered=1), {"queued": 1}, ["The text was delivered in 2 min 10 s."]),
        (end(delivered=2), {"delivered": 2}, ["There is nothing to send: all 2 texts delivered before."]),
        (end(), {}, ["nothing to send", "gsmsend run --operation op --to people.csv"]),
        (end(delivered=3, sent=2), {"queued": 5}, ["5 texts sent", "2 texts sent with no delivery report yet"]),
        (end(3, delivered=3, failed=1), {"queued": 4}, ["3 texts sent", "1 text not sent", "--state failed"]),
        (end(3, undelivered=1), {"queued": 1}, ["reported as not delivered", "--state undelivered"]),
        (end(4, uncertain=1, delivered=1), {"queued": 2}, ["may or may not have gone out", "gsmsend resolve"]),
        (end(5, "another SIM", queued=2), {"queued": 2}, ["Stopped: another SIM", "To carry on:\n  gsmsend run"]),
        (end(6, "no modem", queued=2), {"queued": 2}, ["Stopped: no modem", "Nothing was sent"]),
        (end(130, "", queued=2, sent=1), {"queued": 3}, ["Interrupted", "2 texts still to send"]),
        (end(delivered=5), {"queued": 2, "delivered": 3}, ["All 5 texts delivered"]),
        (end(delivered=4, sent=1), {"queued": 2, "delivered": 3}, ["2 texts sent", "5 of 5 in all"]),
        (end(unconfirmed=1), {"sent": 1}, ["no delivery report came"]),
        (end(4, held=1), {"held": 1}, ["held for a decision"]),
    ],
)
def test_the_summary_says_what_was_what_needs_a_person_and_what_to_type(
    finished: Finished, before: dict[str, int], says: list[str]
) -> None:
    words = summed(finished, **before)
    for expected in says:
        assert expected in words


@pytest.mark.parametrize(
    ("dbm", "shown"),
    [
        (None, "?"),
        (-113, "\u00b7\u00b7\u00b7\u00b7"),
        (-97, "\u2582\u2584\u00b7\u00b7"),
        (-51, "\u2582\u2584\u2586\u2588"),
    ],
)
def test_signal_bars(dbm: int | None, shown: str) -> None:
    assert bars(dbm).strip() == shown


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (59.4, "59 s"), (61, "1 min 1 s"), (3660, "1 h 1 min")]
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_counts() -> None:
    assert (count(1, "text"), count(2000, "text")) == ("1 text", "2,000 texts")


FLAGGED = ReplyFlagged(70.0, "SIM one", "+447*****0123", 4, 2)


def test_a_danger_stays_on_the_screen_and_rings_the_bell_once() -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=80, height=24, force_terminal=True, color_system=None)
    screen = LiveScreen("op", console=console)
    for event in (Started(0.0, totals(queued=3)), line(1.0), FLAGGED):
        screen.event(event)
    for second in range(100):
        screen.event(Notice(71.0 + second, "info", f"something else {second}"))
        screen.tick(72.0)
    screen.close()
    assert stream.getvalue().count("\a") == 1
    last = stream.getvalue().rpartition("gsmsend  op")[2]
    assert "DANGER TO LIFE? a reply suggests it" in last
    assert "inbox --flagged" in last


def test_danger_and_opt_outs_are_lines_without_a_terminal() -> None:
    said: list[str] = []
    show = PlainLines(said.append)
    show.event(FLAGGED)
    show.event(OptedOut(71.0, "SIM one", "+447*****0124", 5, 1, doubtful=False))
    show.event(OptedOut(72.0, "SIM one", "+447*****0125", 6, 0, doubtful=True))
    assert "error: DANGER?" in said[0]
    assert "+447*****0123" in said[0]
    assert "+447*****0124 wants no more texts and gets none" in said[1]
    assert "perhaps wants no more texts" in said[2]
    assert all(len(words) <= 130 for words in said)


def test_the_summary_names_dangers_that_nobody_has_looked_at() -> None:
    assert list(for_a_reader(0, "")) == []
    assert "2 replies not looked at yet" in "".join(for_a_reader(2, " --operation op"))
    assert list(for_a_reader(1, " --operation op"))[1] == "  gsmsend inbox --operation op --flagged"


def test_scripts_get_flags_opt_outs_and_acknowledgements_without_words_or_numbers() -> None:
    found = [
        jsonlines.as_object(event)
        for event in (
            FLAGGED,
            OptedOut(71.0, "SIM one", NUMBER, 5, 1, doubtful=True),
            Acknowledging(72.0, 9, NUMBER, 5),
        )
    ]
    assert [it["event"] for it in found] == ["reply_flagged", "opted_out", "acknowledging"]
    assert (found[0]["reply"], found[1]["stopped"], found[1]["doubtful"], found[2]["message"]) == (4, 1, True, 9)
    assert NUMBER not in str(found)


def test_an_acknowledgement_that_was_queued_counts_as_a_text_to_send() -> None:
    assert folded(Started(0.0, totals(sent=1)), Acknowledging(1.0, 2, NUMBER, 5)).left == 1


def test_what_holds_everything_back_stays_on_the_screen_until_it_does_no_more() -> None:
    why = "what is left is paused by a.person: ask the sergeant. To go on: gsmsend resume"
    events = (Started(0.0, totals(queued=3)), line(1.0), HeldBack(60.0, why))
    shown = picture(folded(*events, *(Notice(61.0, "info", f"note {each}") for each in range(5))), 70.0)
    assert "What is left is paused by a.person: ask the sergeant." in shown
    assert all(len(row) <= 80 for row in shown.splitlines())
    assert "paused" not in picture(folded(*events, HeldBack(80.0, "")), 90.0)
    assert jsonlines.as_object(HeldBack(60.0, why)) == {
        "event": "held_back", "at": "1970-01-01T00:01:00.000Z", "why": why,
    }  # fmt: skip


def test_drafts_that_are_let_go_are_drafts_no_more() -> None:
    progress = Progress()
    progress.take(Started(0.0, {**dict.fromkeys(State, 0), State.DRAFT: 29, State.SENT: 5}))
    progress.take(Counted(1.0, {**dict.fromkeys(State, 0), State.QUEUED: 29, State.DELIVERED: 5}))
    assert (progress.totals[State.DRAFT], progress.totals[State.QUEUED]) == (0, 29)
