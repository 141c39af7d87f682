"""A campaign's results as they might be: invented people, numbers of the drama range."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from gsmsend.campaign.report import Terms
from gsmsend.config import Prices
from gsmsend.contract.results import (
    Answer,
    Counted,
    Decided,
    Ending,
    FileImported,
    LineUse,
    Results,
    SentAt,
    Settled,
    Signed,
    TextUsed,
    Unreached,
    VisitDay,
)
from gsmsend.model import Evidence, OutcomeKind, State

LONDON = ZoneInfo("Europe/London")


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> float:
    """A London time of 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=LONDON).timestamp()


MADE_S = at(26, 9)
RED, BLUE = "8944000000000000012", "8944000000000000020"
BODY = "Example Police: help is free and private. 0808 157 0123 or https://example.org/help STOP for no more."
TERMS = Terms("Operation Example", MADE_S, prices=Prices(Decimal("0.04"), "GBP", {"blue-phone": Decimal("0.05")}))


def totals(**counts: int) -> dict[State, int]:
    """Counts by state, the others none."""
    return {state: counts.get(state.value, 0) for state in State}


def number(index: int) -> str:
    """A number of the drama range."""
    return f"+4477009{index:05}"


def small(**changes: Any) -> Results:
    """A campaign with nothing in it but what is given."""
    return replace(Results("main", at(22, 9), None, 0, "", "", "", totals()), **changes)


def large() -> Results:
    """Two seized phones, 2,000 people, three days."""
    sent = [
        SentAt(line, int(at(day, hour)), 1 + (hour * 7 + day * 3 + line) % 9 + 32)
        for day in (23, 24, 25)
        for hour in range(10, 19)
        for line in (1, 2)
    ]
    return Results(
        "main", at(22, 9), at(23, 9), 5, "all 5 were reported delivered", "", "",
        totals(delivered=1939, undelivered=24, unconfirmed=7, failed=6, uncertain=2, suppressed=22),
        imports=(
            FileImported("red-phone.xlsx", "a.officer", at(22, 9), "red-phone", 1240, 0, 9),
            FileImported("blue-phone.xlsx", "a.officer", at(22, 10), "blue-phone", 760, 312, 4),
        ),
        refusals=(Counted("this is a landline, which takes no texts; a mobile number is needed", 9),
                  Counted("the number is too short", 4)),
        in_several_lists=312,
        texts=(TextUsed(BODY, 1, 2000),),
        lines=(LineUse(1, "sim-000012", "red-phone", RED, 1210, 1190, 1211, 1),
               LineUse(2, "sim-000020", "blue-phone", BLUE, 760, 749, 761, 1)),
        sent=tuple(sent), first_sent_s=at(23, 10), last_sent_s=at(25, 18, 40),
        delays=((3, 400), (6, 700), (9, 300), (45, 200), (250, 150), (1500, 90), (3000, 50), (20_000, 40),
                (80_000, 9)),
        endings=(
            Ending(State.UNDELIVERED, "", None, 0x46, 14), Ending(State.UNDELIVERED, "", None, 0x41, 10),
            Ending(State.UNCONFIRMED, "no delivery report came in time", None, None, 7),
            Ending(State.FAILED, "", 1, None, 5), Ending(State.FAILED, "", 38, None, 1),
            Ending(State.UNCERTAIN, "the modem fell silent", None, None, 2),
            Ending(State.SUPPRESSED, "opted out", None, None, 3),
            Ending(State.SUPPRESSED, "on the never-contact list", None, None, 19),
        ),
        unreached=tuple(
            Unreached(100 + index, number(index), State.UNDELIVERED, "the report says: SM validity period expired")
            for index in range(6)
        ),
        settled=(Settled(Evidence.REPORT, OutcomeKind.ACCEPTED, 6),
                 Settled(Evidence.PERSON, OutcomeKind.REFUSED, 1)),
        replies=(
            Answer(at(23, 11), number(7), "Who is this? I want help", frozenset(), "", "a.officer"),
            Answer(at(23, 12), number(8), "STOP", frozenset({"stop"}), "STOP", "a.officer"),
            Answer(at(23, 13), number(9), "he said he will kill me <b>", frozenset({"danger"}), "kill me", ""),
            *(Answer(at(24, 13, index), number(20 + index), "thank you", frozenset(), "", "b.officer")
              for index in range(9)),
        ),
        approvals=(Signed("A. Officer", "a.officer", at(22, 12), ""),
                   Signed("B. Officer", "b.officer", at(22, 13), "")),
        decisions=(Decided(at(24, 12), "a.officer", "pause", "the helpline's lines were full", None),
                   Decided(at(24, 13), "a.officer", "resume", "lines are free again", None)),
        visits=tuple(VisitDay(f"2026-11-{day}", count, "website", "a.officer", at(26, 8))
                     for day, count in ((23, 120), (24, 141), (25, 83))),
    )  # fmt: skip
