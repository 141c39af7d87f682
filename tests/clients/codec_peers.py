"""What the differential tests of the codec share: peers in other processes, and random texts for them.

A peer answers JSON lines. The seed is printed and can be set with GSMSEND_TEST_SEED.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest

from gsmsend.sms import (
    Address,
    Concatenation,
    Deliver,
    Header,
    Language,
    Segment,
    StatusReport,
    Submit,
    Timestamp,
    UserData,
    encode_submit,
    from_pdu,
    split,
    to_pdu,
)
from gsmsend.sms.alphabet import locking_table, single_table
from gsmsend.sms.primitives import default_alphabet, default_extension
from gsmsend.sms.userdata import decode_text

HERE = Path(__file__).parent
NODE_MODULES = HERE.parents[1] / "build" / "clients" / "node_modules"
SEED = int(os.environ.get("GSMSEND_TEST_SEED", "23040"))
TEXTS = 5000
SMSC = "+447700900999"
Answer = dict[str, Any]


@dataclass(frozen=True)
class Peer:
    """A codec in another process. `ask` sends all requests at once and returns as many answers."""

    name: str
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()

    def ask(self, requests: list[Answer]) -> list[Answer]:
        done = subprocess.run(
            self.command,
            input="".join(json.dumps(request) + "\n" for request in requests),
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, **dict(self.environment)},
            check=False,
        )
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == len(requests), f"{self.name} gave up: {done.stderr[-500:]}"
        return answers


def missing(what: str, install: str) -> NoReturn:
    """Skip on a developer's machine, fail in CI: there the tool must be there."""
    message = f"{what} is missing; install it with: {install}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@cache
def gammu_peer() -> Peer:
    """Whichever interpreter has python-gammu. Skips, or fails in CI, if none has."""
    for python in dict.fromkeys((sys.executable, "/usr/bin/python3")):
        probe = [python, "-c", "import gammu"]
        if shutil.which(python) and not subprocess.run(probe, capture_output=True, check=False).returncode:
            return Peer("gammu", (python, str(HERE / "codec_gammu_peer.py")))
    missing("python-gammu", "apt-get install -y --no-install-recommends python3-gammu")


@cache
def node_peer() -> Peer:
    """Node with node-pdu, from NODE_PATH or build/clients. Skips, or fails in CI, without it."""
    paths = f"{NODE_MODULES}{os.pathsep}{os.environ.get('NODE_PATH', '')}".rstrip(os.pathsep)
    environment = (("NODE_PATH", paths),)
    probe = ["node", "-e", "require('node-pdu')"]
    if shutil.which("node"):
        env = {**os.environ, **dict(environment)}
        if not subprocess.run(probe, capture_output=True, env=env, check=False).returncode:
            return Peer("node-pdu", ("node", str(HERE / "codec_node_peer.cjs")), environment)
    install = "apt-get install -y --no-install-recommends nodejs npm; "
    missing("node-pdu", install + "npm install --no-save --prefix build/clients node-pdu@2.1.1")


# --- what is coded: random texts of every kind that people write -----------------------------------------


@cache
def palettes() -> tuple[tuple[str, ...], ...]:
    default = [char for char in default_alphabet() if char]
    extension = list(default_extension().values())
    letters = list("etaoin shrdlu, ETAOIN. 0123456789?")
    return (
        tuple(letters),
        tuple(default),
        (*default, *extension, *extension, *extension),
        (*letters, *"áâãçêíñóôõúÁÍÓÚ"),
        (*letters, *"ğışçöüĞİŞÇÖÜ€"),
        (*letters, *"éèëïîœŒßłżźć`", *"\u2013\u2014\u2018\u2019\u201c\u201d\u2026"),
        (*map(chr, range(0x0430, 0x0450)), *" ,."),
        (*map(chr, range(0x4E00, 0x4E60)), *map(chr, range(0x3041, 0x3097)), *map(chr, range(0xAC00, 0xAC40))),
        (*letters, *"😀🙏💙☎✉️👩🏽\u200d⚕\ufe0f🇬🇧🏴"),
        *((*locking_table(language).values(), *single_table(language).values()) for language in Language),
    )


@cache
def texts() -> tuple[str, ...]:
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    edges = (0, 1, 7, 8, 69, 70, 71, 133, 134, 135, 152, 153, 154, 155, 156, 159, 160, 161, 201, 305, 306, 307)
    made = []
    for _ in range(TEXTS):
        palette = rng.choice(palettes())
        length = rng.choice(edges) if rng.random() < 0.5 else rng.randrange(400)
        made.append("".join(rng.choices(palette, k=length)))
    return tuple(made)


