"""`gsmsend export` of what a run did on the bench: checked by verify.py in other Pythons, the same each time."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.run.far_end import GSMSEND, far_end, gsmsend, lab, people
from tests.unit.evidence.small_log import files_of

PROGRAM = Path(sys.modules["gsmsend.evidence.verify"].__file__ or "")


def _runs(name: str) -> bool:
    found = shutil.which(name)
    return (
        found is not None and subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode == 0
    )


PYTHONS = [sys.executable, *(name for name in ("pypy3", "python3.9") if _runs(name))]
"""This one, and the oldest that are installed: Debian's pypy3 is 3.9."""
TEXT = "Help is at hand: https://example.org/help"
EXTRA = """
import dataclasses, sys
from gsmsend_atmodem import profile
made = profile.Profiles.__init__
def more(self, profiles, generic):
    made(self, profiles, dataclasses.replace(generic, init=(*generic.init, "AT+CXYZ=7")))
profile.Profiles.__init__ = more
from gsmsend.cli import main
main(sys.argv[1:], "gsmsend")
"""


@pytest.fixture(scope="module")
def operation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four people texted over one modem, which was sent one command that no table foresees."""
    folder = tmp_path_factory.mktemp("export")
    place = lab(folder)
    with far_end(folder, "--report-delay", "0.05") as far:
        words = ["run", *far.port_flags, "--to", str(people(folder, 4, TEXT)), "--wait-reports", "20", "--json"]
        done = subprocess.run(
            [sys.executable, "-c", EXTRA, *words],
            cwd=place,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    assert done.returncode == 0, done.stderr + done.stdout
    return place


def export(operation: Path, *words: str, pdf: bool = False, **env: str) -> dict[str, object]:
    more = [] if pdf else ["--without-pdf"]
    done = subprocess.run(
        [*GSMSEND, "export", "--json", *words, *more], cwd=operation, capture_output=True, text=True, timeout=90,
        check=False, env={**os.environ, **env},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def table(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "words", [["--variant", "full"], ["--variant", "redacted"], ["--variant", "disclosure"],
              ["--variant", "disclosure", "--unmask"]],
)  # fmt: skip
def test_two_exports_by_two_processes_are_the_same_octets(
    operation: Path, tmp_path: Path, words: list[str]
) -> None:
    """Folder and zip, whatever the hash seed, the time zone, the locale and the umask of the process."""
    one = {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"}
    two = {"PYTHONHASHSEED": "2", "TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8"}
    first = export(operation, *words, "--to", str(tmp_path / "a"), pdf=True, **one)
    second = export(operation, *words, "--to", str(tmp_path / "b.zip"), pdf=True, **two)
    assert first["digest"] == second["digest"]
    files = files_of(tmp_path / "a")
    assert files_of(tmp_path / "b.zip") == files
    export(operation, *words, "--to", str(tmp_path / "c.zip"), pdf=True, **one)
    assert (tmp_path / "b.zip").read_bytes() == (tmp_path / "c.zip").read_bytes()


def test_full_packs_are_right_by_each_python_that_is_here(operation: Path, tmp_path: Path) -> None:
    made = export(operation, "--to", str(tmp_path / "pack"))
    head = str(made["head"])
    for python in PYTHONS:
        for command in ([str(tmp_path / "pack" / "verify.py")], [str(PROGRAM), str(tmp_path / "pack")]):
            done = subprocess.run(
                [python, *command, "--head", head],
                cwd="/",
                capture_output=True,
                text=True,
                timeout=90,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            assert "whose head was written down" in done.stdout
            assert done.stdout.endswith("RESULT: right\n")
    (tmp_path / "pack" / "totals.json").write_bytes(b"{}\n")
    for python in PYTHONS:
        done = subprocess.run(
            [python, str(PROGRAM), str(tmp_path / "pack")], capture_output=True, text=True, timeout=90, check=False
        )
        assert done.returncode == 1
        assert "'totals.json' was changed after the pack was made." in done.stdout


def test_a_pack_has_what_the_run_did(operation: Path, tmp_path: Path) -> None:
    export(operation, "--to", str(tmp_path / "pack"), pdf=True)
    files = files_of(tmp_path / "pack")
    people_of = table(files, "recipients.csv")
    assert [row["state"] for row in people_of] == ["delivered"] * 4
    assert [row["number"] for row in people_of] == [f"'+4477009{index:05d}" for index in range(4)]
    said = [row["it says"] for row in table(files, "pdus.csv")]
    assert sum(one.startswith("SMS-SUBMIT to +4477009") for one in said) == 4
    assert sum(one.startswith("SMS-STATUS-REPORT") for one in said) == 4
    assert not [one for one in said if "cannot be read" in one]
    assert json.loads(files["devices.json"])[0]["imei"]
    assert json.loads(files["totals.json"]) == {"1": {"delivered": 4}}
    assert files["summary.pdf"].startswith(b"%PDF")
    assert TEXT.encode() in files["texts.csv"]


def test_a_command_that_nobody_foresaw_stands_in_the_method_statement(operation: Path, tmp_path: Path) -> None:
    export(operation, "--to", str(tmp_path / "pack"))
    page = (tmp_path / "pack" / "method.txt").read_text(encoding="utf-8")
    assert "AT+CXYZ=7   [not known]" in page


def test_numbers_are_in_no_masked_pack_however_they_are_written(operation: Path, tmp_path: Path) -> None:
    for variant in ("redacted", "disclosure"):
        export(operation, "--variant", variant, "--to", str(tmp_path / variant))
        files = files_of(tmp_path / variant)
        with zipfile.ZipFile(io.BytesIO(files.pop("recipients.xlsx"))) as book:
            files |= {name: book.read(name) for name in book.namelist()}
        for index in range(4):
            number = f"7009{index:05d}"
            swapped = "".join(number[at + 1] + number[at] for at in range(0, 8, 2))
            for name, octets in files.items():
                assert number.encode() not in octets, name
                assert swapped.encode() not in octets, name
        assert "There is no summary as PDF" in files["README.txt"].decode()


def test_an_export_is_on_record_with_who_saw_numbers(operation: Path, tmp_path: Path) -> None:
    made = export(operation, "--to", str(tmp_path / "pack"))
    later = export(operation, "--variant", "disclosure", "--to", str(tmp_path / "masked"))
    gsmsend("import", str(people(tmp_path, 1, "Another")), cwd=operation)  # a change: a pack goes further then
    export(operation, "--to", str(tmp_path / "last"))
    entries = [json.loads(line) for line in (tmp_path / "last" / "audit.jsonl").read_text("ascii").splitlines()]
    exports = [one["data"] for one in entries if one["kind"] == "export"]
    assert [one["digest"] for one in exports[-2:]] == [made["digest"], later["digest"]]
    assert [one["numbers"] for one in exports[-2:]] == [True, False]
    assert [one["data"]["command"] for one in entries if one["kind"] == "unmask"][-1] == "export full"
    checked = gsmsend("verify", str(tmp_path / "last"), cwd=operation)
    assert checked.returncode == 0, checked.stdout
    assert gsmsend("verify", cwd=operation).returncode == 0


def test_what_cannot_be_exported_is_said_in_plain_words(operation: Path, tmp_path: Path) -> None:
    def refused(*words: str) -> str:
        done = gsmsend("export", *words, cwd=operation)
        assert done.returncode == 2
        return done.stderr

    assert "a pack is never written over anything" in refused("--to", str(tmp_path)).replace("\n", " ")
    assert "among the operation's own files" in refused("--to", "pack").replace("\n", " ")
    assert "there is no campaign 'other'" in refused("--campaign", "other", "--to", str(tmp_path / "a"))
    assert "--unmask was given for a redacted pack" in refused("--variant", "redacted", "--unmask")
    empty = tmp_path / "empty"
    gsmsend("init", str(empty), "--lab")
    assert "nothing was ever done" in gsmsend("export", "--variant", "redacted", cwd=empty).stderr
    assert not (tmp_path / "a").exists()
