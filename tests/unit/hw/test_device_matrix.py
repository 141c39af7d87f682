"""hw/devices/*.toml and the profiles say the same, both ways; every row says who says so."""

from __future__ import annotations

import copy
import datetime as dt
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gsmsend_atmodem.profile import Profiles
from gsmsend_atmodem.profile_file import standard_profiles

Row = dict[str, Any]

REQUIRED = {"maker", "model", "profile", "usb", "at", "verified", "source", "evidence", "dated", "seen"}
OPTIONAL = {"interfaces", "technology", "bands", "sms", "notes"}
FOLDER = Path(__file__).parents[3] / "hw" / "devices"
SOURCES: Row = tomllib.loads((FOLDER / "sources.toml").read_text(encoding="utf-8"))["source"]
VERIFIED = {"manual", "code", "issue thread", "virtual"}
SMS = {"CS", "IMS", "CS or IMS"}
TECHNOLOGY = {"GSM", "UMTS", "LTE", "LTE-M", "5G"}


def faults(rows: list[Row], profiles: Profiles) -> list[str]:
    """What is wrong with the matrix, in words; nothing if nothing is."""
    found = [fault for row in rows for fault in (*row_faults(row), *profile_faults(row, profiles))]
    for usb, count in Counter(row.get("usb") for row in rows).items():
        if usb and count > 1:
            found.append(f"{usb} is in the matrix {count} times")
    seen = {row.get("usb") for row in rows}
    known = [(profile.name, product) for profile in profiles.all for product in profile.products]
    found += [
        f"{product.usb} of {name} is not in the matrix" for name, product in known if product.usb not in seen
    ]
    counts = Counter(product.usb for _, product in known)
    return found + [f"{usb} is in several profiles" for usb, count in counts.items() if count > 1]


def row_faults(row: Row) -> list[str]:
    """What is wrong with one row by itself."""
    where = f"{row.get('maker')} {row.get('model')}"
    found = [f"{where}: no {key}" for key in sorted(REQUIRED - row.keys())]
    found += [f"{where}: unknown key {key}" for key in sorted(row.keys() - REQUIRED - OPTIONAL)]
    if found:
        return found
    if not re.fullmatch(r"([0-9a-f]{4}:[0-9a-f]{4})?", row["usb"]):
        found.append(f"{where}: usb is {row['usb']!r}")
    if row["verified"] not in VERIFIED:
        found.append(f"{where}: verified is {row['verified']!r}")
    if row.get("sms", "CS") not in SMS or row.get("technology", "GSM") not in TECHNOLOGY:
        found.append(f"{where}: sms or technology is not one of the list")
    if not row["evidence"] and "https://" not in row["source"]:
        found.append(f"{where}: no evidence that can be looked up")
    found += [f"{where}: sources.toml has no {name}" for name in row["evidence"] if name not in SOURCES]
    if not isinstance(row["dated"], dt.date) or row["dated"] > dt.datetime.now(dt.UTC).date():
        found.append(f"{where}: dated is {row['dated']!r}")
    if row["seen"] != "not seen by us" and not re.match(r"seen: \S+", row["seen"]):
        found.append(f"{where}: seen is {row['seen']!r}")
    if len(row["source"].strip()) < 8:
        found.append(f"{where}: source says nothing")
    if "tested" in f"{row['verified']} {row.get('notes', '')}".lower():
        found.append(f"{where}: claims a test that nobody made")
    at_ports = {int(number) for number, what in row.get("interfaces", {}).items() if what == "AT"}
    if not set(row["at"]) <= at_ports or (row["at"] and len(set(row["at"])) != len(row["at"])):
        found.append(f"{where}: at and interfaces disagree")
    return found


def profile_faults(row: Row, profiles: Profiles) -> list[str]:
    """Where one row and the profile that the loader picks for it differ."""
    if row_faults(row):
        return []
    where = f"{row['maker']} {row['model']}"
    found = []
    for model in re.sub(r"\(.*?\)", "", row["model"]).split(","):
        profile = profiles.by_answers(row["maker"], model.strip())
        if profile is None or profile.name != row["profile"]:
            found.append(f"{where}: a modem that answers {model.strip()!r} gets {profile and profile.name}")
    if not row["usb"]:
        return found
    vid, pid = (int(part, 16) for part in row["usb"].split(":"))
    profile = profiles.by_usb(vid, pid)
    product = profile.product(row["usb"]) if profile else None
    if profile is None or product is None or profile.name != row["profile"]:
        return [*found, f"{where}: {row['usb']} gets {profile and profile.name}, not {row['profile']}"]
    if product.at_interfaces != tuple(row["at"]):
        found.append(f"{where}: the profile has AT ports {product.at_interfaces}, the matrix {row['at']}")
    if product.title != row["model"]:
        found.append(f"{where}: the profile calls it {product.title!r}")
    return found