@dataclass(frozen=True)
class Part:
    """One segment of one of the texts, with everything that goes into its PDU."""

    segment: Segment
    concatenation: Concatenation | None
    number: str
    sender: str
    reference: int
    validity_s: int
    report: bool
    reject_duplicates: bool
    stamp: Timestamp

    @property
    def header(self) -> Header | None:
        segment = self.segment
        return Header.of(concatenation=self.concatenation, locking=segment.locking, single=segment.single)

    @property
    def payload(self) -> bytes:
        return UserData.of_segment(self.segment).payload

    @property
    def national(self) -> bool:
        return bool(self.segment.locking or self.segment.single)

    def submit(self) -> str:
        place = self.concatenation or Concatenation(0, 1, 1)
        tpdu = encode_submit(
            self.number,
            self.segment,
            reference=self.reference,
            seq=place.seq,
            total=place.total,
            concat_reference=place.reference,
            report=self.report,
            validity_s=self.validity_s,
            wide_reference=place.wide,
            reject_duplicates=self.reject_duplicates,
        )
        return to_pdu(tpdu, SMSC)

    def deliver(self) -> str:
        user_data = UserData.of_segment(self.segment, self.header)
        coding = Submit(Address.of("1"), user_data).coding
        coding = type(coding).of(self.segment.encoding)
        return to_pdu(Deliver(Address.of(self.sender), user_data, coding, self.stamp).encode(), SMSC)


@cache
def parts() -> tuple[Part, ...]:
    rng = random.Random(SEED + 1)
    made = []
    for text in texts():
        wide = rng.random() < 0.3
        segments = split(text, national=rng.random() < 0.8, wide_reference=wide).segments
        reference = rng.randrange(0x10000 if wide else 0x100)
        number = rng.choice((f"+4477009{rng.randrange(1000):05d}", f"077009{rng.randrange(1000):05d}", "60777"))
        for seq, segment in enumerate(segments, 1):
            concatenation = Concatenation(reference, len(segments), seq, wide) if len(segments) > 1 else None
            stamp = Timestamp.of_epoch(rng.randrange(10**9, 3 * 10**9), 15 * rng.randrange(-48, 57))
            made.append(
                Part(
                    segment,
                    concatenation,
                    number,
                    rng.choice((number, "CHARITY", "Gov.uk@", "Help line 7")),
                    rng.randrange(256),
                    rng.choice((300, 3600, 86400, 3 * 86400, 63 * 604800)),
                    rng.random() < 0.5,
                    rng.random() < 0.5,
                    stamp,
                )
            )
    assert len(made) > TEXTS
    return tuple(made)


def differences(pairs: Iterator[tuple[object, Answer, Answer]]) -> None:
    """Fail with the first few differences, named by field."""
    wrong = [
        f"{case}: {field} is {got.get(field)!r}, expected {value!r}"
        for case, got, expected in pairs
        for field, value in expected.items()
        if got.get(field) != value
    ]
    assert not wrong, f"seed {SEED}: {len(wrong)} differences\n" + "\n".join(wrong[:8])


def read_back(pdus: list[str]) -> tuple[list[Submit], str]:
    """SMS-SUBMITs of a peer, and their text, joined over parts as a phone would."""
    read = [from_pdu(pdu, "to_network") for pdu in pdus]
    assert all(smsc == Address.of(SMSC) for smsc, _ in read)
    submits = [submit for _, submit in read if isinstance(submit, Submit)]
    places = [submit.user_data.header and submit.user_data.header.concatenation for submit in submits]
    if len(pdus) > 1:
        assert [(place.total, place.seq) for place in places if place] == [
            (len(pdus), seq) for seq in range(1, len(pdus) + 1)
        ]
        assert len({place.reference for place in places if place}) == 1
    encoding = submits[0].user_data.encoding
    return submits, decode_text(b"".join(submit.user_data.payload for submit in submits), encoding)


def local_time(stamp: Timestamp) -> datetime:
    epoch_s, offset = stamp.epoch_s, stamp.offset_minutes
    assert epoch_s is not None
    assert offset is not None
    return (datetime.fromtimestamp(epoch_s, UTC) + timedelta(minutes=offset)).replace(tzinfo=None)


@cache
def reports() -> tuple[StatusReport, ...]:
    rng = random.Random(SEED + 3)
    return tuple(
        StatusReport(
            Address.of(f"+4477009{rng.randrange(1000):05d}"),
            rng.randrange(256),
            rng.randrange(128),
            Timestamp.of_epoch(rng.randrange(10**9, 3 * 10**9), 15 * rng.randrange(-48, 57)),
            Timestamp.of_epoch(rng.randrange(10**9, 3 * 10**9), 15 * rng.randrange(-48, 57)),
        )
        for _ in range(1000)
    )
