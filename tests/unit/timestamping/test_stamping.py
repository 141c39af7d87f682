"""Time stamps of heads, by `openssl ts` on loopback: what is kept was checked, and no service can stop a run."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gsmsend.audit import Kind, canonical
from gsmsend.config import EvidenceTerms, Settings
from gsmsend.timestamping import Stamp, request, stamp_head, try_out
from gsmsend.timestamping.asking import LARGEST
from gsmsend.timestamping.ordering import ordered

from .tsa import Answer, Answering, Authority, openssl_believes, serving

NOW_S = 1_750_000_000.0
NOT_SIGNED = "the time stamp is not signed by the authority in evidence.timestamp_ca"


@dataclass(frozen=True)
class Head:
    n: int = 42
    hash: str = hashlib.sha256(b"the line of entry 42").hexdigest()


class Log:
    """Keeps what is entered, as a store would."""

    def __init__(self) -> None:
        self.entries: list[tuple[Kind, dict[str, Any]]] = []

    def record(self, kind: Kind, data: Mapping[str, object], at_s: float, **more: object) -> Future[None]:
        raise AssertionError("the run goes on only once it is on disk")

    def record_now(self, kind: Kind, data: Mapping[str, object], at_s: float, **more: object) -> None:
        canonical(data)  # no floats, no octets
        self.entries.append((kind, dict(data)))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "own")


def settings(tmp_path: Path, url: str, ca: str) -> Settings:
    return Settings(tmp_path, "op", evidence=EvidenceTerms(url, ca))


def stamped(
    tmp_path: Path, answer: Answering, authority: Authority, wait_s: float = 30.0
) -> tuple[Stamp, dict[str, Any]]:
    """A head is stamped by a service that answers so: what came of it, and what the log has."""
    log = Log()
    with serving(answer) as url:
        found = stamp_head(settings(tmp_path, url, str(authority.ca)), log, Head(), NOW_S, wait_s=wait_s)
    ((kind, data),) = log.entries
    assert kind is Kind.TIMESTAMP
    assert (data["head"], data["hash"], data["service"]) == (42, Head.hash, url)
    return found, data


def test_a_stamp_is_kept_that_openssl_takes_for_one_of_this_hash(tmp_path: Path, authority: Authority) -> None:
    found, data = stamped(tmp_path, authority.reply, authority)
    assert found.at is not None
    assert "why" not in data
    assert data["time"] == f"{found.at:%Y-%m-%dT%H:%M:%S}.000000Z"
    token = base64.b64decode(data["token"])
    assert openssl_believes(token, Head.hash, authority)
    assert not openssl_believes(token, hashlib.sha256(b"another line").hexdigest(), authority)
    assert found.words == f"Time-stamped {found.at:%Y-%m-%d %H:%M:%S} UTC by {data['service']}."


def test_the_ca_may_lie_in_the_operations_folder(tmp_path: Path, authority: Authority) -> None:
    (tmp_path / "tsa-ca.pem").write_bytes(authority.ca.read_bytes())
    with serving(authority.reply) as url:
        assert try_out(settings(tmp_path, url, "tsa-ca.pem"), wait_s=30).at is not None


def test_the_order_of_the_certificates_does_not_matter(tmp_path: Path, authority: Authority) -> None:
    body = authority.reply(request.encode(bytes.fromhex(Head.hash), request.new_nonce())).body
    turned = ordered(body)
    assert sorted(turned) == sorted(body)
    assert ordered(turned) == turned
    assert ordered(body[:-1]) == body[:-1], "octets that are no answer are left as they are"


def test_openssl_reads_our_request(tmp_path: Path, authority: Authority) -> None:
    question = request.encode(bytes.fromhex(Head.hash), request.new_nonce())
    assert authority.reply(question).body
    with pytest.raises(ValueError, match="31 octets"):
        request.encode(bytes(31), 1 << 62)


def test_https_needs_a_certificate_that_this_computer_trusts(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(authority.reply, authority.folder / "web.pem") as url:
        found = try_out(settings(tmp_path, url, str(authority.ca)), wait_s=30)
        assert found.why == "the service's HTTPS certificate is not trusted by this computer"
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
        assert try_out(settings(tmp_path, url, str(authority.ca)), wait_s=30).at is not None


def test_without_a_service_the_log_says_so_and_nobody_is_asked(tmp_path: Path) -> None:
    log = Log()
    found = stamp_head(settings(tmp_path, "", ""), log, Head(), NOW_S)
    assert found.words == "Without a time stamp: no time-stamping service is set in gsmsend.toml."
    why = "no time-stamping service is set in gsmsend.toml"
    assert log.entries == [(Kind.TIMESTAMP, {"head": 42, "hash": Head.hash, "service": "", "why": why})]


def test_a_key_in_the_address_stays_out_of_the_log(tmp_path: Path, authority: Authority) -> None:
    log = Log()
    with serving(authority.reply) as url:
        stamp_head(settings(tmp_path, f"{url}?key=hidden", str(authority.ca)), log, Head(), NOW_S, wait_s=30)
    assert log.entries[0][1]["service"] == url
    assert "token" in log.entries[0][1]


def another_nonce(authority: Authority) -> Answering:
    nonce = request.new_nonce()
    return lambda _: authority.reply(request.encode(bytes.fromhex(Head.hash), nonce))


def another_hash(authority: Authority) -> Answering:
    digest = hashlib.sha256(b"another line").digest()
    return lambda query: authority.reply(query.replace(bytes.fromhex(Head.hash), digest))


def without_nonce(authority: Authority) -> Answering:
    body = request.encode(bytes.fromhex(Head.hash), 1 << 62)
    bare = bytes([0x30, body[1] - 10]) + body[2:-13] + body[-3:]
    return lambda _: authority.reply(bare)


def changed_signature(authority: Authority) -> Answering:
    def answer(query: bytes) -> Answer:
        body = bytearray(authority.reply(query).body)
        body[-1] ^= 1
        return Answer(bytes(body))

    return answer


@pytest.mark.parametrize(
    ("answering", "why"),
    [
        (another_nonce, "the time stamp was made for another request"),
        (without_nonce, "the time stamp was made for another request"),
        (another_hash, "the service stamped another hash than ours"),
        (changed_signature, NOT_SIGNED),
        (lambda _: lambda query: Answer(b"", status=500), "the service answered with HTTP 500"),
        (
            lambda own: lambda query: Answer(b"", status=302, location="http://127.0.0.1:9/"),
            "the service sent us elsewhere (HTTP 302), which is not followed",
        ),
        (
            lambda _: lambda query: Answer(b"x" * (LARGEST + 1)),
            f"the service's answer is longer than {LARGEST:,} octets",
        ),
        (lambda _: lambda query: Answer(b"no time stamp"), "the service's answer is no time stamp"),
        (lambda _: lambda query: Answer(b""), "the service's answer is no time stamp"),
        (lambda _: lambda query: Answer(bytes.fromhex("30053003020102")), "the service refused (its status is 2)"),
        (
            lambda own: lambda query: Answer(own.reply(query).body, content_type="text/html"),
            "the service's answer is no application/timestamp-reply",
        ),
    ],
)  # fmt: skip
def test_what_is_not_our_stamp_is_not_kept_and_the_log_says_why(
    tmp_path: Path, authority: Authority, answering: Callable[[Authority], Answering], why: str
) -> None:
    found, data = stamped(tmp_path, answering(authority), authority)
    assert (found.at, data.get("token"), data.get("why")) == (None, None, why)


def test_a_stamp_of_another_authority_is_not_kept(tmp_path: Path, authority: Authority) -> None:
    other = Authority(tmp_path / "other", "Other")
    _, data = stamped(tmp_path, other.reply, authority)
    assert (data.get("token"), data["why"]) == (None, NOT_SIGNED)


def test_a_forgery_under_the_right_names_is_not_kept(tmp_path: Path, authority: Authority) -> None:
    """The same names as the authority that is trusted, with keys of its own."""
    forger = Authority(tmp_path / "forger")
    _, data = stamped(tmp_path, forger.reply, authority)
    assert (data.get("token"), data["why"]) == (None, NOT_SIGNED)


def test_a_service_that_does_not_answer_is_not_waited_for(tmp_path: Path, authority: Authority) -> None:
    over = threading.Event()

    def never(query: bytes) -> Answer:
        over.wait(60)
        return Answer(b"")

    log = Log()
    with serving(never) as url:
        terms = settings(tmp_path, url, str(authority.ca))
        try:
            found = stamp_head(terms, log, Head(), NOW_S, wait_s=0.2)
        finally:
            over.set()
    assert found.why in {"the service did not answer within 0.2 seconds", "the service did not answer in time"}
    assert log.entries[0][1]["why"] == found.why


def test_a_service_that_is_not_there_is_a_reason(tmp_path: Path, authority: Authority) -> None:
    with serving(authority.reply) as url:
        gone = url
    found = try_out(settings(tmp_path, gone, str(authority.ca)), wait_s=30)
    assert found.why == "the service cannot be reached (connection refused)"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: no such file or directory"),
        (b"not a certificate", "is no file of certificates in PEM form"),
    ],
)  # fmt: skip
def test_a_missing_or_wrong_ca_file_is_a_reason(tmp_path: Path, content: bytes | None, words: str) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_bytes(content)
    found = try_out(settings(tmp_path, "http://127.0.0.1:9/", "ca.pem"), wait_s=30)
    assert words in found.why


def test_a_proxy_in_the_environment_is_not_asked(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    found, _ = stamped(tmp_path, authority.reply, authority)
    assert found.at is not None


def test_whatever_the_parser_does_the_run_goes_on(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Panic(BaseException):
        """What Rust raises is no Exception."""

    def panics(*_: object) -> None:
        raise Panic

    monkeypatch.setattr("gsmsend.timestamping.checking.check", panics)
    _, data = stamped(tmp_path, authority.reply, authority)
    assert data["why"] == "the service's answer could not be read"
