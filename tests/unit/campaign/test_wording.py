"""What a text must say, and what it must not."""

from __future__ import annotations

import pytest

from gsmsend.campaign import mentions
from gsmsend.campaign.wording import accusing, check, shorteners
from gsmsend.config import Wording

GOOD = "Example Police: free help at https://example.org/help or 0808 157 0123. Reply STOP to opt out."
ASKED = Wording(names=("Example Police",), domains=("example.org",), never=("Operation Sunset",))


def failed(text: str, asked: Wording = ASKED, segments: int = 1) -> list[str]:
    return [one.name for one in check(text, segments, asked, "GB") if one.blocks]


def test_a_good_text_has_nothing_wrong() -> None:
    assert check(GOOD, 1, ASKED, "GB") == ()


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("Example Police", "Us", "names"),
        ("https://example.org/help", "the library", "link"),
        ("0808 157 0123", "any time", "phone"),
        ("STOP", "later", "opt-out"),
        ("https://example.org/help", "https://example.com/help", "domains"),
        ("https://example.org/help", "https://notexample.org", "domains"),
        ("https://example.org/help", "https://example.org@example.com/", "domains"),
        ("https://example.org/help", "https://bit.ly/abc", "shortener"),
        ("https://example.org/help", "rb.gy/abc", "shortener"),
        ("free help", "the dealer is gone, free help", "accusing"),
        ("free help", "we know what you did", "accusing"),
        ("free help", "operation  sunset", "never"),
        ("Example Police: free", "Hi Jane, Example Police: free", "name"),
        ("Example Police: free", "Dear Mr Bloggs. Example Police: free", "name"),
    ],
)
def test_each_check_fails_on_what_it_is_for(old: str, new: str, name: str) -> None:
    assert old in GOOD
    assert name in failed(GOOD.replace(old, new))


def test_checks_read_as_people_do() -> None:
    shouted = GOOD.replace("Example Police", "EXAMPLE\u00a0POLICE").replace("STOP", "stop")
    assert failed(shouted) == []
    assert failed(GOOD.replace("Example Police", "NotExample Police")) == ["names"]
    assert "accusing" in failed(GOOD + " We\u2019re no dealers.")


def test_nobody_in_particular_may_be_greeted() -> None:
    assert failed("Hi there. Hello, Friend. Dear all, " + GOOD) == []


def test_an_empty_setting_asks_nothing_but_a_missing_name_is_told() -> None:
    bare = Wording(link=False, phone=False, opt_out=())
    (only,) = check("Help is here.", 1, bare, "GB")
    assert (only.name, only.blocks) == ("names", False)


def test_subdomains_of_an_allowed_domain_are_allowed_however_it_is_written() -> None:
    asked = Wording(names=("Example Police",), domains=("https://www.Example.org/",))
    assert failed(GOOD.replace("https://example.org", "https://help.example.org"), asked) == []


def test_an_address_in_letters_of_another_script_is_odd() -> None:
    assert "odd-link" in failed(GOOD.replace("https://example.org/help", "https://ex\u0430mple.org"))


def test_a_text_of_too_many_segments_fails_and_one_of_twenty_is_called_a_nuisance() -> None:
    assert failed(GOOD, segments=4) == ["segments"]
    (found,) = [one for one in check(GOOD, 20, ASKED, "GB") if one.name == "segments"]
    assert "it takes 20 segments; expected 3 at most, and some phones will show it in pieces" in found.words
    allowed = Wording(names=("Example Police",), most_segments=30)
    (warning,) = check(GOOD, 20, allowed, "GB")
    assert (warning.name, warning.blocks) == ("segments", False)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Call 0300 123 6600 or 116 123.", ["0300 123 6600", "116 123"]),
        ("Text 07700 900123 or ring +44 808 157 0123", ["07700 900123", "+44 808 157 0123"]),
        ("Childline: 0800 1111", ["0800 1111"]),
        ("Open 10:00 to 19:00 from 2026-12-01, 24/7, 100% free, for 18-25", []),
        ("See example.org/08001111", []),
    ],
)
def test_phone_numbers_are_found_as_phones_find_them(text: str, numbers: list[str]) -> None:
    assert list(mentions.phones(text, "GB", mentions.links(text))) == numbers


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("See example.org/help, or www.example.org.uk.", ["example.org", "www.example.org.uk"]),
        ("help.example.charity or HTTP://EXAMPLE.ORG", ["help.example.charity", "example.org"]),
        ("Write to help@example.org. Stop.Call us", []),
    ],
)
def test_links_are_found_with_and_without_their_beginning(text: str, hosts: list[str]) -> None:
    assert [link.host for link in mentions.links(text)] == hosts


def test_the_lists_are_clean_and_each_entry_has_its_source() -> None:
    assert len(set(shorteners())) == len(shorteners()) > 20
    assert all(domain == domain.lower() and "/" not in domain for domain in shorteners())
    assert len({words for words, _ in accusing()}) == len(accusing())
    assert all(words == words.casefold() and why for words, why in accusing())