def test_matrix_and_profiles_agree_both_ways(matrix: list[Row]) -> None:
    assert faults(matrix, standard_profiles()) == []


def test_all_families_asked_for_are_there(matrix: list[Row]) -> None:
    names = {profile.name for profile in standard_profiles().all}
    assert names == {row["profile"] for row in matrix}
    assert names >= {"huawei", "sim800", "sim7600", "quectel", "sierra", "telit", "ublox", "zte", "cinterion"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"usb": "12D1:1506"}, "usb is '12D1:1506'"),
        ({"usb": "12d1:15"}, "usb is '12d1:15'"),
        ({"usb": "ffff:ffff"}, "ffff:ffff gets None, not huawei"),
        ({"usb": "2c7c:0125"}, "2c7c:0125 gets quectel, not huawei"),
        ({"profile": "zte"}, "not zte"),
        ({"at": [0, 3]}, "the profile has AT ports"),
        ({"at": [9]}, "at and interfaces disagree"),
        ({"source": " "}, "source says nothing"),
        ({"verified": "tested"}, "verified is 'tested'"),
        ({"notes": "tested here"}, "claims a test that nobody made"),
        ({"model": "Zebra"}, "the profile calls it"),
        ({"maker": "Nobody"}, "gets None"),
        ({"technology": "7G"}, "not one of the list"),
        ({"evidence": [], "source": "somebody said so"}, "no evidence that can be looked up"),
        ({"evidence": ["hearsay"]}, "sources.toml has no hearsay"),
        ({"dated": "today"}, "dated is 'today'"),
        ({"dated": dt.date(2999, 1, 1)}, "dated is"),
        ({"seen": "works"}, "seen is 'works'"),
        ({"colour": "white"}, "unknown key colour"),
    ],
)
def test_a_spoiled_row_is_noticed(matrix: list[Row], change: Row, fault: str) -> None:
    rows = copy.deepcopy(matrix)
    row = next(each for each in rows if each["usb"] == "12d1:1506")
    row.update(change)
    assert any(fault in each for each in faults(rows, standard_profiles()))


def test_a_missing_a_doubled_and_a_bare_row_are_noticed(matrix: list[Row]) -> None:
    profiles = standard_profiles()
    assert f"{matrix[0]['usb']} of {matrix[0]['profile']} is not in the matrix" in faults(matrix[1:], profiles)
    assert f"{matrix[0]['usb']} is in the matrix 2 times" in faults([matrix[0], *matrix], profiles)
    bare = {key: value for key, value in matrix[0].items() if key != "source"}
    assert any("no source" in each for each in faults([bare, *matrix[1:]], profiles))


def test_an_id_in_two_profiles_is_noticed(matrix: list[Row]) -> None:
    profiles = standard_profiles()
    doubled = Profiles([*profiles.all, profiles.all[0]], profiles.generic)
    assert any("is in several profiles" in each for each in faults(matrix, doubled))


def test_no_profile_opens_a_port_that_is_no_at_port(matrix: list[Row]) -> None:
    for row in matrix:
        closed = {int(number) for number, what in row.get("interfaces", {}).items() if what != "AT"}
        profile = next(each for each in standard_profiles().all if each.name == row["profile"])
        product = profile.product(row["usb"])
        assert product is None or not closed & set(product.at_interfaces), row["usb"]


def test_a_family_is_a_file_of_its_own() -> None:
    for file in sorted(FOLDER.glob("*.toml")):
        text = file.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400, file.name
        if file.name != "sources.toml":
            assert {row["profile"] for row in tomllib.loads(text)["device"]} == {file.stem}


def test_every_source_can_be_looked_up_and_is_used(matrix: list[Row]) -> None:
    for name, source in SOURCES.items():
        assert source.keys() == {"kind", "what", "link"}, name
        assert source["kind"] in VERIFIED, name
        assert re.fullmatch(r"https?://[\w.-]+/\S*", source["link"]), name
    assert {name for row in matrix for name in row["evidence"]} == SOURCES.keys()


def test_nothing_is_claimed_that_no_source_of_the_row_can_show(matrix: list[Row]) -> None:
    for row in matrix:
        kinds = {SOURCES[name]["kind"] for name in row["evidence"]}
        kinds |= {"issue thread"} if "https://" in row["source"] else set()
        assert row["verified"] in kinds, row["usb"] or row["model"]
