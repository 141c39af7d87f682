"""From what the store knows to what the report tells. Pure: the time, the prices and the mask are arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from gsmsend.campaign.report import records, times
from gsmsend.campaign.report.failures import failures
from gsmsend.campaign.report.values import (
    FEW,
    Cost,
    Count,
    Delivery,
    Headline,
    LineRow,
    Page,
    Replies,
    Share,
    Table,
    Terms,
)
from gsmsend.contract.results import Answer, LineUse, Results
from gsmsend.inert import plain
from gsmsend.masking import FORGOTTEN
from gsmsend.model import State

_SIGNS = {"GBP": "\u00a3", "EUR": "\u20ac", "USD": "$"}
_OUTCOME = (
    ("delivered", "Delivered", (State.DELIVERED,)),
    ("sent", "Sent, report awaited", (State.SENT,)),
    ("unconfirmed", "Sent, no report came", (State.UNCONFIRMED,)),
    ("undelivered", "Not delivered", (State.UNDELIVERED,)),
    ("failed", "Not sent", (State.FAILED,)),
    ("open", "For a person to settle", (State.UNCERTAIN, State.HELD)),
    ("waiting", "Not sent yet", (State.DRAFT, State.QUEUED, State.SENDING)),
    ("suppressed", "Not to be texted", (State.SUPPRESSED,)),
    ("cancelled", "Cancelled", (State.CANCELLED,)),
)
_UNKNOWN = "unknown"
_TRIAL = re.compile(r" trial( \d+)?$")
"""How the campaign of a fallback's trial text is called."""
_FALLBACK = "Fallback"
"""What carried texts under another sender; in the redacted variant that is all that is said of it."""
_LEFT = (State.DELIVERED, State.SENT, State.UNCONFIRMED, State.UNDELIVERED)


def shape(results: Results, terms: Terms) -> Page:
    """The page of one campaign."""
    titles = _titles(results.lines, terms)
    outcome = _outcome(results.totals, terms)
    left = sum(results.totals[state] for state in _LEFT)
    recipients = terms.count(results.recipients)
    delivered = terms.count(results.totals[State.DELIVERED])
    delivery = times.delivery(results.delays, left, terms)
    cost = _cost(results, terms)
    replies = _replies(results, terms)
    visit_total = terms.count(sum(one.count for one in results.visits))
    return Page(
        redacted=terms.redacted,
        title="Texts with an offer of help" if terms.redacted else terms.operation,
        subtitle=_subtitle(results, terms),
        made=times.when(terms.at_s, terms.zone),
        now=_now(results),
        headlines=_headlines(results, recipients, delivered, delivery, cost, replies, visit_total),
        recipients=recipients,
        outcome=outcome,
        hours=times.hours(results.sent, titles, terms),
        delivery=delivery,
        failures=failures(results.endings, terms),
        unreached=records.unreached(results, terms),
        more_unreached=records.more_unreached(results, terms),
        uncertain=records.uncertain(results, terms),
        lines=_lines(results, titles, terms),
        cost=cost,
        replies=replies,
        acknowledged=terms.count(sum(line.texts for line in results.acknowledging)),
        lists=records.lists(results, terms),
        refused=records.refused(results, terms),
        in_several_lists=terms.count(results.in_several_lists),
        texts=records.texts(results, terms),
        approvals=records.approvals(results, terms),
        decisions=records.decisions(results, terms),
        first_texts=records.first_texts(results, terms),
        visits=times.visits(results.visits, terms),
        visit_total=visit_total,
        states={share.key: share.count.plain for share in outcome},
        kept=terms.kept,
        rounded=terms.rounds,
        over=_over(results, terms),
    )


def _over(results: Results, terms: Terms) -> str:
    """What went over the campaign's fallback, in one sentence; empty if nothing did."""
    carried = [line for line in results.lines if line.fallback]
    if not carried:
        return ""
    texts, delivered = (sum(getattr(line, name) for line in carried) for name in ("texts", "delivered"))
    came = f"{terms.count(delivered).words} of these were delivered, by the word of the provider or handset."
    if results.recipients == 1 and _TRIAL.search(results.campaign):
        return f"This is the trial of a fallback: {terms.count(texts).words} sent over it, to an officer; {came}"
    sender = f"the sender {plain(terms.sender)}" if terms.sender and not terms.redacted else "another sender"
    return (
        f"{terms.count(texts).words} of the texts went over the fallback, under {sender} and in its own "
        f"wording{_since(results, terms)}; {came}"
    )


def _since(results: Results, terms: Terms) -> str:
    """From when on, and why; partners get no line's name."""
    if not results.fell or terms.redacted:
        return ", since the line was cut or refused them"
    reasons = (
        f"{plain(one.why.rpartition('fallback: ')[2])} (from {times.when(one.at_s, terms.zone)})"
        for one in results.fell
    )
    return f", for: {'; '.join(reasons)}"


def _titles(lines: Sequence[LineUse], terms: Terms) -> Mapping[int, str]:
    if terms.redacted:
        return {
            line.line_id: _FALLBACK if line.fallback else f"Line {index}" for index, line in enumerate(lines, 1)
        }
    return {line.line_id: f"{line.name} ({_FALLBACK.lower()})" if line.fallback else line.title for line in lines}


