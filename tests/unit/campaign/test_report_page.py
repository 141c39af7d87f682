"""The page asks for nothing from outside, tells words as words, and keeps people out of partners' copies."""

from __future__ import annotations

import re
import sys
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from typing import Any

import pytest

from gsmsend.campaign.report import shape
from gsmsend.campaign.report.render import html, pdf
from gsmsend.contract.results import Answer, Results
from gsmsend.errors import UsageError
from tests.unit.campaign.report_scene import BLUE, RED, TERMS, at, large, number, small, totals

REDACTED = replace(TERMS, redacted=True)


class Tags(HTMLParser):
    """The tags of a page with their attributes, and whether they are nested rightly."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


def words_of(value: Any) -> list[str]:
    """Every string in a value."""
    if type(value) is str:  # not the words of an enum
        return [value]
    if is_dataclass(value):
        return [word for field in fields(value) for word in words_of(getattr(value, field.name))]
    if isinstance(value, tuple | frozenset):
        return [word for one in value for word in words_of(one)]
    return []


@pytest.mark.parametrize("results", [large(), small(), small(totals=totals(draft=3))])
@pytest.mark.parametrize("terms", [TERMS, REDACTED])
def test_it_is_whole_and_asks_for_nothing_from_outside(results: Results, terms: Any) -> None:
    page = html(shape(results, terms))
    tags = Tags(page).found
    assert not {"script", "link", "img", "iframe", "object", "image", "use", "a"} & {tag for tag, _ in tags}
    assert not [attrs for _, attrs in tags if {"src", "href", "xlink:href", "onload", "style"} & set(attrs)]
    assert "url(" not in page
    assert "@import" not in page
    assert [name for name in re.findall(r"https?://[^\s\"<]+", page) if name != "http://www.w3.org/2000/svg"] == (
        ["https://example.org/help"] if results.texts and not terms.redacted else []
    )


def test_every_chart_can_be_read_to_somebody() -> None:
    page = html(shape(large(), TERMS))
    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(charts) == 4
    for chart in charts:
        assert 'role="img"' in chart
        title, words = re.findall(r"<title id=[^>]*>(.+?)</title><desc id=[^>]*>(.+?)</desc>", chart)[0]
        assert title
        assert re.search(r"\d", words)
    names = re.findall(r' id="([^"]+)"', page)
    assert len(names) == len(set(names))


def test_the_same_results_give_the_same_page() -> None:
    assert html(shape(large(), TERMS)) == html(shape(large(), TERMS))


def test_strangers_words_stay_words() -> None:
    reply = Answer(at(23, 11), number(7), "<script>alert(1)</script>\n\u202egnp.exe", frozenset(), "", "")
    page = html(shape(small(replies=(reply,)), TERMS))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    assert 'dir="auto"' in page  # so that what runs from right to left stays in its cell


def test_numbers_are_masked_or_not_as_asked() -> None:
    assert number(9) not in html(shape(large(), TERMS))
    assert number(9) in html(shape(large(), replace(TERMS, number=str)))


def test_partners_get_no_word_of_what_the_store_knows_of_people() -> None:
    page = html(shape(large(), REDACTED))
    harmless = {"main", "GBP", "website", "on the never-contact list", "danger"}
    known = {word for word in words_of(large()) if word.strip()} - harmless
    assert {number(7), "STOP", "a.officer", "A. Officer", "red-phone.xlsx", RED, BLUE} <= known
    shown = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert [word for word in known if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", shown)] == []
    assert not re.search(r"\+?\d{6,}", re.sub(r"<svg.*?</svg>", "", shown, flags=re.DOTALL))
    assert "Operation Example" not in page


def test_a_pdf_of_it_is_the_same_each_time() -> None:
    page = shape(small(totals=totals(delivered=30), delays=((5, 30),)), TERMS)
    first = pdf(page)
    assert first.startswith(b"%PDF-")
    assert first == pdf(page)


def test_without_weasyprint_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(UsageError, match="PDF cannot be made") as caught:
        pdf(shape(small(), TERMS))
    assert "pip install 'gsmsend[pdf]'" in caught.value.remedy
    assert "libpango" in caught.value.remedy


@pytest.mark.parametrize(("exact", "said"), [(False, True), (True, False)])
def test_only_a_rounded_page_says_that_it_is(exact: bool, said: bool) -> None:
    page = html(shape(large(), replace(REDACTED, exact=exact)))
    assert ("rounded to the nearest 5" in page) is said
    assert ("about 1,940" in page) is said
    assert "No phone number, name or message is on this page." in page
