"""[key], [access], [evidence], [retention]: defaults that ask nothing of anybody, mistakes that are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmsend.config import AccessTerms, EvidenceTerms, Keep, KeyTerms, parse, template
from gsmsend.errors import ConfigError

HERE = Path("operation")


@pytest.mark.parametrize("text", ["", template(lab=True), template(lab=False)])
def test_without_a_word_of_it_nothing_is_asked_for_and_no_date_is_set(text: str) -> None:
    settings = parse(text, HERE)
    assert settings.key == KeyTerms(Keep.AUTO, "", "")
    assert settings.access == AccessTerms(roles=False, sign_in_hours=12)
    assert settings.evidence == EvidenceTerms("", "")
    assert settings.retention_days == 0


def test_all_of_it_as_given() -> None:
    settings = parse(
        '[key]\nkeep = "passphrase"\npassphrase_file = "/run/secret/phrase"\nfolder = "/media/stick"\n'
        "[access]\nroles = true\nsign_in_hours = 8\n"
        '[evidence]\ntimestamp_url = "https://tsa.example.org:8443/stamp"\ntimestamp_ca = "tsa.pem"\n'
        "[retention]\ndays = 90\n",
        HERE,
    )
    assert settings.key == KeyTerms(Keep.PASSPHRASE, "/run/secret/phrase", "/media/stick")
    assert settings.access == AccessTerms(roles=True, sign_in_hours=8)
    assert settings.evidence == EvidenceTerms("https://tsa.example.org:8443/stamp", "tsa.pem")
    assert settings.retention_days == 90


@pytest.mark.parametrize("lab", [True, False])
def test_the_template_explains_retention_evidence_and_the_key(lab: bool) -> None:
    words = template(lab=lab)
    for section in ("[retention]", "[evidence]", "[key]"):
        assert section in words
    assert ("[access]" in words) is not lab


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[key]\nkeep = "usb"\n', ["key.keep = 'usb'", "auto, keyring, passphrase, home"]),
        ("[key]\nkeep = 1\n", ["key.keep = 1", "auto, keyring, passphrase, home"]),
        ("[key]\nfolder = 5\n", ["key.folder = 5", "where it is"]),
        ('[key]\npassphrase_file = "/a\\u0000b"\n', ["key.passphrase_file", "where it is"]),
        (
            '[key]\nkeep = "keyring"\npassphrase_file = "/p"\n',
            ["key.passphrase_file = '/p'", 'keep = "passphrase"'],
        ),
        ('[access]\nroles = "yes"\n', ["access.roles = 'yes'", "true or false"]),
        ("[access]\nsign_in_hours = 0\n", ["access.sign_in_hours = 0", "from 1 to 168"]),
        ("[access]\nsign_in_hours = 1000\n", ["access.sign_in_hours = 1000", "from 1 to 168"]),
        ('[evidence]\ntimestamp_url = "ftp://tsa.example.org"\n', ["evidence.timestamp_url", "https://"]),
        ('[evidence]\ntimestamp_url = "https://"\n', ["evidence.timestamp_url = 'https://'", "an address"]),
        ('[evidence]\ntimestamp_url = "https://u:p@tsa.example.org/"\n', ["evidence.timestamp_url", "no name"]),
        (
            '[evidence]\ntimestamp_url = "https://tsa.example.org:99999/"\n',
            ["evidence.timestamp_url", "an address"],
        ),
        ('[evidence]\ntimestamp_url = "https://tsa.example.org/\\r\\nX: y"\n', ["evidence.timestamp_url"]),
        ('[evidence]\ntimestamp_url = "https://tsa.example.org/"\n', ["without evidence.timestamp_ca", "PEM"]),
        ("[retention]\ndays = -1\n", ["retention.days = -1", "0 for none set"]),
        ("[retention]\ndays = 1.5\n", ["retention.days = 1.5", "whole number of days"]),
        ("[retention]\nday = 1\n", ["retention.day is not known", "expected one of days"]),
    ],
)
def test_a_mistake_in_them_is_named(text: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, HERE)
    assert str(HERE / "gsmsend.toml") in str(caught.value)
    for word in words:
        assert word in str(caught.value)
