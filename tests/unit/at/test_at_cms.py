"""The table of +CMS ERROR codes: complete, in plain words, and cautious about what it does not know."""

from __future__ import annotations

import pytest

from gsmsend.at import Cause, Sent, standard_causes
from gsmsend.model import OutcomeKind, Refusal


def test_every_row_says_what_it_means_in_a_sentence() -> None:
    for cause in standard_causes().codes().values():
        assert cause.words.endswith("."), cause
        assert not any(word in cause.words for word in ("TP-", "PDU", "CMS", "RP-")), cause


def test_only_proof_of_not_sent_is_a_refusal() -> None:
    for cause in standard_causes().codes().values():
        kind = cause.after_pdu("").kind
        assert (kind is OutcomeKind.REFUSED) == (cause.sent is Sent.NO), cause
        assert (kind is OutcomeKind.ACCEPTED) == (cause.sent is Sent.YES), cause
        assert cause.before_pdu("").kind is OutcomeKind.REFUSED


def test_maybe_says_so_to_the_officer() -> None:
    for cause in standard_causes().codes().values():
        assert (cause.sent is Sent.MAYBE) == ("may have gone out" in cause.words), cause


@pytest.mark.parametrize("code", [0, 2, 200, 350, 511, 512, 999, 65535])
def test_unlisted_codes_prove_nothing(code: int) -> None:
    cause = standard_causes().cause(code)
    assert (cause.code, cause.sent) == (code, Sent.MAYBE)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("38", 38), (" 38 ", 38), ("Network out of order", 38), ("SIM PIN required", 311),
        ("(U)SIM PIN required", 311), ("SIM PIN necessary", 311), ("no network service", 331),
        ("Unassigned (unallocated) number", 1), ("SMSC address unknown", 330), ("Unknown error", 500),
        ("no +CNMA acknowledgement expected", 340), ("Invalid PDU mode parameter", 304),
        ("something new", None), ("", None), ("\u0663\u0668", None), ("9" * 30, None),
    ],
)  # fmt: skip
def test_codes_are_read_from_numbers_and_words(text: str, code: int | None) -> None:
    assert standard_causes().code_of(text) == code


def test_no_two_codes_share_their_words_on_the_wire() -> None:
    seen: dict[str, int] = {}
    for cause in standard_causes().codes().values():
        for text in (cause.name, *cause.texts):
            if text not in {"memory capacity exceeded", "operation not allowed"}:
                assert seen.setdefault(text, cause.code) == cause.code, text


def test_a_profile_adds_codes_of_its_maker() -> None:
    more = Cause(512, "not ready", Sent.NO, Refusal.RETRY, "The modem is not ready.")
    table = standard_causes().with_causes([more])
    assert table.cause(512).after_pdu("").refusal is Refusal.RETRY
    assert table.cause(513).sent is Sent.MAYBE
    assert standard_causes().cause(512).sent is Sent.MAYBE
