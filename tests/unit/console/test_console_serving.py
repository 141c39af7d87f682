"""Where the console listens: this computer, or by TLS."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import ssl
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

import httpx2 as httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gsmsend import config
from gsmsend.cli.init import make
from gsmsend.config import Settings
from gsmsend.console import serving
from gsmsend.console.guard import host_of
from gsmsend.errors import ConfigError, UsageError


def settings(tmp_path: Path, lines: str) -> Settings:
    """The settings of these lines in [console]."""
    return config.parse(f"[console]\n{lines}", tmp_path)


@pytest.mark.parametrize("lines", [
    "", 'address = "127.0.0.1"', 'address = "::1"', 'address = "127.9.9.9"',
    'address = "0.0.0.0"\ncertificate = "c.pem"\nkey = "k.pem"',
])  # fmt: skip
def test_this_computer_needs_no_certificate_others_do(tmp_path: Path, lines: str) -> None:
    serving.check(settings(tmp_path, lines))


@pytest.mark.parametrize(("lines", "words"), [
    ('address = "0.0.0.0"', "others reach that, and there is no certificate"),
    ('address = "192.0.2.7"', "others reach that"),
    ('address = "::"', "others reach that"),
    ('certificate = "c.pem"', "expected certificate and key, or neither"),
    ('key = "k.pem"', "expected certificate and key, or neither"),
])  # fmt: skip
def test_an_address_for_others_without_a_certificate_is_refused(tmp_path: Path, lines: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        serving.check(settings(tmp_path, lines))


@pytest.mark.parametrize("lines", [
    'address = "localhost"', "address = 1", "port = 70000", "port = true", 'names = "x"', "hooks = 1",
    "hook_secrets = { twilio = 1 }", 'hook_url = "ftp://example.org"', "colour = 1",
])  # fmt: skip
def test_what_cannot_be_is_told_with_its_place(tmp_path: Path, lines: str) -> None:
    with pytest.raises(ConfigError, match=r"gsmsend\.toml: console\."):
        settings(tmp_path, lines)


def test_the_names_by_which_a_browser_may_come(tmp_path: Path) -> None:
    assert serving.names_of(settings(tmp_path, "").console) == {"127.0.0.1", "localhost", "::1"}
    wide = settings(tmp_path, 'address = "192.0.2.7"\nnames = ["Bench.Example.org"]').console
    assert serving.names_of(wide) == {"192.0.2.7", "bench.example.org"}


@pytest.mark.parametrize(("given", "host"), [
    ("127.0.0.1:8700", "127.0.0.1"), ("[::1]:8700", "::1"), ("LOCALHOST.", "localhost"), ("", ""), ("[::1", ""),
    ("a@127.0.0.1", ""),
])  # fmt: skip
def test_the_name_in_a_host_header(given: str, host: str) -> None:
    assert host_of(given) == host


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with serving.listening(settings(tmp_path, "port = 0")) as bound:
        port = bound.getsockname()[1]
        with pytest.raises(UsageError, match=f"127.0.0.1 port {port} cannot be listened on"):
            serving.listening(settings(tmp_path, f"port = {port}"))


def certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 beside its key; what trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench.example.org")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "c.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "k.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return ssl.create_default_context(cafile=str(folder / "c.pem"))


def test_by_tls_from_the_terminal_to_the_cookie(tmp_path: Path) -> None:
    folder = tmp_path / "op"
    make(folder, lab=True)
    trust = certificate(folder)
    file = folder / config.FILE
    lines = 'port = 0\ncertificate = "c.pem"\nkey = "k.pem"\n'
    text = file.read_text(encoding="utf-8").replace('port = 8700\ncertificate = ""\nkey = ""\n', lines)
    file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "gsmsend", "serve", "--operation", str(folder), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        with httpx.Client(verify=trust, base_url=said["url"], headers={"origin": said["url"]}) as client:
            assert said["url"].startswith("https://127.0.0.1:")
            page = client.post("/sign-in/token", data={"token": said["token"]})
            assert page.headers["set-cookie"].startswith("__Host-gsmsend=")
            assert "; Secure" in page.headers["set-cookie"]
            assert "Nothing imported yet" in client.get("/").text
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
