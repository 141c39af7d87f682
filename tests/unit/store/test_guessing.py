"""Phone numbers are few enough to try them all: none may fit any hash that a store's files hold.

Whoever guesses here knows everything else: the text, the settings, the list's form, the time, the names.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gsmsend.audit import Kind, canonical
from gsmsend.campaign.content import Content, content, digest_of
from gsmsend.campaign.signing import Statement, new_key, public_hex, sign, verified
from gsmsend.config import ApprovalPolicy, Settings
from gsmsend.contract import CampaignFacts, ImportSource, NewApproval, NewMessage, Recipient, Refused
from gsmsend.engine.rules import EngineRules
from gsmsend.model import Device, Inbound, Sim, State, fingerprint
from gsmsend.store import SqlStore
from gsmsend.store.key import NAME
from gsmsend.testing.store_desk import NOW_S, Desk, number, report
from gsmsend.testing.store_replies import e164, read

from .raw_files import found_in

WHO = number(123)
ALL = [number(index) for index in range(1000)]
TEXT, REPLY = "Help is here.", "thank you"
SETTINGS = Settings(Path("op"), "op", approval=ApprovalPolicy())
_WINDOW = 16
"""Hex digits by which one hash is told from another."""


@cache
def officer() -> Ed25519PrivateKey:
    return new_key()


def spelled(who: str) -> list[str]:
    """A number as people and programs write it."""
    national = f"0{who[3:]}"
    return [who, who[1:], national, who[3:], f"{national[:5]} {national[5:]}"]


def plain(words: str) -> str:
    return sha256(words.encode()).hexdigest()


def list_of(who: str) -> str:
    """The digest of an import (campaign.table.digest_of) of a list of one."""
    return plain("\0".join((plain(f"number\n{who}\n"), TEXT, "GB", "True")))


def first_form(signed: Content, who: Recipient) -> Content:
    """A content as version 1 had it."""
    rows = canonical([(who.number, plain(TEXT), who.line)])
    recipients = {"count": 1, "numbers": plain(who.number), "rows": plain(rows)}
    return {name: value for name, value in signed.items() if name != "operation_id"} | {
        "version": 1, "recipients": recipients,
    }  # fmt: skip


def contents_of(facts: CampaignFacts, who: str) -> list[Content]:
    """What officers would have been shown for this person, in both forms, without the salt."""
    recipient = replace(facts.recipients[0], number=who)
    found = content(SETTINGS, replace(facts, recipients=(recipient,), salt=""))
    return [found, first_form(found, recipient)]


def hashes_of(facts: CampaignFacts, who: str) -> Iterator[str]:
    """Every hash that can be made of a number with what is known."""
    yield from (plain(words) for words in spelled(who))
    yield from (plain(f"{words}{mark}{TEXT}") for words in spelled(who) for mark in ("", ",", ":", "\n", "\0"))
    for words in spelled(who):
        yield plain(f"number\n{words}\n")
        yield list_of(words)
    for one in contents_of(facts, who):
        yield one["recipients"]["numbers"]
        yield one["recipients"]["rows"]
        yield digest_of(canonical(one))
    yield plain(report(7, who).raw)


def keyed(key: bytes, facts: CampaignFacts, who: str) -> Iterator[str]:
    """Those that whoever has the operation's key can make as well."""
    known = [*spelled(who), f"tail {who[-7:]}", f"pdu {report(7, who).raw}"]
    known += [f"{what} {words}" for what in ("sender", "look", "approval") for words in spelled(who)]
    known += [f"import {one}" for words in spelled(who) for one in (list_of(words), plain(f"number\n{words}\n"))]
    known += [f"approval {digest_of(canonical(one))}" for one in contents_of(facts, who)]
    return (hmac.digest(key, words.encode(), "sha256").hex() for words in known)


