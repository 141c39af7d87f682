"""What is answered on HTTP: metrics in both formats, alive and ready with reasons, and to whom."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse

import pytest
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from gsmsend.config import MetricsTerms
from gsmsend.errors import UsageError
from gsmsend.metrics.serving import Health, MetricsServer

OPEN = "application/openmetrics-text; version=1.0.0"


class Words:
    """What the run says of itself."""

    dead = unready = ""


WORDS = Words()


@pytest.fixture(autouse=True)
def words() -> Words:
    WORDS.dead = WORDS.unready = ""
    return WORDS


@pytest.fixture(scope="module")
def server() -> Iterator[MetricsServer]:
    registry = CollectorRegistry()
    Counter("gsmsend_parts", "Parts.", ("line",), registry=registry).labels("a").inc(3)
    made = MetricsServer(MetricsTerms("127.0.0.1:0"), registry, Health(lambda: WORDS.dead, lambda: WORDS.unready))
    made.start()
    yield made
    made.stop()


def ask(server: MetricsServer, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, str]:
    asked = HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)
    asked.request(method, path, headers=headers)
    answer = asked.getresponse()
    return answer, answer.read().decode()


def test_prometheus_is_answered_in_the_plain_format_without_births(server: MetricsServer) -> None:
    answer, said = ask(server, "/metrics")
    assert (answer.headers["Content-Type"] or "").startswith("text/plain")
    (family,) = plain_text(said)
    assert [(one.name, one.labels, one.value) for one in family.samples] == [
        ("gsmsend_parts_total", {"line": "a"}, 3.0)
    ]


def test_who_asks_for_openmetrics_gets_it_with_births(server: MetricsServer) -> None:
    _, said = ask(server, "/metrics", Accept=OPEN)
    (family,) = open_metrics(said)  # type: ignore[no-untyped-call]
    assert {one.name for one in family.samples} == {"gsmsend_parts_total", "gsmsend_parts_created"}


def test_alive_and_ready_say_why_not(server: MetricsServer, words: Words) -> None:
    assert ask(server, "/healthz")[1] == "alive\n"
    assert ask(server, "/readyz")[1] == "ready\n"
    words.unready = "no line can send"
    answer, said = ask(server, "/readyz")
    assert (answer.status, said) == (503, "not ready: no line can send\n")
    assert ask(server, "/healthz")[0].status == 200
    words.dead = "it stands still"
    for path, start in (("/healthz", "not alive"), ("/readyz", "not ready")):
        answer, said = ask(server, path)
        assert (answer.status, said) == (503, f"{start}: it stands still\n")


def test_there_is_nothing_else(server: MetricsServer) -> None:
    assert ask(server, "/")[0].status == 404
    assert ask(server, "/metrics", "POST")[0].status == 501
    answer, said = ask(server, "/healthz", "HEAD")
    assert (answer.status, said) == (200, "")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9464", "[::1", "127.0.0.1.evil.example"])
def test_a_page_elsewhere_that_points_its_name_here_is_told_nothing(server: MetricsServer, host: str) -> None:
    answer, said = ask(server, "/metrics", Host=host)
    assert answer.status == 421
    assert "gsmsend_parts" not in said


@pytest.mark.parametrize("host", ["localhost:9464", "127.0.0.1", "[::1]:9464", "LOCALHOST"])
def test_this_computer_may_call_itself_as_it_likes(server: MetricsServer, host: str) -> None:
    assert ask(server, "/metrics", Host=host)[0].status == 200


def test_where_others_may_ask_they_may_use_their_own_names() -> None:
    made = MetricsServer(MetricsTerms("0.0.0.0:0", others=True), CollectorRegistry(), Health(str, str))
    made.start()
    try:
        assert ask(made, "/healthz", Host="bench.example.org")[0].status == 200
    finally:
        made.stop()


def test_an_address_that_is_taken_is_told_plainly(server: MetricsServer) -> None:
    port = server.server_address[1]
    with pytest.raises(UsageError, match="cannot be listened on") as told:
        MetricsServer(MetricsTerms(f"127.0.0.1:{port}"), CollectorRegistry(), Health(str, str))
    assert "[metrics] address" in told.value.remedy


def test_many_who_say_nothing_do_not_fill_the_run_with_threads(server: MetricsServer) -> None:
    silent = [socket.create_connection(("127.0.0.1", server.server_address[1])) for _ in range(8)]
    try:
        refused = 0
        for _ in range(20):
            with pytest.raises(OSError):  # noqa: PT011 - closed before or while it is asked
                ask(server, "/healthz")
            refused += 1
        assert refused == 20
    finally:
        for one in silent:
            one.close()
    for _ in range(100):
        try:
            assert ask(server, "/healthz")[0].status == 200
            break
        except OSError:
            continue
    else:
        pytest.fail("it does not answer any more")


def test_its_url_is_for_a_browser(server: MetricsServer) -> None:
    assert server.url == f"http://127.0.0.1:{server.server_address[1]}"
