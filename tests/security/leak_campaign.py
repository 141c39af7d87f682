"""One campaign with all that can happen to it, each command's output kept beside what the program wrote itself."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import openpyxl

from tests.metrics.listeners import Hook, listening
from tests.run.far_end import FarEnd, far_end

GSMSEND = [sys.executable, "-m", "gsmsend"]
FIRST = 7700900100
NUMBERS = [f"+44{FIRST + index}" for index in range(14)]
TWO_TEXTS = "Heronmarsh"
"""A word of a second text, of non-GSM signs, which is sent in UCS-2."""
TEXTS = ["Kestrelwind", "Juniperlake", TWO_TEXTS]
"""Words that stand in the texts and nowhere else."""
REPLIES = ["Plumtreefog", "Saffronhill", "Larchgrove"]
STRANGER = "+447700900777"
PASSPHRASE = "correct horse battery staple"  # noqa: S105 - of a key that the test makes
_CODE = """
import logging, sys, threading
from gsmsend.cli import operation, start, status
from gsmsend.store import SqlView

WORDS = "cannot do +447700900103 (07700 900103): Kestrelwind, it said 'Plumtreefog'"

def fail(self):
    secret, text = "+447700900104", "Juniperlake Larchgrove"
    logging.getLogger("a.library").error("sent %s to %s", text, secret)
    thread = threading.Thread(target=in_thread, args=(secret,))
    thread.start()
    thread.join()
    Unclosed(secret)
    raise RuntimeError(WORDS) from KeyError(secret)

def in_thread(secret):
    raise ValueError("in a thread: " + WORDS + secret)

class Unclosed:
    def __init__(self, secret):
        self.secret = secret
    def __del__(self):
        raise ValueError("while clearing up: " + WORDS + self.secret)

SqlView.totals = fail
start.main(["status", "--operation", sys.argv[1]])
"""


def spelled(e164: str, how: int) -> str:
    """A number as people write it, each a little differently."""
    rest = e164.removeprefix("+44")
    return (
        e164, f"0{rest}", f"0{rest[:4]} {rest[4:]}", f"+44 {rest[:4]} {rest[4:7]} {rest[7:]}", f"0044{rest}",
        f"(0{rest[:4]}) {rest[4:]}", f"0{rest[:4]}-{rest[4:]}",
    )[how % 7]  # fmt: skip


def until(so: Callable[[], bool], within_s: float = 60.0) -> None:
    """Wait for it."""
    ends_s = time.monotonic() + within_s
    while not so():
        assert time.monotonic() < ends_s, "it did not happen in time"
        time.sleep(0.05)


@dataclass
class Campaign:
    """Its folder `root` has everything: the operation, the user's own folders, the output of each command."""

    root: Path
    operation: Path = field(init=False)
    said: Path = field(init=False)
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.operation, self.said = self.root / "op", self.root / "said"
        own = {
            "HOME": "home", "XDG_CONFIG_HOME": "home/config", "XDG_STATE_HOME": "home/state",
            "XDG_CACHE_HOME": "home/cache", "XDG_DATA_HOME": "home/data", "TMPDIR": "temporary",
        }  # fmt: skip
        for place in (*own.values(), "said", "given"):
            (self.root / place).mkdir(mode=0o700, parents=True, exist_ok=True)
        self.environment = {**os.environ, **{name: str(self.root / place) for name, place in own.items()}}
        self.environment |= {"COLUMNS": "100", "TERM": "xterm-256color"}
        self.environment |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}

    def type(self, *words: object, name: str = "", codes: Sequence[int] = (0,)) -> str:
        """Give a command; its output is kept under its name."""
        given = [str(word) for word in words]
        done = subprocess.run(
            [*GSMSEND, *given, "--operation", str(self.operation)], env=self.environment, cwd=self.root / "given",
            capture_output=True, check=False, timeout=120, umask=0,
        )  # fmt: skip
        (self.said / (name or given[0])).write_bytes(done.stdout + done.stderr)
        assert done.returncode in codes, (given, done.returncode, done.stderr.decode())
        return done.stdout.decode()

    def on_screen(self, *words: object, name: str, meanwhile: Callable[[], None] = lambda: None) -> int:
        """The same on a terminal, its screen kept; `meanwhile` is done while the command goes on."""
        near, far = pty.openpty()
        with (self.said / name).open("wb") as screen:
            child = subprocess.Popen(
                [*GSMSEND, *map(str, words), "--operation", str(self.operation)],
                env=self.environment, cwd=self.root / "given", stdin=far, stdout=far, stderr=far, umask=0,
            )  # fmt: skip
            os.close(far)
            reader = _Reader(near, screen.write)
            try:
                meanwhile()
                until(lambda: reader.read() or child.poll() is not None, 120)
            finally:
                if child.poll() is None:
                    child.kill()
                code = child.wait(30)
                reader.read()
                os.close(near)
        return code

    def crash(self) -> bytes:
        """A bug, in a command and a thread and in clearing up, each with secrets in its words."""
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-c", _CODE, str(self.operation)], env=self.environment,
            capture_output=True, check=False, umask=0,
        )  # fmt: skip
        (self.said / "crash").write_bytes(done.stdout + done.stderr)
        assert done.returncode == 1, done.stderr
        return done.stderr


