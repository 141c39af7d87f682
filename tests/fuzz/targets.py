"""The harnesses by name. Importing this imports none of the product: atheris must instrument it first."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz import seeds
from tests.fuzz.lines import CORPUS, read

Fuzz = Callable[[bytes], None]


@dataclass(frozen=True)
class Target:
    """`module.fuzz` takes any octets and raises for a fault only; `packages` are what it is about.

    `tokens` are words of its language, `longest` the octets of an input at most.
    """

    name: str
    module: str
    packages: tuple[str, ...]
    tokens: tuple[bytes, ...]
    seeds: Callable[[], list[bytes]]
    longest: int

    def load(self) -> Fuzz:
        """Import the harness, and with it the product."""
        fuzz: Fuzz = importlib.import_module(self.module).fuzz
        return fuzz

    @property
    def corpus(self) -> Path:
        """Its file in tests/corpus/fuzz."""
        return CORPUS / f"{self.name}.txt"

    def inputs(self) -> list[bytes]:
        """Where fuzzing begins: the seeds and the corpus."""
        return list(dict.fromkeys([*self.seeds(), *read(self.corpus)]))


_AT, _DRIVER = "gsmsend.at", "gsmsend_atmodem"

TARGETS = {
    target.name: target
    for target in (
        Target("codec", "tests.fuzz.codec", ("gsmsend.sms",), seeds.PDU_PIECES, seeds.codec, 400),
        Target("lexer", "tests.fuzz.lexing", (_AT,), seeds.MODEM_WORDS, seeds.lexer, 600),
        Target("session", "tests.fuzz.dialogue", (_AT,), seeds.MODEM_WORDS, seeds.session, 400),
        Target("table", "tests.fuzz.tables", ("gsmsend.campaign",), seeds.TABLE_WORDS, seeds.table, 600),
        Target("config", "tests.fuzz.configs", ("gsmsend.config",), seeds.CONFIG_WORDS, seeds.config, 2000),
        Target("lines", "tests.fuzz.driver_lines", (_DRIVER, _AT), seeds.MODEM_WORDS, seeds.lines, 600),
        Target("link", "tests.fuzz.linking", (_DRIVER, _AT), seeds.MODEM_WORDS, seeds.link, 300),
    )
}
