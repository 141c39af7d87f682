"""What counts as a device that can use a SIM, from how many on an authority is asked for, and what is said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from gsmsend.config import AuthorityTerms, Settings
from gsmsend.contract import Endpoint
from gsmsend.engine.authority import Authority

TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()


def modems(count: int, *, virtual: bool = False, cloud: bool = False) -> list[Endpoint]:
    return [Endpoint("atmodem", f"/dev/ttyUSB{index}", virtual=virtual, cloud=cloud) for index in range(count)]


def refusal(there: Iterable[Endpoint], *, elsewhere: int = 0, alone: bool = False, **terms: object) -> str:
    settings = Settings(Path("op"), "test", authority=AuthorityTerms(**terms))  # type: ignore[arg-type]
    why, remedy = Authority(settings, lambda: TODAY, lambda: elsewhere).refusal(there, alone=alone)
    assert bool(why) == bool(remedy)
    return f"{why}\n{remedy}" if why else ""


@pytest.mark.parametrize(
    ("there", "elsewhere"),
    [
        (modems(4), 0),
        (modems(64, virtual=True), 0),
        (modems(64, virtual=True), 4),
        (modems(4) + modems(4, virtual=True) + modems(4, cloud=True), 0),
        (modems(1), 3),
        ([], 64),
    ],
)
def test_up_to_four_that_are_real_ask_for_nothing(there: list[Endpoint], elsewhere: int) -> None:
    assert refusal(there, elsewhere=elsewhere) == ""


@pytest.mark.parametrize(("there", "elsewhere"), [(modems(5), 0), (modems(1), 4), (modems(3), 64)])
def test_five_ask_for_an_authority_over_all_hosts(there: list[Endpoint], elsewhere: int) -> None:
    said = refusal(there, elsewhere=elsewhere)
    assert f"{len(there) + elsewhere} devices" in said
    assert "[authority]" in said
    assert "reference =" in said
    assert "hw/law.md" in said
    assert ("at other hosts" in said) == bool(elsewhere)
    assert refusal(there, elsewhere=elsewhere, reference="Warrant 12") == ""


def test_before_the_hosts_are_joined_only_this_one_counts() -> None:
    assert refusal(modems(3), elsewhere=3, alone=True) == ""
    assert refusal(modems(5), elsewhere=3, alone=True)


@pytest.mark.parametrize(("last", "holds"), [(date(2026, 11, 22), True), (date(2026, 11, 21), False)])
def test_it_holds_up_to_its_last_day(last: date, *, holds: bool) -> None:
    said = refusal(modems(5), reference="Warrant 12", expires=last)
    assert (said == "") == holds
    assert holds or "ended on 2026-11-21" in said


def test_a_blank_reference_is_none() -> None:
    assert refusal(modems(5), reference="  ")


def test_what_goes_on_record_names_it_and_only_where_it_is_needed() -> None:
    terms = AuthorityTerms("Warrant 12", "A. Officer", date(2027, 3, 31))
    authority = Authority(Settings(Path("op"), "test", authority=terms), lambda: TODAY, lambda: 2)
    assert authority.words(modems(2)) == ""
    words = authority.words(modems(3))
    assert words == "5 devices that can use a SIM; authority: Warrant 12, held by A. Officer, until 2027-03-31"
