"""What an operation is sent in: modems, radio, network. Drawn by the seed."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from pathlib import Path

RESTART_S = 0.55
"""About what a restart takes until it listens: an answer that comes later is heard late."""

_SHORT = "Help is here for you, {place}: example.org/help"
_ACCENTS = "Hélp is hére for yoü, {place} 💚 example.org/help"
_PARTS = (1, 1, 1, 1, 2, 2, 3)

_KEEPS_REPORTS = frozenset({"huawei"})
"""Personalities whose reports are kept in their own memory; the others have them acknowledged."""


@dataclass(frozen=True, slots=True)
class Weather:
    """Times in seconds. `counter`: EF-SMSS is kept. `refused`: the share of submissions that the network refuses;
    `early`: that it reports before it answers. `wraps`: TP-MR goes from 255 to 0 soon. `person`: somebody settles
    at the end what nothing else could.
    """

    modems: int = 1
    personalities: tuple[str, ...] = ("generic",)
    recipients: int = 40
    most_parts: int = 1000
    radio_s: float = 0.1
    report_delay_s: float = 0.2
    listen_s: float = 0.3
    reports: bool = True
    counter: bool = True
    refused: float = 0.0
    early: float = 0.0
    wraps: bool = False
    person: bool = False

    @property
    def slow(self) -> bool:
        """Whether the radio takes longer than a restart."""
        return self.radio_s > RESTART_S

    @property
    def stored(self) -> bool:
        """Whether some modem keeps reports."""
        return bool(_KEEPS_REPORTS & set(self.personalities))

    @property
    def acknowledged(self) -> bool:
        """Whether some modem wants reports acknowledged."""
        return bool(set(self.personalities) - _KEEPS_REPORTS)

    @property
    def evidence(self) -> str:
        """What there is to settle an uncertain part by, but a late answer."""
        if self.reports:
            return "EF-SMSS and reports" if self.counter else "reports alone"
        return "EF-SMSS alone" if self.counter else "neither"

    @property
    def words(self) -> str:
        """For the table."""
        names = "mixed" if len(self.personalities) > 1 else self.personalities[0]
        lacks = [word for word, there in (("no reports", self.reports), ("no EF-SMSS", self.counter)) if not there]
        extra = [f"{self.refused:.0%} refused"] if self.refused else []
        return ", ".join([f"{self.modems} {names}", f"radio {self.radio_s:.2f} s", *lacks, *extra])

    def bench_options(self, dice: random.Random) -> list[str]:
        """For `gsmsend bench`."""
        words = [
            "--radio", f"{self.radio_s:.3f}", "--radio-jitter", f"{self.radio_s * 0.2:.3f}",
            "--report-delay", f"{self.report_delay_s:.3f}", "--report-jitter", f"{self.report_delay_s * 0.5:.3f}",
            "--redelivery", "0.2", "--seed", str(dice.randrange(1 << 30)),
        ]  # fmt: skip
        for name in self.personalities:
            words += ["--personality", name]
        if not self.reports:
            words.append("--no-reports")
        if not self.counter:
            words += ["--fault", "smss-frozen"]
        if self.refused:
            words += ["--fault", f"refuse:code=42,count=0,share={self.refused}"]
        if self.early:
            words += ["--fault", f"report-early:count=0,share={self.early}"]
        if self.wraps:
            words += ["--fault", "reference:last=245"]
        return words

    def people(self, place: Path, dice: random.Random) -> dict[str, str]:
        """Write the list of recipients; their texts by number in E.164. Each text names its place on the list."""
        texts: dict[str, str] = {}
        with place.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["number", "text"])
            left = self.most_parts
            for index in range(self.recipients):
                form = dice.choice((_SHORT, _ACCENTS))
                text = form.format(place=index)
                wanted, part = dice.choice(_PARTS), 67 if form is _ACCENTS else 153
                wanted = min(wanted, max(1, left - (self.recipients - index - 1)))
                left -= wanted
                while len(text) < (wanted - 1) * part + 10:
                    text += f" {text[: part // 2]}"
                number = f"+447700{900_000 + index}"
                writer.writerow([number, text])
                texts[number] = text
        return texts


def draw(dice: random.Random, modems: int) -> Weather:
    """The weather of one operation in the long run."""
    personalities: tuple[str, ...] = (dice.choice(("generic", "generic", "huawei", "simcom", "quectel")),)
    if modems > 1:
        personalities = dice.choice((("generic",), ("generic", "huawei", "simcom", "quectel"), ("quectel",)))
    slow = dice.random() < 0.25
    radio_s = dice.uniform(0.7, 0.9) if slow else dice.uniform(0.05, 0.3)
    # Nothing is ever deleted from a modem's memory: reports beyond its 23 places would wait in the network.
    keeps = bool(_KEEPS_REPORTS & set(personalities))
    recipients, most_parts = (16, 22) if keeps else (26 if slow else 60, 1000)
    if modems > 1:
        each = 9 if keeps or slow else 18 if radio_s > 0.15 else 30
        recipients, most_parts = each * modems, (14 if keeps else 1000) * modems
    # One in six listens for less than the radio takes: spoken to while it is sending.
    share = 0.5 if dice.random() < 1 / 6 else 2.4
    kind = dice.random()
    return Weather(
        modems, personalities, recipients, most_parts, radio_s, dice.uniform(0.1, 0.5), radio_s * share,
        reports=kind >= 0.05, counter=kind >= 0.17 or 0.01 <= kind < 0.05,
        refused=0.1 if dice.random() < 0.3 else 0.0, early=0.1 if dice.random() < 0.3 else 0.0,
        wraps=dice.random() < 0.3, person=dice.random() < 0.3,
    )  # fmt: skip