def _subtitle(results: Results, terms: Terms) -> str:
    campaign = "" if terms.redacted else f"Campaign {results.campaign}, "
    if results.first_sent_s is None or results.last_sent_s is None:
        words = "no text has left yet"
    else:
        words = f"sent {times.days(results.first_sent_s, results.last_sent_s, terms.zone)}"
    return f"{campaign}{words}" if campaign else f"{words[0].upper()}{words[1:]}"


def _now(results: Results) -> str:
    """What keeps the campaign from being over, in one sentence, or nothing. No names: it is in both variants."""
    if results.cancelled:
        return "The campaign was cancelled."
    waiting = sum(results.totals[state] for state in (State.DRAFT, State.QUEUED, State.SENDING))
    if results.paused:
        return "The campaign is paused."
    if waiting and results.released_at_s is None and results.totals[State.DRAFT]:
        return "The campaign is not over: texts wait for approval or for the first texts."
    return "The campaign is not over: texts wait to be sent." if waiting else ""


def _outcome(totals: Mapping[State, int], terms: Terms) -> tuple[Share, ...]:
    shares = []
    for key, title, states in _OUTCOME:
        number = sum(totals[state] for state in states)
        if number or key == "delivered":
            shares.append(Share(key, title, terms.count(number), terms.rounded(number)))
    return tuple(shares)


def _headlines(
    results: Results, recipients: Count, delivered: Count, delivery: Delivery | None, cost: Cost, replies: Replies,
    visit_total: Count,
) -> tuple[Headline, ...]:  # fmt: skip
    found = [
        Headline(
            "delivered", delivered.words, f"of {recipients.words} people on the lists had the text delivered."
        )
    ]
    if delivery is not None:
        found.append(Headline("median", delivery.median, "was the time in which half of them had it."))
    if replies.texts.any and replies.people.words == _UNKNOWN:
        found.append(Headline("replies", replies.texts.words, "replies came; from how many people was forgotten."))
    elif replies.texts.any:
        found.append(Headline("replies", replies.people.words, f"{_people(replies.people)} answered."))
        stop = replies.stop
        found.append(Headline("stop", stop.words, f"{_people(stop)} asked for no more texts."))
    if cost.amount:
        found.append(Headline("cost", cost.words, f"for {_segments(cost)}."))
    if results.visits:
        found.append(Headline("visits", visit_total.words, "times the link was opened."))
    return tuple(found)


def _segments(cost: Cost) -> str:
    """`2,140 segments`."""
    return f"{cost.segments.words} segment{'' if cost.segments.value == 1 else 's'}"


def _people(count: Count) -> str:
    return "person" if count.value == 1 else "people"


def _lines(results: Results, titles: Mapping[int, str], terms: Terms) -> tuple[LineRow, ...]:
    return tuple(
        LineRow(
            titles[line.line_id], terms.count(line.texts), terms.count(line.delivered), terms.count(line.segments),
            _cost_of_line(line, terms),
        )
        for line in results.lines
    )  # fmt: skip


def _cost_of_line(line: LineUse, terms: Terms) -> str:
    price, few = _price(line, terms), terms.count(line.segments).value is None
    cost = money(price * (FEW if few else terms.rounded(line.segments)), terms.prices.currency)
    return f"under {cost}" if few else f"{terms.about}{cost}"


def _price(line: LineUse, terms: Terms) -> Decimal:
    if line.fallback and terms.over is not None:
        return terms.over
    by_name = terms.prices.lines
    return by_name.get(line.known_as, by_name.get(line.name, terms.prices.segment))


def _cost(results: Results, terms: Terms) -> Cost:
    lines = (*results.lines, *results.acknowledging)
    # From the rounded counts in the redacted variant: a cost and a price would give the true ones away.
    amount = sum((_price(line, terms) * terms.rounded(line.segments) for line in lines), Decimal(0))
    up_to = amount + sum((_price(line, terms) * line.doubtful for line in lines), Decimal(0))
    currency = terms.prices.currency
    return Cost(
        terms.count(sum(line.segments for line in lines)),
        amount,
        up_to,
        currency,
        f"{terms.about}{money(amount, currency)}",
        money(up_to, currency),
    )


def money(amount: Decimal, currency: str) -> str:
    """`£80.12`, or `80.12 CHF` where no sign is usual."""
    rounded = f"{amount.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"
    return f"{_SIGNS[currency]}{rounded}" if currency in _SIGNS else f"{rounded} {currency}"


def _persons(replies: Sequence[Answer], terms: Terms) -> Count:
    """How many people wrote these; whose numbers were forgotten cannot be told apart."""
    if any(one.number == FORGOTTEN for one in replies):
        return Count(None, _UNKNOWN)
    return terms.count(len({one.number for one in replies}))


def _replies(results: Results, terms: Terms) -> Replies:
    found = results.replies
    rows: tuple[tuple[str, ...], ...] = ()
    if not terms.redacted:
        rows = tuple(
            (
                times.when(one.at_s, terms.zone), plain(terms.number(one.number)), plain(one.text),
                records.flags(one.flags), f"read by {one.seen_by}" if one.seen_by else "not read yet",
            )
            for one in found
        )  # fmt: skip
    return Replies(
        terms.count(len(found)),
        _persons(found, terms),
        _persons([one for one in found if "stop" in one.flags], terms),
        terms.count(sum("danger" in one.flags for one in found)),
        terms.count(sum(not one.seen_by for one in found)),
        Table(("came", "from", "text", "flagged", ""), rows),
    )
