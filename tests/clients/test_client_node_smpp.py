"""The driver smpp against node-smpp: an SMSC whose every PDU is read and made by code that other people wrote."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gsmsend.contract import Link, OpenOptions, Submission, WholeTexts, sibling
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import OutcomeKind, Refusal
from gsmsend.sms import split
from gsmsend.testing.driver_suite import part
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend_cloud.smpp import DRIVER
from tests.clients.codec_peers import NODE_MODULES, missing

pytestmark = pytest.mark.clients
PEER = Path(__file__).with_name("smsc_node_peer.cjs")
INSTALL = (
    "apt-get install -y --no-install-recommends nodejs npm; "
    "npm install --no-save --prefix build/clients smpp@0.5.1"
)


class SystemClock:
    """The real one."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class Peer:
    """The SMSC in its own process, and what it said."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self.said: list[dict[str, Any]] = []
        threading.Thread(target=self._read, daemon=True).start()
        assert self.until(lambda: self.of("listening"), 30), "node-smpp did not start"
        self.port = self.of("listening")[0]["port"]

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(json.loads(line))

    def of(self, kind: str) -> list[dict[str, Any]]:
        while not self._lines.empty():
            self.said.append(self._lines.get())
        return [each for each in self.said if each["kind"] == kind]

    def until(self, true: Callable[[], object], patience_s: float = 10) -> bool:
        end = time.monotonic() + patience_s
        while not true() and time.monotonic() < end:
            time.sleep(0.01)
        return bool(true())


@contextmanager
def smsc(**options: str) -> Iterator[Peer]:
    environment = {**os.environ, "NODE_PATH": f"{NODE_MODULES}{os.pathsep}{os.environ.get('NODE_PATH', '')}"}
    node = shutil.which("node") or ""
    probe = [node, "-e", "require('smpp')"]
    if not node or subprocess.run(probe, capture_output=True, env=environment, check=False).returncode:
        missing("node-smpp", INSTALL)
    with subprocess.Popen(
        [node, str(PEER), json.dumps({"password": "s3cret", **options})],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        try:
            yield Peer(process)
        finally:
            process.stdin.close()
            process.wait(10)


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMPP_PASSWORD", "s3cret")


@contextmanager
def opened(peer: Peer, sink: RecordingSink, **settings: object) -> Iterator[Link]:
    table = {
        "host": "127.0.0.1", "port": peer.port, "system_id": "gsmsend", "password": "env:SMPP_PASSWORD",
        "sender": "Helpline", **settings,
    }  # fmt: skip
    link = DRIVER.open(DRIVER.endpoint("smpp"), sink, SystemClock(), OpenOptions(settings=table))
    try:
        link.bring_up()
        yield link
    finally:
        link.close()


def hear(link: Link, enough: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not enough() and time.monotonic() < end:
        link.listen(0.05)
    assert enough()


def parts_of(text: str, destination: str = "+447700900123") -> list[Submission]:
    plan = split(text, national=False)
    return [
        replace(part(destination, text, seq=seq, total=len(plan.segments)), segment=segment, concat_reference=42)
        for seq, segment in enumerate(plan.segments, 1)
    ]


def handed_over(link: Link, text: str) -> list[str]:
    """The handles of its parts; a link that takes whole texts is handed part 1 alone."""
    asked = parts_of(text)
    handed = asked[:1] if isinstance(link, WholeTexts) else asked
    outcomes = [link.submit(each, lambda _raw: None) for each in handed]
    assert {each.kind for each in outcomes} == {OutcomeKind.ACCEPTED}
    handles = [each.handle for each in outcomes]
    return handles + [sibling(handles[0], seq) for seq in range(len(handles) + 1, len(asked) + 1)]


SHORT = "Help is there: café @ £5 {ok} € ^"
LONG = "Help is there for you, day and night: call us. " * 5
CYRILLIC = "Помощь есть всегда, днём и ночью 😀. " * 5


@pytest.mark.parametrize("text", [SHORT, LONG, CYRILLIC])
@pytest.mark.parametrize("long", ["udh", "sar", "payload"])
def test_it_reads_what_was_sent_and_its_receipts_are_understood(text: str, long: str) -> None:
    sink = RecordingSink()
    with smsc() as peer:
        with opened(peer, sink, long=long) as link:
            handles = handed_over(link, text)
            hear(link, lambda: len(sink.reports) == len(handles))
            assert peer.until(lambda: len(peer.of("confirmed")) == len(peer.of("taken")))
        assert peer.until(lambda: peer.of("unbind"))
    taken = peer.of("taken")
    assert "".join(each["text"] for each in taken) == text
    assert {each["coding"] for each in taken} == {8 if text is CYRILLIC else 0}
    assert {tuple(each["source"]) for each in taken} == {(5, 0, "Helpline")}
    assert {each["destination"] for each in taken} == {"447700900123"}
    if len(handles) > 1:
        places = {
            "udh": [[f"00032a{len(handles):02x}{seq:02x}"] for seq in range(1, len(handles) + 1)],
            "sar": [[42, len(handles), seq] for seq in range(1, len(handles) + 1)],
        }
        assert [each["udh"] or each["sar"] for each in taken] == places.get(long, [[]])
        assert {each["payload"] for each in taken} == {long == "payload"}
    assert sorted(report.handle for report in sink.reports) == sorted(handles)
    assert {(report.status, report.said, report.recipient) for report in sink.reports} == {
        (0, "DELIVRD", "+447700900123")
    }
    assert [each["version"] for each in peer.of("bind")] == [0x34]


def test_a_reply_in_two_parts_comes_as_it_was_written() -> None:
    sink = RecordingSink()
    with smsc() as peer, opened(peer, sink) as link:
        handed_over(link, "please reply")
        hear(link, lambda: len(sink.inbounds) == 2)
    assert [(each.text, each.concat) for each in sink.inbounds] == [
        ("Thank you, café ", (42, 2, 1)), ("€ 5 \u2013 😀", (42, 2, 2)),
    ]  # fmt: skip
    assert {each.sender for each in sink.inbounds} == {"+447700900123"}


def test_refusals_throttling_and_enquiries() -> None:
    with smsc() as peer, opened(peer, RecordingSink(), enquire_seconds=0.1) as link:
        (number,) = parts_of("Help", "+447700900999")
        refused = link.submit(number, lambda _raw: None)
        assert (refused.kind, refused.refusal, refused.code) == (OutcomeKind.REFUSED, Refusal.RECIPIENT, 0x0B)
        (number,) = parts_of("Help", "+447700900998")
        throttled = link.submit(number, lambda _raw: None)
        assert (throttled.refusal, throttled.wait_s) == (Refusal.RETRY, 5)
        assert link.submit(number, lambda _raw: None).kind is OutcomeKind.ACCEPTED
        hear(link, lambda: peer.of("enquire") and peer.of("enquired"))


def test_a_wrong_password_is_told() -> None:
    other = {"password": "another"}
    with smsc(**other) as peer:
        with pytest.raises(GuardStop, match="ESME_RINVPASWD"), opened(peer, RecordingSink()):
            pass
        assert peer.until(lambda: peer.of("bind"))
        assert [each["right"] for each in peer.of("bind")] == [False]


def certificate(folder: Path, name: x509.GeneralName) -> tuple[str, str]:
    """A key and a certificate of its own, as PEM; the certificate is in a file too."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "smsc")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "smsc.pem").write_bytes(pem)
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return private.decode(), pem.decode()


def test_over_tls_with_a_certificate_that_is_trusted(tmp_path: Path) -> None:
    key, cert = certificate(tmp_path, x509.IPAddress(IPv4Address("127.0.0.1")))
    sink = RecordingSink()
    with smsc(key=key, cert=cert) as peer:
        with opened(peer, sink, tls=True, ca=str(tmp_path / "smsc.pem")) as link:
            handles = handed_over(link, LONG)
            hear(link, lambda: len(sink.reports) == len(handles))
        with pytest.raises(LinkLost, match=r"self.signed"), opened(peer, sink, tls=True):
            pass
    assert len(peer.of("bind")) == 1, "no password goes to whom nobody vouches for"


def test_over_tls_with_the_certificate_of_another(tmp_path: Path) -> None:
    key, cert = certificate(tmp_path, x509.DNSName("smsc.example.org"))
    with smsc(key=key, cert=cert) as peer:
        with (
            pytest.raises(LinkLost, match=r"127\.0\.0\.1"),
            opened(peer, RecordingSink(), tls=True, ca=str(tmp_path / "smsc.pem")),
        ):
            pass
        assert not peer.of("bind")
