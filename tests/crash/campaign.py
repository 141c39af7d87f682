"""Operations one after the other until there were so many kills. The folder of one that fails is kept."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from tests.crash.operation import Operation, Verdict
from tests.crash.points import Deck
from tests.crash.tally import Tally
from tests.crash.weather import Weather, draw

EACH = 28
"""Kills an operation."""
SHORT = ((Weather(1, ("huawei",), 7, 9, radio_s=0.65, listen_s=1.5), 8),
         (Weather(2, ("generic", "simcom"), 40, radio_s=0.15, listen_s=0.4, person=True), 18))  # fmt: skip
"""The short run: the weather of each operation, and its kills."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done. `only`: that operation alone, to repeat it; `short`: the few kills of CI; `keep` every
    folder, not those of failures alone."""

    seed: int
    kills: int = 1000
    modems: Sequence[int] = (1, 8)
    only: int | None = None
    short: bool = False
    keep: bool = False

    @property
    def command(self) -> str:
        """To do the same again."""
        words = ["python -m tests.crash --seed", str(self.seed)]
        if self.short:
            return " ".join([*words, "--short"])
        if self.only is not None:
            words += ["--only", str(self.only)]
        return " ".join([*words, "--kills", str(self.kills), "--modems", ",".join(map(str, self.modems))])


def run(wish: Wish, console: Console) -> Tally:
    """Do it. Raises HarnessBroken."""
    dealt: Counter[str] = Counter()
    tally = Tally(wish.seed, dealt)
    began_s = time.monotonic()
    for number, dice, weather, deck, kills in _operations(wish):
        if tally.kills >= wish.kills:
            break
        before, most = Counter(deck.dealt), min(kills, wish.kills - tally.kills)
        tally.verdicts.append(_one(number, dice, weather, deck, most, wish, console))
        dealt.update(Counter(deck.dealt) - before)
        dealt.update(dict.fromkeys(deck.dealt, 0))
        tally.seconds = time.monotonic() - began_s
    return tally


def _operations(wish: Wish) -> Iterator[tuple[int, random.Random, Weather, Deck, int]]:
    if wish.short:
        dice = random.Random(f"{wish.seed}:short")
        deck = Deck(dice, short=True, random_every=10)
        for number, (weather, kills) in enumerate(SHORT, 1):
            yield number, dice, weather, deck, kills
        return
    number = wish.only or 1
    while True:
        dice = random.Random(f"{wish.seed}:{number}")
        weather = draw(dice, wish.modems[(number - 1) % len(wish.modems)])
        yield number, dice, weather, Deck(dice), EACH
        if wish.only is not None:
            return
        number += 1


def _one(
    number: int, dice: random.Random, weather: Weather, deck: Deck, kills: int, wish: Wish, console: Console
) -> Verdict:
    folder = Path(tempfile.mkdtemp(prefix=f"gsmsend-crash-{wish.seed}-{number}-"))
    keep = True
    try:
        verdict = Operation(number, weather, folder, dice).judge(deck, kills)
        keep = wish.keep or bool(verdict.problems)
    finally:
        if not keep:
            shutil.rmtree(folder)
        else:
            console.print(f"operation {number} is kept in {folder}", highlight=False, soft_wrap=True)
    settled = ", ".join(f"{count} by {name}" for name, count in sorted(verdict.settled.items())) or "none"
    console.print(
        f"{number:>3}  {len(verdict.kills):>3} kills {verdict.seconds:5.1f} s  {weather.words}: "
        f"{verdict.made} uncertain; settled: {settled}; {verdict.needed_person} need a person",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    for problem in verdict.problems:
        console.print(f"     [bold red]{problem}[/bold red]", highlight=False, soft_wrap=True)
    if verdict.problems:
        again = Wish(wish.seed, wish.kills, wish.modems, None if wish.short else number, wish.short)
        console.print(f"     to repeat: {again.command}", highlight=False, soft_wrap=True)
    return verdict
