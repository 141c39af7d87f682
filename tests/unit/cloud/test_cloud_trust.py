"""TLS, and proxies: a far end that cannot prove who it is gets no key and no text,
unless the config names its certificate; and what a proxy's fault proves.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gsmsend.errors import LinkLost
from gsmsend.model import OutcomeKind
from gsmsend.requesting import Client, NeverLeft
from gsmsend.testing.driver_bench import part
from gsmsend_cloud.notify import NotifyDriver
from gsmsend_cloud.twilio import TwilioDriver
from gsmsend_cloud.vonage import VonageDriver

from . import fake_notify, fake_twilio, fake_vonage
from .accounts import NAMED, client_of
from .connect_proxy import ConnectProxy
from .far_side import FarSide, Fault


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody signed but itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    place = tmp_path_factory.mktemp("tls") / "far.pem"
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    place.write_bytes(secret + made.public_bytes(pem))
    return place


@pytest.fixture(params=["notify", "twilio", "vonage"])
def provider(request: pytest.FixtureRequest, certificate: Path) -> Iterator[tuple[FarSide, str]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    makers: dict[str, Callable[[ssl.SSLContext], FarSide]] = {
        "notify": fake_notify.FakeNotify, "twilio": fake_twilio.FakeTwilio, "vonage": fake_vonage.FakeVonage
    }  # fmt: skip
    far = makers[request.param](context)
    yield far, request.param
    far.dispose()


TABLES: dict[str, tuple[type, dict[str, object], str]] = {
    "notify": (NotifyDriver, {"key": NAMED, "template": fake_notify.TEMPLATE}, fake_notify.KEY),
    "twilio": (
        TwilioDriver,
        {"account": fake_twilio.ACCOUNT, "auth_token": NAMED, "from": fake_twilio.FROM},
        fake_twilio.WORD,
    ),
    "vonage": (
        VonageDriver,
        {"key": fake_vonage.KEY, "secret": NAMED, "from": fake_vonage.FROM},
        fake_vonage.WORD,
    ),
}


def test_a_far_end_that_cannot_prove_who_it_is_is_told_nothing(provider: tuple[FarSide, str]) -> None:
    far, name = provider
    driver, table, secret = TABLES[name]
    client = client_of(driver(), {**table, "url": far.url, "connect_seconds": 2}, secret)
    with pytest.raises(LinkLost, match="its certificate is not trusted"):
        client.bring_up()
    client.close()
    assert not far.requests


def test_the_certificate_that_the_config_names_is_enough(provider: tuple[FarSide, str], certificate: Path) -> None:
    far, name = provider
    driver, table, secret = TABLES[name]
    client = client_of(driver(), {**table, "url": far.url, "ca": str(certificate)}, secret)
    client.bring_up()
    assert client.send(part()).kind is OutcomeKind.ACCEPTED
    client.close()


@pytest.fixture
def proxy() -> Iterator[ConnectProxy]:
    made = ConnectProxy()
    yield made
    made.close()


def behind(proxy: str, provider: tuple[FarSide, str], ca: str) -> Client:
    """A client of the provider that reaches it over a proxy."""
    far, name = provider
    driver, table, secret = TABLES[name]
    more = {"url": far.url, "ca": ca, "proxy": proxy, "connect_seconds": 2, "read_seconds": 0.5}
    return client_of(driver(), {**table, **more}, secret)


@pytest.mark.parametrize("fault", [Fault.HANG_UP, Fault.RESET, Fault.SILENCE])
def test_what_went_through_a_proxys_tunnel_is_in_doubt_however_it_ends(
    provider: tuple[FarSide, str], certificate: Path, proxy: ConnectProxy, fault: Fault
) -> None:
    far, _ = provider
    client = behind(proxy.url, provider, str(certificate))
    client.bring_up()
    far.fault = fault
    assert client.send(part()).kind is OutcomeKind.UNKNOWN
    assert len(far.sent) == len(far.posts()) == 1, "the far end has it"
    client.close()


@pytest.mark.parametrize(
    "refusal", [b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", b"HTTP/1.1 502 No\r\n\r\n"]
)
def test_a_proxy_that_makes_no_tunnel_is_proof_that_nothing_left(
    provider: tuple[FarSide, str], certificate: Path, proxy: ConnectProxy, refusal: bytes
) -> None:
    far, name = provider
    client = behind(proxy.url, provider, str(certificate))
    client.bring_up()
    if name == "notify":
        client._same_template = lambda: None  # type: ignore[attr-defined]  # as if the proxy was well until then
    proxy.answer, before = refusal, len(far.requests)
    with pytest.raises(NeverLeft, match="the proxy did not let the connection through"):
        client.send(part())
    assert len(far.requests) == before
    client.close()


def test_a_proxy_that_is_not_there_is_proof_that_nothing_left(
    provider: tuple[FarSide, str], certificate: Path
) -> None:
    client = behind("http://127.0.0.1:1", provider, str(certificate))
    with pytest.raises(LinkLost, match="cannot be reached"):
        client.bring_up()


def test_a_far_end_behind_a_proxy_proves_who_it_is(provider: tuple[FarSide, str], proxy: ConnectProxy) -> None:
    far, _ = provider
    with pytest.raises(LinkLost, match="its certificate is not trusted"):
        behind(proxy.url, provider, "").bring_up()
    assert not far.requests
    assert proxy.asked
