"""Strangers' words are shown so that they act on nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsmsend.inert import cell, plain


@pytest.mark.parametrize(
    "text",
    ["Help me", "Zoë, José 5€", "line\none\ttab", "👩‍👩‍👧 💚", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "مرحبا بك", "हिन्दी", "Tiếng Việt", "e\u0301"],
)
def test_writing_is_left_as_it_is(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "<U+001B>[2J"), ("\x9b1m", "<U+009B>1m"), ("a\rb", "a<U+000D>b"),
        ("\u202egnp.exe", "<U+202E>gnp.exe"), ("\u2067x\u2069", "<U+2067>x<U+2069>"),
        ("\ufeff", "<U+FEFF>"), ("\ud800", "<U+D800>"), ("\u2028", "<U+2028>"),
        ("a" + "\u0300" * 50, "a" + "\u0300" * 4),
    ],
)  # fmt: skip
def test_what_acts_is_written_out(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text())
def test_nothing_that_acts_is_left(text: str) -> None:
    left = {c for c in plain(text) if unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}}
    assert left <= {"\n", "\t"}
    assert not set(plain(text)) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


@pytest.mark.parametrize("text", ["=1+1", "+44", "-1", "@sum", "\t=1", "  =1", "\uff1d1", "=cmd|' /c calc'!A0"])
def test_a_cell_is_never_a_formula(text: str) -> None:
    assert cell(text).startswith("'")
    assert cell("hello = you") == "hello = you"