class Files:
    """Every run of hex digits in a store's files, and every octet."""

    def __init__(self, folder: Path) -> None:
        octets = b"".join(file.read_bytes() for file in folder.glob("gsmsend.db*"))
        runs = re.findall(rb"[0-9a-f]{%d,}" % _WINDOW, octets.lower())
        self.hex = {run[at : at + _WINDOW] for run in runs for at in range(len(run) - _WINDOW + 1)}
        self.raw = {octets[at : at + _WINDOW // 2] for at in range(len(octets))}
        self.salts = {run.decode() for run in runs if len(run) in (32, 64)}

    def have(self, digest: str) -> bool:
        return digest[:_WINDOW].encode() in self.hex or bytes.fromhex(digest)[: _WINDOW // 2] in self.raw

    def guessed(self, facts: CampaignFacts, key: bytes = b"") -> set[str]:
        """Who is found: by a hash, or by a commitment or salted hash of which the salt lies there too."""
        found = {who for who in ALL for digest in hashes_of(facts, who) if self.have(digest)}
        found |= {
            who for who in ALL for salt in self.salts for words in (who, canonical(who))
            if self.have(plain(f"{salt}:{words}"))
        }  # fmt: skip
        return found | {who for who in ALL if key for digest in keyed(key, facts, who) if self.have(digest)}


def approve(store: SqlStore, made: Callable[[CampaignFacts], Content]) -> tuple[CampaignFacts, NewApproval]:
    """An officer signs the campaign in this form."""
    row = store.add_officer("DS Other", public_hex(officer()), "pc2", "pc1", NOW_S)
    facts = store.campaign_facts("campaign")
    assert facts is not None
    text = canonical(made(facts))
    said = Statement(digest_of(text), row.name, row.login, round(NOW_S * 1000))
    signed = NewApproval(1, row.officer_id, said.digest, text, sign(officer(), said), row.login, NOW_S)
    store.approve(signed)
    store.record_now(Kind.PREVIEW, {"campaign": 1, "person": "pc1", "digest": said.digest}, NOW_S)
    return facts, signed


def opened(folder: Path) -> SqlStore:
    return SqlStore(folder / "gsmsend.db", EngineRules(read, e164))


def campaign_of_one(store: SqlStore) -> tuple[CampaignFacts, NewApproval]:
    """One person: imported, previewed, approved, texted, reported, and their reply."""
    source = ImportSource("a.csv", list_of(WHO), "campaign", NOW_S, draft=True)
    store.add(source, [NewMessage(WHO, TEXT, 1, 1)])
    kept = approve(store, lambda facts: content(SETTINGS, facts))
    store.release_campaign("campaign", 0, NOW_S)
    desk = Desk(store)
    line = desk.line()
    (message,) = desk.claim(line)
    desk.send(line, message, 7)
    store.record_report(line.line_id, report(7, WHO), NOW_S + 1).result()
    store.record_inbound(line.line_id, Inbound(WHO, REPLY, raw=REPLY.encode().hex()), NOW_S + 2).result()
    assert desk.states() == {WHO: State.DELIVERED}
    return kept


def test_who_has_the_store_alone_finds_nobody_and_once_forgotten_nobody_does(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as store:
        facts, signed = campaign_of_one(store)
        key = (tmp_path / NAME).read_bytes()
        assert Files(tmp_path).guessed(facts) == set()
        assert Files(tmp_path).guessed(facts, key) == {WHO}, "with the key it is an index of people, while it is"
        store.forget("campaign", "DC Example", "the period is over", NOW_S + 3)
        assert Files(tmp_path).guessed(facts, key) == set()
    after = Files(tmp_path)
    assert after.guessed(facts, key) == set()
    assert after.have(signed.digest), "what was signed is on record still"
    assert not after.have(facts.salt)


def test_no_signature_that_is_left_fits_a_guess(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as store:
        facts, signed = campaign_of_one(store)
        store.forget("campaign", "DC Example", "the period is over", NOW_S + 3)
    for one in contents_of(facts, WHO):
        said = Statement(digest_of(canonical(one)), "DS Other", "pc2", round(NOW_S * 1000))
        assert not verified(public_hex(officer()), signed.signature, said)


@pytest.mark.parametrize(
    "old",
    [
        lambda facts: digest_of(canonical(contents_of(facts, WHO)[1])),
        lambda facts: digest_of(canonical(contents_of(facts, WHO)[0])),
        lambda _: list_of(WHO),
        lambda _: plain(WHO),
        lambda _: plain(report(7, WHO).raw),
    ],
    ids=["content of version 1", "content without salt", "list", "number", "PDU"],
)
def test_a_plain_hash_of_it_would_be_found(tmp_path: Path, old: Callable[[CampaignFacts], str]) -> None:
    with closing(opened(tmp_path)) as store:
        facts, _ = campaign_of_one(store)
        store.record_now(Kind.PREVIEW, {"campaign": 1, "person": "pc1", "digest": old(facts)}, NOW_S)
        store.forget("campaign", "DC Example", "the period is over", NOW_S + 3)
    assert Files(tmp_path).guessed(facts) == {WHO}


def test_an_approval_in_the_first_form_would_give_the_person_away(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as store:
        store.add(ImportSource("a.csv", "a", "campaign", NOW_S), [NewMessage(WHO, TEXT, 1, 1)])
        facts, _ = approve(store, lambda facts: contents_of(facts, WHO)[1])
    assert Files(tmp_path).guessed(facts) == {WHO}


def test_a_salt_beside_its_hash_would_be_found(tmp_path: Path) -> None:
    salt = "5a" * 16
    with closing(opened(tmp_path)) as store:
        facts, _ = campaign_of_one(store)
        data = {"campaign": 1, "person": salt, "digest": plain(f"{salt}:{canonical(WHO)}")}
        store.record_now(Kind.PREVIEW, data, NOW_S)
    assert Files(tmp_path).guessed(facts) == {WHO}


def test_the_salt_is_another_for_each_campaign_and_gone_with_it(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as store:
        for name in ("one", "two"):
            store.add(ImportSource("a.csv", "a", name, NOW_S), [NewMessage(WHO, TEXT, 1, 1)])
        one, two = (facts.salt for facts in map(store.campaign_facts, ("one", "two")) if facts is not None)
        assert len({one, two}) == 2
        assert min(len(one), len(two)) == 64
        store.cancel("one", "pc1", "over", NOW_S)
        store.forget("one", "pc1", "over", NOW_S)
        left = store.campaign_facts("one")
        assert left is not None
        assert left.salt == ""
        assert one not in repr(left)
    with closing(opened(tmp_path)) as store:
        again = store.campaign_facts("two")
        assert again is not None
        assert (again.salt, again.operation_id) == (two, store.operation_id())


def test_a_list_that_is_called_by_a_number_is_not_kept_by_it(tmp_path: Path) -> None:
    name = "07700 900123"
    with closing(opened(tmp_path)) as store:
        row = NewMessage(number(5), TEXT, 1, 1, place=name)
        store.add(ImportSource(f"{name}.csv", "a", "campaign", NOW_S), [row, Refused(2, "x", "no number", name)])
        (seen,) = store.sightings(1)
        assert (seen.source, seen.place) == ("xxxxx xxxx23.csv", "xxxxx xxxx23")
        assert found_in(tmp_path, [WHO, name]) == []


def test_what_lay_in_a_device_before_gives_nobody_away(tmp_path: Path) -> None:
    held = report(7, WHO).raw
    with closing(opened(tmp_path)) as store:
        facts, _ = campaign_of_one(store)
        device = Device("virtual", "virtual:9", imei="350000000000009", holds=(fingerprint(held),))
        line = store.line(Sim(iccid="8944000000000000099"), device, NOW_S)
        again = Inbound(WHO, REPLY, raw=held, how="sweep")
        assert not store.record_inbound(line.line_id, again, NOW_S).result(), "it is known again"
        assert plain(held) == fingerprint(held)
    assert Files(tmp_path).guessed(facts) == set()