class _Reader:
    """Takes what stands on a terminal; must be called now and then."""

    def __init__(self, handle: int, write: Callable[[bytes], object]) -> None:
        self._handle, self._write = handle, write

    def read(self) -> bool:
        """Take what is there. False: more may come."""
        while select.select([self._handle], [], [], 0)[0]:
            try:
                octets = os.read(self._handle, 65536)
            except OSError:  # its last writer is gone
                return True
            if not octets:
                return True
            self._write(octets)
        return False


def lists(place: Path) -> list[Path]:
    """The people in two lists, their numbers in many spellings, and the text."""
    people, book, message = place / "people.csv", place / "people.xlsx", place / "message.txt"
    half = len(NUMBERS) // 2
    rows = [spelled(number, how) for how, number in enumerate(NUMBERS[:half])]
    people.write_text("number\n" + "\n".join([*rows, rows[0], "07700 900bad"]) + "\n", encoding="utf-8")
    sheets = openpyxl.Workbook()
    sheet: Any = sheets.active
    sheet.append(["number", "text"])
    for how, number in enumerate(NUMBERS[half:]):
        word = TWO_TEXTS + " \u0416" if how % 3 == 0 else TEXTS[1]
        sheet.append([spelled(number, how), f"Example Police. {word} is here to help. Reply STOP to opt out."])
    sheets.save(book)
    long = f"Example Police. {TEXTS[0]} is here to help, free and private, whenever you want. " * 2
    message.write_text(long + "Reply STOP to opt out.", encoding="utf-8")
    return [people, book, message]


