"""A session's edges: what is proven not to have been written, and what is not."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from gsmsend.errors import DriverError, LinkLost
from gsmsend_cloud.smpp import session as module
from gsmsend_cloud.smpp.pdu import Pdu
from gsmsend_cloud.smpp.session import NothingWritten, Session
from gsmsend_cloud.smpp.settings import Settings


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def settings(server: socket.socket, **more: object) -> Settings:
    table = {
        "host": "127.0.0.1", "port": server.getsockname()[1], "system_id": "gsmsend", "password": "env:NONE",
        "sender": "Helpline", "connect_seconds": 5, **more,
    }  # fmt: skip
    return Settings.of("smpp", table)


@pytest.fixture
def session(server: socket.socket) -> Iterator[Session]:
    heard: list[Pdu] = []
    made = Session(settings(server), heard.append)
    yield made
    made._lost = "ended"  # nobody answers here
    made.close()


def test_what_could_not_be_written_at_all_is_proven_so(session: Session) -> None:
    session._socket.shutdown(socket.SHUT_WR)
    with pytest.raises(NothingWritten):
        session.write(b"x" * 16)
    with pytest.raises(LinkLost):
        session.turn(0)


def test_what_was_written_in_part_is_not(
    session: Session, server: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SEND_S", 0.05)
    with server.accept()[0], pytest.raises(LinkLost, match="takes nothing any more"):
        session.write(b"x" * 50_000_000)


def test_a_long_pdu_arrives_whole_at_one_who_reads_slowly(session: Session, server: socket.socket) -> None:
    session._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    octets = bytes(range(256)) * 8000
    with server.accept()[0] as other:
        other.settimeout(5)
        import threading

        found = bytearray()

        def read() -> None:
            while len(found) < len(octets):
                found.extend(other.recv(1000))

        reader = threading.Thread(target=read)
        reader.start()
        session.write(octets)
        reader.join(10)
    assert found == octets


def test_sequence_numbers_begin_again_after_the_last(session: Session, server: socket.socket) -> None:
    session._sequence = 0x7FFFFFFE
    with server.accept()[0]:
        assert [session.send(bytes(16)) for _ in range(3)] == [0x7FFFFFFF, 1, 2]


def test_a_broken_connection_is_lost(session: Session, server: socket.socket) -> None:
    other, _ = server.accept()
    other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    other.close()
    with pytest.raises(LinkLost):
        session.turn(5)


def test_certificates_that_cannot_be_read_are_named(server: socket.socket) -> None:
    with pytest.raises(DriverError, match=r"driver\.smpp\.ca"):
        Session(settings(server, tls=True, ca="/nowhere.pem"), lambda _pdu: None)


def test_a_name_that_nobody_has_is_a_lost_link(server: socket.socket) -> None:
    with pytest.raises(LinkLost, match="cannot be reached"):
        Session(settings(server, host="smpp.invalid", tls=False), lambda _pdu: None)
