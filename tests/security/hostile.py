"""What strangers may write, by what it tries to become, and how to tell that it did not."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

FORGED = "FORGED 12:00:00 all texts were delivered"

CORPUS: dict[str, tuple[str, ...]] = {
    "terminal": (
        "\x1b[2J\x1b[Hgone", "\x1b]0;title\x07", "\x1b]8;;https://example.org\x07link\x1b]8;;\x07", "\x9b2J",
        "\x1bP0;1|17/ab\x1b\\", "\x1b[8mhidden\x1b[0m", "a\x08\x08b", "\x07\x07", "\x0e\x0f", "\x7f",
    ),
    "line": (
        f"ok\n{FORGED}", f"ok\r\n{FORGED}", f"ok\r{FORGED}", f"ok\x0b{FORGED}", f"ok\x0c{FORGED}",
        f"ok\x1c{FORGED}", f"ok\x85{FORGED}", f"ok\u2028{FORGED}", f"ok\u2029{FORGED}",
    ),
    "direction": ("\u202egpj.exe", "\u2066a\u2067b\u2069", "\u200fabc\u061c", "x\u200e", "a" + "\u0300" * 60),
    "null": ("a\x00b", "\x00", "\ufffe\uffff", "\ufeffx"),
    "formula": (
        "=1+1", "+1+1", "-1+1", "@SUM(A1:A9)", "\t=1+1", "  =1+1", "=HYPERLINK(\"https://example.org\",\"x\")",
        "=cmd|' /C calc'!A0", "\uff1d1+1", ";=1+1", "x\n=1+1", '";=1+1;"', "\r=1+1",
    ),
    "html": (
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</style><svg onload=alert(1)>",
        "' onmouseover='alert(1)", "<a href=javascript:alert(1)>x</a>", "&lt;b&gt;", "<!--", "]]>",
        "{{ 7 * 7 }}{% include 'x' %}", "javascript:alert(1)", "<base href=//example.org>",
    ),
    "shell": (
        "$(touch owned)", "`touch owned`", "; touch owned #", "| touch owned", "& touch owned &",
        "'; touch owned '",
    ),
    "sql": (
        "'); DROP TABLE messages;--", "' OR '1'='1", '" OR 1=1 --', "%' --", "\\'; DELETE FROM audit; --",
        ":x ? %s",
    ),
    "markup": (
        "[bold red]x[/bold red]", "[link=https://example.org]x[/link]", "[/]", "{0.__class__}", "%s%n%(x)s",
        "\\N{BULLET}",
    ),
    "long": ("A" * 20_000, "=" * 5_000, "\u202e" * 2_000),
}  # fmt: skip

ALL = tuple(text for texts in CORPUS.values() for text in texts)

_OWN_STYLES = re.compile(r"\x1b\[(?:3[0-7]|0|1)m")
_ACTS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


def acts_on_a_terminal(shown: str) -> list[str]:
    """What a terminal would act on or show in another order; line ends and our colours do not count."""
    return _ACTS.findall(_OWN_STYLES.sub("", shown).replace("\r\n", "\n"))


def forged_lines(shown: str) -> list[str]:
    """Lines that a stranger wrote and that stand there as if the program had said them."""
    return [line for line in shown.splitlines() if line.startswith("FORGED")]


def formulas(table: str) -> list[str]:
    """Cells of a CSV file that a spreadsheet would work out, whatever it takes for the separator."""
    signs = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
    return [
        one
        for row in csv.reader(io.StringIO(table, newline=""))
        for one in row
        if one.lstrip(" ").startswith(signs)
    ]


class Page(HTMLParser):
    """What is in a page beyond words: its tags in order, and what would run or fetch something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.active: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in {"script", "iframe", "object", "embed", "base", "form", "link", "img"}:
            self.active.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower().startswith(("javascript:", "data:text")):
                self.active.append(f"{tag} {name}={value}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