def ask(control: Path, **request: Any) -> dict[str, Any]:
    """A request to the bench's outside world."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(control))
        client.sendall(json.dumps(request).encode() + b"\n")
        answer: dict[str, Any] = json.loads(client.makefile().readline())
    assert answer["ok"], answer
    return answer


def replies(control: Path, far: FarEnd) -> None:
    """People answer once the first have been texted; so does somebody who was not."""
    until(lambda: len(far.on_air()) >= 4)
    (modem, *_) = ask(control, do="state")["modems"]
    words = [f"who is this {REPLIES[0]}", f"STOP {REPLIES[1]} please", f"help he has a knife {REPLIES[2]} \u0416"]
    for sender, text in zip((NUMBERS[0], NUMBERS[1], STRANGER), words, strict=True):
        ask(control, do="text", to=modem["number"], text=text, **{"from": sender})


SETTINGS = """
[operation]
name = "Op"
[key]
keep = "home"
[modems]
ports = [{ports}]
[approval]
officers = 1
independent = false
[window]
from = "00:00"
to = "24:00"
holidays = ""
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
[campaign]
first_texts = 0
[wording]
link = false
phone = false
names = ["Example Police"]
[retry]
soon_first_seconds = 0.2
later_first_seconds = 0.5
[logs]
to = "json"
level = "debug"
[metrics]
address = "127.0.0.1:{metrics}"
[alerts]
to = ["env:LEAK_ALERTS"]
disk_megabytes = 0
"""


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def watch(port: int, file: Path) -> bool:
    """Keep what a run answers now; whether it is there no more, having answered before."""
    try:
        file.write_bytes(asked(port))
    except OSError:
        return file.exists()
    return False


def asked(port: int) -> bytes:
    """All that a run answers to who watches it."""
    said = b""
    for path in ("metrics", "healthz", "readyz"):
        try:
            with urlopen(f"http://127.0.0.1:{port}/{path}", timeout=30) as answer:
                said += answer.read()
        except HTTPError as unready:  # which says why, in words
            with unready:
                said += unready.read()
    assert b"gsmsend_parts_total" in said
    return said


def work(root: Path) -> Campaign:
    """The whole of it: made, prepared, approved, sent with faults and replies, looked at, and a crash."""
    campaign = Campaign(root)
    given = root / "given"
    secret = given / "passphrase"
    secret.write_text(PASSPHRASE + "\n", encoding="utf-8")
    secret.chmod(0o600)
    people, book, message = lists(given)
    control = root / "control"
    faults = [
        "refuse:code=38,count=3,skip=2", "error:count=1,skip=9", "report-lost:count=1", "report-national:count=3",
        f"always-refused:to={NUMBERS[5]}",
    ]  # fmt: skip
    options = [word for fault in faults for word in ("--fault", fault)]
    with far_end(
        root, "--report-delay", "0.2", "--control", str(control), *options, modems=2, radio_s=0.05
    ) as far:
        made = subprocess.run([*GSMSEND, "init", str(campaign.operation)], env=campaign.environment, check=False,
                              capture_output=True, umask=0)  # fmt: skip
        assert made.returncode == 0, made.stderr
        ports = ", ".join(f'"{port}"' for port in far.ports)
        watched = free_port()
        settings = SETTINGS.format(ports=ports, metrics=watched)
        (campaign.operation / "gsmsend.toml").write_text(settings, encoding="utf-8")
        campaign.type("import", people, "--text-file", message, name="import")
        campaign.type("import", book, "--json", name="import json")
        campaign.type("officer", "add", "DC Example", "--passphrase-file", secret)
        campaign.type("preview", "--html", root / "preview.html", codes=(0, 5))
        campaign.type("preview", "--json", name="preview json", codes=(0, 5))
        approving = ["approve", "--officer", "DC Example", "--passphrase-file", secret]
        campaign.type(*approving)
        running = ["run", "--wait-reports", "5"]

        def meanwhile() -> None:
            replies(control, far)
            until(lambda: watch(watched, campaign.said / "metrics") or "Danger to life" in hook.words())
            for end in ("-wal", "-shm"):  # gone once the run has ended
                shutil.copy(campaign.operation / f"gsmsend.db{end}", root / f"while it ran{end}")

        hook = Hook()
        campaign.environment["LEAK_ALERTS"] = hook.address
        with listening(hook):
            code = campaign.on_screen(*running, name="screen of run", meanwhile=meanwhile)
            assert code in (3, 4), code
            (campaign.said / "alerts").write_text(hook.words(), encoding="utf-8")
            assert "Danger to life" in hook.words()
        campaign.type(*running, "--json", name="run json", codes=(0, 3, 4))
        campaign.crash()
        for command in ("status", "messages", "inbox", "doctor"):
            campaign.type(command, codes=(0, 2, 3, 4, 5, 6))
            campaign.type(command, "--json", name=f"{command} json", codes=(0, 2, 3, 4, 5, 6))
            campaign.on_screen(command, name=f"screen of {command}")
        campaign.type("messages", "--unmask", name="messages unmasked", codes=(0, 3, 4))
        campaign.type("suppress", "list", name="suppress list")
        campaign.type("modems", codes=(0, 6))
        for variant in ("redacted", "disclosure", "full"):
            packed = ["export", "--variant", variant, "--to", root / f"pack {variant}", "--without-pdf"]
            campaign.type(*packed, name=f"export {variant}", codes=(0, 3, 4))
        campaign.type("verify")
        campaign.type("report", "--redacted", "--html", root / "report.html")
        campaign.type("report", "--redacted", "--json", name="report json")
    return campaign
