"""A campaign before it is sent: what people will see, what it costs, when it will be done, what is wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from gsmsend.campaign import fallback, wording
from gsmsend.campaign.characters import Reading, read
from gsmsend.campaign.content import cost, money
from gsmsend.campaign.forecast import Finish, Terms, forecast
from gsmsend.campaign.wording import Finding
from gsmsend.config import Rule, Settings
from gsmsend.contract import CampaignFacts
from gsmsend.model import State
from gsmsend.window import when

_LEFT_OUT = (State.SUPPRESSED, State.CANCELLED)
_TO_GO = (State.DRAFT, State.QUEUED, State.SENDING, State.HELD)
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Kind:
    """Recipients who see the same text from the same line ("" for any); `examples` are some of their numbers."""

    reading: Reading
    line: str
    texts: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineCost:
    """What the texts of one line cost, or of any ("")."""

    line: str
    texts: int
    segments: int
    price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Preview:
    """All of it, for people and for scripts.

    `findings`: those that block first. `answers`: the texts that answer replies, by what they answer.
    """

    facts: CampaignFacts
    states: dict[State, int]
    kinds: tuple[Kind, ...]
    answers: tuple[tuple[str, Reading], ...]
    costs: tuple[LineCost, ...]
    currency: str
    budget: Decimal | None
    finishes: tuple[Finish, ...]
    findings: tuple[Finding, ...]
    fallback: fallback.Outlook | None = None

    @property
    def texts(self) -> int:
        """Texts that were sent or may be."""
        return sum(one.texts for one in self.costs)

    @property
    def segments(self) -> int:
        """Segments of them."""
        return sum(one.segments for one in self.costs)

    @property
    def amount(self) -> Decimal:
        """What they cost."""
        return sum((one.amount for one in self.costs), Decimal(0))

    @property
    def blocked_by(self) -> tuple[str, ...]:
        """Names of the checks that failed, each once."""
        return tuple(dict.fromkeys(one.name for one in self.findings if one.blocks))

    @property
    def ends_s(self) -> float | None:
        """When the last text that can leave has left."""
        return max((one.ends_s for one in self.finishes if one.ends_s is not None), default=None)


def preview(
    settings: Settings, facts: CampaignFacts, now_s: float, *, others: int = 1, campaigns: Iterable[str] = ()
) -> Preview:
    """Look at a campaign; `others` is how many lines share what may leave from any, `campaigns` names all.

    Raises ConfigError if the bank holidays of the window are not known.
    """
    readings = {
        text_id: read(text.body, national=settings.national_tables) for text_id, text in facts.texts.items()
    }
    costs = tuple(_costs(settings, facts))
    other = settings.fallbacks.get(facts.name)
    groups: dict[str, list[int]] = {}
    for who in facts.recipients:
        if who.state in _TO_GO:
            groups.setdefault(who.line, []).append(facts.texts[who.text_id].segments)
    closes_s = {
        name: terms.closes.timestamp() for name, terms in settings.lines.items() if terms.closes is not None
    }
    terms = Terms(settings.pace, settings.window, settings.canary, closes_s, others)
    finishes = forecast(groups, terms, now_s)
    given = (("a reply", settings.replies.acknowledge), ("an opt-out", settings.replies.acknowledge_stop))
    answers = tuple((to, read(text, national=settings.national_tables)) for to, text in given if text)
    numbers, left = (who.number for who in facts.recipients), sum(map(len, groups.values()))
    carried = other is not None and Rule.CLOSED in other.on
    findings = [
        *_of_texts(settings, readings.values()),
        *_of_answers(settings, answers),
        *(fallback.findings(settings, other) if other is not None else ()),
        *(fallback.of_list(other, settings.region, numbers, left) if other is not None else ()),
        *fallback.strays(settings, facts.name, campaigns),
        *_of_money(settings, costs),
        *_of_time(settings, finishes, now_s, carried=carried),
        *_of_imports(facts),
    ]
    if not settings.approval.required:
        findings = [replace(one, blocks=False) for one in findings]
    return Preview(
        facts, _states(facts), tuple(_kinds(facts, readings)), answers, costs, settings.prices.currency,
        settings.prices.budget, finishes, tuple(sorted(findings, key=lambda one: not one.blocks)),
        fallback.outlook(other, left) if other is not None else None,
    )  # fmt: skip


def _states(facts: CampaignFacts) -> dict[State, int]:
    counts = Counter(who.state for who in facts.recipients)
    return {state: counts[state] for state in State if counts[state]}


def _kinds(facts: CampaignFacts, readings: dict[int, Reading]) -> Iterator[Kind]:
    """Those who will be texted, the most frequent kind first."""
    counts: Counter[tuple[int, str]] = Counter()
    examples: dict[tuple[int, str], list[str]] = defaultdict(list)
    for who in facts.recipients:
        if who.state not in _LEFT_OUT:
            key = (who.text_id, who.line)
            counts[key] += 1
            if len(examples[key]) < _EXAMPLES:
                examples[key].append(who.number)
    for key, count in counts.most_common():
        yield Kind(readings[key[0]], key[1], count, tuple(examples[key]))


def _costs(settings: Settings, facts: CampaignFacts) -> Iterator[LineCost]:
    prices = fallback.prices_of(settings)
    texts: Counter[str] = Counter()
    segments: Counter[str] = Counter()
    for who in facts.recipients:
        if who.state not in _LEFT_OUT:
            texts[who.line] += 1
            segments[who.line] += facts.texts[who.text_id].segments
    for line in sorted(texts, key=lambda name: (not name, name)):
        price = prices.lines.get(line, prices.segment)
        amount = cost(prices, {line: segments[line]})
        yield LineCost(line, texts[line], segments[line], price, amount)


def _of_texts(settings: Settings, readings: Iterable[Reading]) -> Iterator[Finding]:
    """What is wrong with the texts, each finding once with how many have it."""
    counts: Counter[Finding] = Counter()
    every = 0
    for reading in readings:
        every += 1
        counts.update(wording.check(reading.text, reading.segments, settings.wording, settings.region))
        counts.update(_of_characters(reading))
    for finding, count in counts.items():
        yield finding if every == 1 else replace(finding, words=f"{finding.words} ({count:,} of {every:,} texts)")


def _of_characters(reading: Reading) -> Iterator[Finding]:
    if reading.swap is not None:
        yield Finding(
            "characters", f"it takes {reading.segments} segments, and {len(reading.swap.segments)} with plain "
            "characters that read the same",
            blocks=False, remedy="Swap them with: gsmsend reword --swap",
        )  # fmt: skip
    elif reading.forcing and reading.segments > 1:
        chars = ", ".join(f"{one.char} ({one.name})" for one in reading.forcing[:5])
        yield Finding(
            "characters", f"characters that plain texts lack make it longer: {chars}", blocks=False,
            remedy="Write it without them if it can be read as well.",
        )  # fmt: skip


def _of_answers(settings: Settings, answers: Iterable[tuple[str, Reading]]) -> Iterator[Finding]:
    asked = replace(settings.wording, names=("",), link=False, phone=False, opt_out=())
    for to, reading in answers:
        for finding in wording.check(reading.text, reading.segments, asked, settings.region):
            if finding.name != "names":
                yield replace(finding, words=f"the answer to {to}: {finding.words}")


def _of_money(settings: Settings, costs: Iterable[LineCost]) -> Iterator[Finding]:
    amount = sum((one.amount for one in costs), Decimal(0))
    budget, currency = settings.prices.budget, settings.prices.currency
    if budget is not None and amount > budget:
        yield Finding(
            "budget", f"it costs {money(amount)} {currency}; the budget is {money(budget)} {currency}",
            remedy="Shorten the text, take fewer recipients, or raise budget under [prices] in gsmsend.toml.",
        )  # fmt: skip


def _of_time(settings: Settings, finishes: Iterable[Finish], now_s: float, *, carried: bool) -> Iterator[Finding]:
    """`carried`: a fallback takes what a closed line cannot send."""
    zone = settings.window.zone if settings.window is not None else ""
    for one in finishes:
        name = f"the line {one.line}" if one.line else "any line"
        if not one.late:
            continue
        if one.closes_s is None:
            yield Finding(
                "time", f"{one.late:,} texts from {name} never leave: the window does not open within a year",
                blocks=False, remedy="Correct [window] in gsmsend.toml.",
            )  # fmt: skip
        elif carried:
            yield Finding(
                "time", f"{name} closes on {when(one.closes_s, zone, now_s=now_s)}: {one.late:,} of {one.texts:,} "
                "texts cannot leave from it, and go over the fallback once its trial text is delivered",
                blocks=False,
            )  # fmt: skip
        elif one.closes_s <= now_s:
            theirs = "its 1 text never leaves" if one.late == 1 else f"none of its {one.late:,} texts leaves"
            yield Finding(
                "time", f"{name} was closed on {when(one.closes_s, zone, now_s=now_s)}: {theirs}",
                blocks=False, remedy=f"Correct closes under [line.{one.line}], or import them for another line.",
            )  # fmt: skip
        else:
            yield Finding(
                "time", f"{one.late:,} of {one.texts:,} texts from {name} will not have left when it closes on "
                f"{when(one.closes_s, zone, now_s=now_s)}",
                blocks=False, remedy="Begin earlier, widen the window or the pace, or shorten the text.",
            )  # fmt: skip


def _of_imports(facts: CampaignFacts) -> Iterator[Finding]:
    for one in facts.imports:
        if not one.complete:
            yield Finding(
                "import", f"the import of {one.source} was cut off; not all of its rows are here",
                remedy="Give the same 'gsmsend import' command again: it goes on where it stopped.",
            )  # fmt: skip
