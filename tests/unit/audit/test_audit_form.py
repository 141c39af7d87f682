"""An entry is what docs/audit-log.md says, and its short form is read however people write it."""

from __future__ import annotations

import json

import pytest

from gsmsend.audit import Kind, canonical, commitment, digest, entry, spans, stamp
from gsmsend.audit.short import Noted, read_short, short
from gsmsend.audit.states import ids_in

HASH = digest("an entry")


def test_an_entry_is_one_line_of_canonical_json() -> None:
    line = entry(
        7, HASH, Kind.NOTE, 1_763_798_862.123456, {"b": "\u00e9\n", "a": [1, None]}, session=2, sealed={"x": HASH}
    )
    made = {
        "at": "2025-11-22T08:07:42.123456Z", "data": {"b": "\u00e9\n", "a": [1, None]}, "kind": "note", "n": 7,
        "prev": HASH, "sealed": {"x": HASH}, "session": 2,
    }  # fmt: skip
    assert line == json.dumps(made, sort_keys=True, separators=(",", ":"))
    assert line.isascii()
    assert "\n" not in line


@pytest.mark.parametrize(
    "data", [{"a": 1.0}, {"a": [1, {"b": 2.5}]}, {"a": (float("nan"),)}, {"a": {1, 2}}, {"a": b""}]
)
def test_what_has_more_than_one_spelling_is_refused(data: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        entry(1, HASH, Kind.NOTE, 0.0, data)


def test_a_time_is_of_the_second_it_is_in() -> None:
    assert [stamp(at) for at in (0.0, 0.9999999, 1.5)] == [
        "1970-01-01T00:00:00.000000Z",
        "1970-01-01T00:00:01.000000Z",
        "1970-01-01T00:00:01.500000Z",
    ]


def test_a_commitment_is_over_salt_and_value() -> None:
    import hashlib

    assert commitment("00", ["a"]) == hashlib.sha256(b'00:["a"]').hexdigest()
    assert canonical({"b": 1, "a": "\ud800"}) == '{"a":"\\ud800","b":1}'


def test_ids_are_listed_with_their_gaps() -> None:
    listed = spans([9, 1, 2, 3, 5, 6])
    assert listed == [[1, 3], 5, 6, 9]
    assert [one for span in ids_in(listed) for one in span] == [1, 2, 3, 5, 6, 9]
    assert spans([]) == []


@pytest.mark.parametrize("listed", [["1"], [[2, 1]], [0], [[1, 2, 3]], [True], [[1, 10**12]]])
def test_what_are_no_message_ids_is_refused(listed: list[object]) -> None:
    with pytest.raises(ValueError, match="message"):
        list(ids_in(listed))


def test_a_head_is_read_as_people_write_it() -> None:
    noted = Noted(1042, "00443" + "c" * 15)
    shown = short(1042, noted.begins + "0" * 44)
    assert shown.startswith("1042 0123-")
    assert read_short(shown) == noted
    assert read_short(f"  {shown.lower().replace('0', 'o').replace('1', 'l').replace('-', ' ')} ") == noted
    assert read_short(shown.replace("1", "I").replace("-", "").replace(" ", "\u2013")) == noted
    assert noted.fits(noted.begins + "f" * 44)
    assert not noted.fits("1" + noted.begins[1:] + "f" * 44)


@pytest.mark.parametrize(
    "words",
    [
        "", "1042", "7KQX-93MB-TT2P-0A4C", "x 7KQX-93MB-TT2P-0A4C", "1 7KQX-93MB-TT2P-0A4U",
        "0 7KQX-93MB-TT2P-0A4C", "9" * 30 + " 7KQX-93MB-TT2P-0A4C",
    ],
)  # fmt: skip
def test_what_is_no_head_is_refused_in_words(words: str) -> None:
    with pytest.raises(ValueError, match=r"expected|is in it"):
        read_short(words)
