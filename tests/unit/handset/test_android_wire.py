"""HTTP to the app: what is proof that nothing was asked, and what is not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from gsmsend_handset.android.transcript import Transcript
from gsmsend_handset.android.wire import Answered, NoAnswer, NotReached, Wire
from tests.unit.handset.android_bench import SetClock

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}'
SILENT = b"silent"
UNRECORDED = Transcript(None, "", SetClock())


class Far:
    """A server that answers the requests it gets with `answers` in turn; "" closes, `SILENT` says nothing."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        for one in self._open:
            one.close()

    def _run(self) -> None:
        while True:
            try:
                one, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(one)
            with suppress(OSError):
                self._serve(one)

    def _serve(self, one: socket.socket) -> None:
        while asked := _request(one):
            self.requests.append(asked)
            answer = self.answers.pop(0) if self.answers else b""
            if answer == SILENT:
                continue
            one.sendall(answer)
            if not answer or b"Connection: close" in answer:
                one.close()
                return


def _request(one: socket.socket) -> bytes:
    found = b""
    while b"\r\n\r\n" not in found:
        piece = one.recv(65536)
        if not piece:
            return b""
        found += piece
    head, _, body = found.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]):
                body += one.recv(65536)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def talk() -> Iterator[Callable[..., tuple[Far, Wire]]]:
    made: list[Far | Wire] = []

    def start(*answers: bytes) -> tuple[Far, Wire]:
        far = Far(*answers)
        wire = Wire(far.port, 0.3, UNRECORDED)
        made.extend([wire, far])
        return far, wire

    yield start
    for one in made:
        one.close()


def test_one_connection_serves_many_requests(talk: Callable[..., tuple[Far, Wire]]) -> None:
    far, wire = talk(OK, OK)
    assert wire.get("http://127.0.0.1/health?a=b") == {"ok": True}
    assert wire.post("http://127.0.0.1/messages", {"text": "café"}, headers={"X": "y"}) == {"ok": True}
    assert far.requests[0].startswith(b"GET /health?a=b HTTP/1.1\r\n")
    assert far.requests[1].endswith(b'{"text": "caf\\u00e9"}')
    assert len(far._open) == 1


def test_nobody_there_is_proof() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    wire = Wire(port, 0.3, UNRECORDED)
    with pytest.raises(NotReached):
        wire.get("/health")
    with pytest.raises(NotReached):
        wire.post("/messages", {})


@pytest.mark.parametrize(
    ("answer", "silent"), [(b"", False), (b"HTTP/1.1 2", False), (b"no HTTP\r\n\r\n", False), (SILENT, True)]
)
def test_a_request_without_an_answer_proves_nothing_and_leaves_no_connection(
    talk: Callable[..., tuple[Far, Wire]], answer: bytes, silent: bool
) -> None:
    far, wire = talk(OK, answer, OK)
    wire.get("/health")
    with pytest.raises(NoAnswer) as caught:
        wire.post("/messages", {})
    assert caught.value.silent is silent or answer == b"HTTP/1.1 2"
    assert wire._connection.sock is None
    assert len(far.requests) == 2


def test_a_question_is_asked_again_where_the_kept_connection_had_gone_and_a_text_never(
    talk: Callable[..., tuple[Far, Wire]],
) -> None:
    far, wire = talk(OK, b"", OK, b"", b"")
    wire.get("/health")
    assert wire.get("/health") == {"ok": True}
    with pytest.raises(NoAnswer):
        wire.post("/messages", {})
    with pytest.raises(NoAnswer):
        wire.get("/health")
    assert len(far.requests) == 5


@pytest.mark.parametrize("status", [302, 400, 404, 409, 500])
def test_an_answer_that_is_no_success_is_told_with_what_it_says(
    talk: Callable[..., tuple[Far, Wire]], status: int
) -> None:
    body = b'{"message":"why"}'
    head = f"HTTP/1.1 {status} X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: {len(body)}\r\n\r\n"
    far, wire = talk(head.encode() + body)
    with pytest.raises(Answered) as caught:
        wire.get("/messages/x")
    assert (caught.value.status, caught.value.body) == (status, {"message": "why"})
    assert len(far.requests) == 1


def test_what_is_no_json_is_no_success(talk: Callable[..., tuple[Far, Wire]]) -> None:
    _, wire = talk(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    with pytest.raises(Answered) as caught:
        wire.get("/health")
    assert (caught.value.status, caught.value.body) == (200, None)


def test_no_proxy_is_asked(talk: Callable[..., tuple[Far, Wire]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    _, wire = talk(OK)
    assert wire.get("/health") == {"ok": True}
