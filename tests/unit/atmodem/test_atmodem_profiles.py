"""The profile files that are there, and what the reader refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmsend.at import Sent
from gsmsend.errors import DriverError
from gsmsend_atmodem.profile_file import FOLDER, load_profiles, read_profile, standard_profiles

GOOD = 'name = "x"\ntitle = "X"\nmanufacturer = "x"\nmodel = ""\n'


def read(tmp_path: Path, text: str) -> object:
    (tmp_path / "x.toml").write_text(text)
    return read_profile(tmp_path / "x.toml", standard_profiles().generic)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_file_is_read(path: Path) -> None:
    assert read_profile(path, None).name == path.stem


def test_generic_states_every_quirk() -> None:
    from gsmsend_atmodem.profile_file import _KINDS

    assert standard_profiles().generic.stated == set(_KINDS)


def test_no_usb_id_is_claimed_twice() -> None:
    ids = [product.usb for profile in standard_profiles().all for product in profile.products]
    assert len(ids) == len(set(ids))


def test_a_family_keeps_what_it_does_not_state() -> None:
    profiles = standard_profiles()
    for profile in profiles.all:
        assert profile.submit_timeout_s >= profiles.generic.submit_timeout_s, "shorter makes texts uncertain"
        assert {"RDY", "^SYSSTART"} <= {rule.prefix for rule in profile.rules}
        assert "SM" not in profile.own_memories
        assert "MT" not in profile.own_memories


def test_a_named_model_goes_before_the_maker(tmp_path: Path) -> None:
    (tmp_path / "generic.toml").write_text((FOLDER / "generic.toml").read_text())
    (tmp_path / "a.toml").write_text('name = "a"\ntitle = "A"\nmanufacturer = "acme"\nmodel = ""\n')
    (tmp_path / "b.toml").write_text('name = "b"\ntitle = "B"\nmanufacturer = "acme"\nmodel = "^Z9"\n')
    profiles = load_profiles(tmp_path)
    assert [found.name for model in ("Z9", "Y8") if (found := profiles.by_answers("ACME Corp", model))] == [
        "b",
        "a",
    ]
    assert profiles.by_answers("Other", "Z9") is None


def test_a_makers_code_is_read(tmp_path: Path) -> None:
    row = '[[cms]]\ncode = 512\nname = "not ready"\nsent = "no"\nclass = "retry"\nsource = "manual"\n'
    profile = read(tmp_path, GOOD + row)
    assert profile.cause_table().cause(512).sent is Sent.NO  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('[[quirk]]\nkey = "csms"\nvalue = true\n', "source"),
        ('[[quirk]]\nkey = "speed"\nvalue = 1\nsource = "m"\n', "expected one of"),
        ('[[quirk]]\nkey = "csms"\nvalue = "yes"\nsource = "m"\n', "a bool"),
        ('[[quirk]]\nkey = "prompt_delay_s"\nvalue = -1\nsource = "m"\n', "seconds"),
        ('[[quirk]]\nkey = "routing"\nvalue = ["sim"]\nsource = "m"\n', "acknowledged"),
        ('[[quirk]]\nkey = "cnmi_modes"\nvalue = ["2"]\nsource = "m"\n', "list of int"),
        ('[[quirk]]\nkey = "init"\nvalue = ["AT+CMGD=1,4"]\nsource = "m"\n', "change nothing on the SIM"),
        ('[[quirk]]\nkey = "init"\nvalue = ["AT&W"]\nsource = "m"\n', "change nothing on the SIM"),
        ('[[quirk]]\nkey = "init"\nvalue = ["at+cpin=1234"]\nsource = "m"\n', "change nothing on the SIM"),
        (
            '[[quirk]]\nkey = "init"\nvalue = ["AT+CRSM=214,28476,1,4,176"]\nsource = "m"\n',
            "change nothing on the SIM",
        ),
        ('[[quirk]]\nkey = "init"\nvalue = ["AT+X\\u001a"]\nsource = "m"\n', "change nothing on the SIM"),
        ('[[device]]\nusb = "12D1:1001"\ntitle = "t"\nsource = "m"\n', "lower-case"),
        ('[[device]]\nusb = "12d1:1001"\ntitle = "t"\nat_interfaces = "2"\nsource = "m"\n', "interface numbers"),
        ('[[unsolicited]]\nprefix = ""\nsource = "m"\n', "begins"),
        ('[[unsolicited]]\nprefix = "^X:"\nbdoy = true\nsource = "m"\n', "bdoy"),
        ('[[cms]]\ncode = "512"\nname = "n"\nsent = "no"\nclass = "retry"\nsource = "m"\n', "ERROR code"),
        ('[[cms]]\ncode = 512\nname = "n"\nsent = "perhaps"\nclass = "retry"\nsource = "m"\n', "cms-errors.csv"),
        ('[[cms]]\ncode = 512\nname = "n"\nsent = "no"\nsource = "m"\n', "what to do next"),
        ("quirks = 1\n", "no key of a profile"),
        ("quirk = 1\n", "rows"),
        ("= 1\n", "cannot be read"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(tmp_path: Path, row: str, words: str) -> None:
    text = row + GOOD if row[0] in "q=" else GOOD + row
    with pytest.raises(DriverError, match=words) as error:
        read(tmp_path, text)
    assert "x.toml" in str(error.value)


@pytest.mark.parametrize("head", [GOOD.replace('"x"', '"y"', 1), GOOD.replace('model = ""', 'model = "("')])
def test_name_and_patterns_are_checked(tmp_path: Path, head: str) -> None:
    with pytest.raises(DriverError, match="expected"):
        read(tmp_path, head)
