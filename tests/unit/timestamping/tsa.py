"""A time-stamping authority on loopback: `openssl ts` behind a small web server, with a CA made for it."""

from __future__ import annotations

import http.server
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {serial}
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_chain = no
"""
REPLY = "application/timestamp-reply"


@dataclass(frozen=True)
class Answer:
    """What the server says."""

    body: bytes
    status: int = 200
    content_type: str = REPLY
    location: str = ""


Answering = Callable[[bytes], Answer]


class Authority:
    """A CA of its own, with an intermediate CA and a certificate for time stamping, as PEM files in a folder."""

    def __init__(self, folder: Path, name: str = "Example") -> None:
        self.folder = folder
        folder.mkdir()
        self.ca = folder / "ca.pem"
        root_key, middle_key, own_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
        root = _certificate(f"{name} root", root_key, None, root_key, authority=True)
        middle = _certificate(f"{name} issuing", middle_key, root, root_key, authority=True)
        own = _certificate(
            f"{name} time stamps", own_key, middle, middle_key, usage=ExtendedKeyUsageOID.TIME_STAMPING
        )
        web = _certificate("localhost", own_key, root, root_key, usage=ExtendedKeyUsageOID.SERVER_AUTH)
        self.ca.write_bytes(_pem(root))
        (folder / "chain.pem").write_bytes(_pem(middle))
        (folder / "tsa.pem").write_bytes(_pem(own))
        key = own_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "key.pem").write_bytes(key)
        (folder / "web.pem").write_bytes(_pem(web) + key)
        (folder / "tsa.cnf").write_text(_CONFIG.format(serial=folder / "serial"))
        (folder / "serial").write_text("01\n")

    def reply(self, query: bytes) -> Answer:
        """What `openssl ts` says to a query."""
        (self.folder / "query.tsq").write_bytes(query)
        command = [
            "openssl",
            "ts",
            "-reply",
            "-config",
            "tsa.cnf",
            "-queryfile",
            "query.tsq",
            "-signer",
            "tsa.pem",
        ]
        command += ["-inkey", "key.pem", "-chain", "chain.pem", "-out", "reply.tsr"]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
        return Answer((self.folder / "reply.tsr").read_bytes())


def openssl_believes(token: bytes, digest: str, authority: Authority) -> bool:
    """Whether `openssl ts -verify` takes a token for a time stamp of this hash by this authority."""
    place = authority.folder / "token.der"
    place.write_bytes(token)
    command = ["openssl", "ts", "-verify", "-token_in", "-in", str(place), "-digest", digest]
    done = subprocess.run([*command, "-CAfile", str(authority.ca)], check=False, capture_output=True)
    return done.returncode == 0


@contextmanager
def serving(answer: Answering, web: Path | None = None) -> Iterator[str]:
    """The address of a server on loopback that answers so; over HTTPS with a certificate in `web`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            found = answer(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                self.send_response(found.status)
                self.send_header("Content-Type", found.content_type)
                if found.location:
                    self.send_header("Location", found.location)
                self.end_headers()
                self.wfile.write(found.body)
            except OSError:
                self.close_connection = True  # who asked has gone

        def log_message(self, *args: object) -> None:
            """Nothing on the terminal."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scheme, host = "http", "127.0.0.1"
    if web is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(web)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme, host = "https", "localhost"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"{scheme}://{host}:{server.server_address[1]}/stamp"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey, *, authority: bool = False, usage: x509.ObjectIdentifier | None = None,
) -> x509.Certificate:  # fmt: skip
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer is not None else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority, content_commitment=False, key_encipherment=False,
                data_encipherment=False, key_agreement=False, key_cert_sign=authority, crl_sign=authority,
                encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
    )  # fmt: skip
    if usage is not None:
        built = built.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
        built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    return built.sign(issuer_key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
