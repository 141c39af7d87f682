"""Lines and prompts out of octets, whatever the framing and the chunks."""

from __future__ import annotations

import pytest

from gsmsend.at.lexer import LONGEST_LINE, Lexer, Mark


def lex(octets: bytes, *, expect: bool = False, chunk: int = 0) -> list[tuple[str, str]]:
    lexer = Lexer()
    lexer.expect_prompt = expect
    found = []
    step = chunk or len(octets) or 1
    for at in range(0, len(octets), step):
        for token in lexer.feed(octets[at : at + step]):
            if token.mark is Mark.PROMPT:
                lexer.expect_prompt = False
            found.append((token.mark.value, token.text))
    return found


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\r\r\n", "\n\r"])
def test_every_framing_gives_the_same_lines(end: str) -> None:
    octets = f"{end}+CSQ: 20,99{end}{end}OK{end}".encode()
    assert lex(octets) == [("line", "+CSQ: 20,99"), ("line", "OK")]


@pytest.mark.parametrize("chunk", [1, 2, 3, 7])
def test_chunks_do_not_matter(chunk: int) -> None:
    octets = b"AT+CMGS=23\r\r\n> "
    assert lex(octets, expect=True, chunk=chunk) == [("line", "AT+CMGS=23"), ("prompt", ">")]


@pytest.mark.parametrize("prompt", [b"\r\n> ", b"\r\n>", b"> ", b">", b"\n>"])
def test_prompts_of_all_makes(prompt: bytes) -> None:
    assert lex(prompt, expect=True) == [("prompt", ">")]


def test_a_prompt_nobody_asked_for_is_none() -> None:
    assert lex(b"\r\n> ") == []
    assert lex(b"\r\n> \r\nOK\r\n") == [("line", ">"), ("line", "OK")]


def test_a_prompt_that_came_before_it_was_asked_for_is_none() -> None:
    lexer = Lexer()
    assert list(lexer.feed(b"\r\n> ")) == []
    lexer.expect_prompt = True
    assert [token.text for token in lexer.feed(b"\r\nOK\r\n")] == [">", "OK"]


def test_a_sign_inside_a_line_is_no_prompt() -> None:
    assert lex(b"a > b\r\nx>\r\n", expect=True) == [("line", "a > b"), ("line", "x>")]


def test_the_rest_of_the_prompts_line_is_marked() -> None:
    assert lex(b"> 0011FF\x1a\r\nOK\r\n", expect=True) == [("prompt", ">"), ("tail", "0011FF"), ("line", "OK")]


def test_garbage_is_lines_too() -> None:
    assert lex(b"\x00\xff\x80\x00\r\nOK\r\n") == [("line", "\xff\x80"), ("line", "OK")]


@pytest.mark.parametrize("chunk", [0, 1000])
def test_an_endless_line_is_dropped_and_memory_stays_bounded(chunk: int) -> None:
    octets = b"x" * (3 * LONGEST_LINE) + b"\r\nOK\r\n"
    assert lex(octets, chunk=chunk) == [("line", "OK")]
    lexer = Lexer()
    for _ in range(1000):
        assert list(lexer.feed(b"y" * 1000)) == []
    assert len(lexer.rest) <= LONGEST_LINE
