"""Reading replies: no text breaks it, and STOP is STOP however it is dressed up."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gsmsend.campaign.replies import ReplyReader
from gsmsend.campaign.spelling import near

READER = ReplyReader()
WORDS = ["stop", "unsubscribe", "cancel", "quit", "opt out", "stop all", "leave me alone", "dont text me"]
AROUND = st.text(st.sampled_from(" \t\n.!?,;:'\"()*-~\u2026\u200b\u202e\u2066🛑😡✋🏽\u0007\x1b"), max_size=8)
GREETING = st.sampled_from(["", "hi ", "Hello, ", "please ", "ok ", "hey mate "])
DANGERS = ["suicide", "overdose", "he will kill me", "knife", "help me", "I want to die", "im scared"]


def in_any_case(words: str) -> st.SearchStrategy[str]:
    return st.tuples(*(st.sampled_from([c.lower(), c.upper()]) for c in words)).map("".join)


@given(st.text(max_size=400))
@settings(max_examples=300)
def test_any_text_is_read(text: str) -> None:
    reading = READER.read(text)
    assert reading.doubtful <= reading.stop
    assert bool(reading.words) >= (reading.stop or reading.danger)


@given(AROUND, GREETING, st.sampled_from(WORDS).flatmap(in_any_case), AROUND)
def test_a_stop_word_in_any_dress_is_a_refusal(before: str, greeting: str, word: str, after: str) -> None:
    assert READER.read(before + greeting + word + after).stop


@given(st.text(max_size=200), st.sampled_from(DANGERS).flatmap(in_any_case), st.text(max_size=200))
def test_danger_is_found_wherever_it_stands(before: str, danger: str, after: str) -> None:
    assert READER.read(f"{before}\n{danger}\n{after}").danger


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_nearness_is_symmetric_and_finds_each_slip(one: str, other: str) -> None:
    assert near(one, other) == near(other, one)
    assert near(one + "x", one)
    assert near(one, one)
