"""`gsmsend bench` as a process: ports, clients that come and go, time, faults of ports, its end."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from gsmsend.sms import encode_submit, split
from gsmsend_virtual import command
from tests.bench.running import START, Client, Running, running

CTRL_Z = "\x1a"
THEM = "+447700900123"


def pdu(to: str = THEM, text: str = "Hello") -> tuple[int, str]:
    octets = encode_submit(to, split(text).segments[0])
    return len(octets), "00" + octets.hex().upper()


def hand_over(client: Client) -> None:
    length, hexadecimal = pdu()
    client.say(f"AT+CMGS={length}", "\r\n> ")
    client.write(hexadecimal + CTRL_Z)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Running]:
    with running(
        tmp_path, "--modems", "2", "--radio", "0.2", "--report-delay", "0.1", "--redelivery", "0.1"
    ) as it:
        yield it


@pytest.fixture
def client(bench: Running) -> Iterator[Client]:
    client = Client(bench.port())
    client.say("ATE0")
    yield client
    client.close()


def test_ready_names_every_modem_and_only_links_are_in_the_folder(bench: Running) -> None:
    assert [row["number"] for row in bench.ready["modems"]] == ["+447700900901", "+447700900902"]
    assert sorted(path.name for path in bench.ports.iterdir()) == ["modem1", "modem2"]
    for row in bench.ready["modems"]:
        assert Path(row["port"]).readlink() == Path(row["device"])
        assert len(row["imei"]) == 15
        assert row["iccid"].startswith("8944")


def test_it_starts_at_once_and_ends_in_good_order(tmp_path: Path) -> None:
    began = time.monotonic()
    bench = Running(tmp_path, "--modems", "8")
    assert time.monotonic() - began < 2.0, "0.1 s on an idle machine"
    assert bench.stop() == 0
    assert list(bench.ports.iterdir()) == []
    assert not bench.socket.exists()


def test_a_text_takes_its_radio_time_to_the_millisecond(bench: Running, client: Client) -> None:
    for _ in range(3):
        hand_over(client)
        client.until("\r\nOK\r\n")
    busy = [line["busy_s"] for line in bench.wait_for("result", 3)]
    assert all(0.2 <= each < 0.21 for each in busy), "within 1 ms on an idle machine"


def test_a_port_can_be_closed_and_opened_again_at_any_time(bench: Running) -> None:
    for number in range(5):
        client = Client(bench.port())
        assert "OK" in client.say("AT")
        client.close()
        assert len(bench.wait_for("detached", number + 1)) == number + 1


def test_a_client_finds_no_rests_of_the_one_before(bench: Running) -> None:
    first = Client(bench.port())
    first.write("ATI\rATI\rATI\r")
    first.until("OK")
    first.close()
    bench.wait_for("detached")
    second = Client(bench.port())
    assert second.say("AT") == "AT\r\r\nOK\r\n"
    second.close()


def test_a_one_shot_write_is_taken(bench: Running) -> None:
    with bench.port().open("wb", buffering=0) as port:
        port.write(b"AT+CMGF=1\r")
    bench.wait_for("detached")
    client = Client(bench.port())
    assert "+CMGF: 1" in client.say("AT+CMGF?")
    client.close()


def test_a_client_that_only_listens_hears_what_comes(bench: Running, client: Client) -> None:
    client.say("AT+CNMI=2,1,0,0,0")
    client.close()
    bench.wait_for("detached")
    client.fd = os.open(bench.port(), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    bench.wait_for("attached", 2)
    bench.ask(do="text", to="+447700900901", text="Hello")
    assert client.until("\r\n+CMTI: ") == "\r\n+CMTI: "


def test_the_terminal_is_raw_again_after_a_client_that_cooked_it(bench: Running) -> None:
    import termios

    first = Client(bench.port())
    state = termios.tcgetattr(first.fd)
    state[3] |= termios.ICANON | termios.ECHO
    termios.tcsetattr(first.fd, termios.TCSANOW, state)
    first.close()
    time.sleep(0.1)
    second = Client(bench.port())
    assert termios.tcgetattr(second.fd)[3] & (termios.ICANON | termios.ECHO) == 0
    second.close()


def test_a_text_goes_on_when_its_client_is_gone_and_the_next_hears_the_answer(
    bench: Running, client: Client
) -> None:
    bench.ask(do="conditions", radio_s=0.6)
    hand_over(client)
    bench.wait_for("on_air")
    os.close(client.fd)
    bench.wait_for("detached")
    client.fd = os.open(bench.port(), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    assert "+CMGS: 0" in client.until("\r\nOK\r\n")


def test_modems_of_one_bench_text_each_other(bench: Running, client: Client) -> None:
    other = Client(bench.port(2))
    other.say("AT+CNMI=2,1,0,0,0")
    length, hexadecimal = pdu("+447700900902", "from one to two")
    client.say(f"AT+CMGS={length}", "\r\n> ")
    client.write(hexadecimal + CTRL_Z)
    other.until('+CMTI: "ME",1')
    other.say("AT+CMGF=1")
    assert "from one to two" in other.say("AT+CMGR=1")
    other.close()


# -- faults of ports --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("how", "link"), [("same", "modem1"), ("new", "modem3")])
def test_an_unplugged_port_hangs_up_and_comes_back(bench: Running, client: Client, how: str, link: str) -> None:
    bench.ask(do="fault", fault=f"unplug:at=mid-pdu,back=0.3,name={how},modem=1")
    length, hexadecimal = pdu()
    client.say(f"AT+CMGS={length}", "\r\n> ")
    client.write(hexadecimal[:20])
    assert select.select([client.fd], [], [], 5)[0]
    assert _reads_to_end(client)
    assert not bench.port().is_symlink()
    bench.wait_for("boot", 3)
    again = Client(bench.ports / link)
    assert "001017000000011" in again.say("AT+CGSN")
    again.close()
    assert bench.events("on_air") == []


def test_a_name_that_another_modem_took_meanwhile_stays_its(bench: Running) -> None:
    bench.ask(do="fault", fault="unplug:back=0.6,name=same,modem=2")
    bench.wait_for("off")
    bench.ask(do="fault", fault="unplug:back=0.1,name=new,modem=1")
    bench.wait_for("boot", 4)
    for link, imei in (("modem2", "001017000000011"), ("modem3", "001017000000029")):
        client = Client(bench.ports / link)
        assert imei in client.say("AT+CGSN")
        client.close()


def test_registration_is_on_record(bench: Running) -> None:
    first = bench.wait_for("registration", 2)
    assert [(event["modem"], event["registered"]) for event in first] == [(1, True), (2, True)]
    client = Client(bench.port())
    client.say("AT+CFUN=4")
    client.close()
    assert bench.wait_for("registration", 3)[-1]["registered"] is False


def _reads_to_end(client: Client) -> bool:
    """A terminal that hung up reads as its end, or as an error, by the moment."""
    try:
        return os.read(client.fd, 100) == b""
    except OSError:
        return True


def test_a_stalled_modem_takes_nothing(bench: Running, client: Client) -> None:
    bench.ask(do="fault", fault="stall:s=0.5,modem=1")
    with pytest.raises(BlockingIOError):
        client.write("AT\r")
    time.sleep(0.6)
    assert "OK" in client.say("AT")


def test_a_slow_line_is_slow_both_ways(bench: Running, client: Client) -> None:
    bench.ask(do="fault", fault="slow:2400")
    began = time.monotonic()
    client.say("ATI")
    octets = len("ATI\r\r\ngsmsend\r\nVirtual Modem\r\nRevision: 1.0\r\n\r\nOK\r\n")
    assert time.monotonic() - began > octets * 10 / 2400 * 0.8


def test_a_flood_does_not_stop_the_others(bench: Running, client: Client) -> None:
    bench.ask(do="fault", fault="flood:lines=2000,every=0.05,modem=1")
    other = Client(bench.port(2))
    time.sleep(0.3)
    began = time.monotonic()
    other.say("AT")
    assert time.monotonic() - began < 1.0
    other.close()
    assert not client.quiet(0.1)


# -- the command ------------------------------------------------------------------------------------------


def test_the_faults_are_listed_in_plain_words() -> None:
    result = CliRunner().invoke(command.bench, ["--faults"])
    assert result.exit_code == 0
    assert "report-early\n    The status report comes before the +CMGS line." in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fault", "lunch"], "no fault 'lunch'"),
        (["--personality", "nokia"], "no modem personality 'nokia'"),
        (["--fault", "refuse:code=x"], "no whole number"),
    ],
)
def test_a_wrong_command_line_is_said_in_plain_words(tmp_path: Path, arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(command.bench, ["--dir", str(tmp_path / "ports"), *arguments])
    assert result.exit_code == 2
    assert words in result.output
    assert not list((tmp_path / "ports").glob("*"))


def test_a_place_that_cannot_be_is_said_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = CliRunner().invoke(command.bench, ["--dir", str(tmp_path / "file" / "ports")])
    assert result.exit_code == 2
    assert "Not a directory" in result.output
    result = CliRunner().invoke(command.bench, ["--dir", str(tmp_path / "ports"), "--log", str(tmp_path)])
    assert result.exit_code == 2
    assert "Is a directory" in result.output


def test_links_of_a_bench_that_was_killed_are_taken_away(tmp_path: Path) -> None:
    ports = tmp_path / "ports"
    ports.mkdir()
    (ports / "modem7").symlink_to("/dev/pts/999999")
    with running(tmp_path) as bench:
        assert [path.name for path in bench.ports.iterdir()] == ["modem1"]


def test_without_ptys_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(select, "epoll")
    result = CliRunner().invoke(command.bench, ["--dir", str(tmp_path)])
    assert result.exit_code == 2
    assert "pseudo-terminals" in result.output


def test_without_json_it_is_read_by_people_and_faults_start_with_it(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", START, "--dir", str(tmp_path), "--personality", "huawei", "--personality", "simcom",
         "--modems", "2", "--fault", "refuse:code=42,count=0", "--radio", "0", "--control", "-"],
        stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    lines = [process.stdout.readline() for _ in range(3)]
    assert "+447700900901" in lines[0]
    assert lines[0].rstrip().endswith("huawei")
    assert lines[1].rstrip().endswith("simcom")
    assert lines[2] == "ready\n"
    client = Client(tmp_path / "modem1")
    hand_over(client)
    client.until("ERROR")
    client.close()
    process.stdin.write('{"do": "faults"}\n{"do": "stop"}\n')
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["faults"][0]["fault"] == "refuse:code=42,count=0"
    process.communicate(timeout=10)
    assert process.returncode == 0
