"""What the pages of hw/ tell people to type exists and reaches nobody; what they name is there."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from gsmsend import config
from gsmsend.cli.group import main

FOLDER = Path(__file__).parents[3] / "hw"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*FOLDER.glob("*.md"), *FOLDER.glob("*/*.md")])
TOOLS = {
    "apt", "bluetoothctl", "cat", "install", "journalctl", "pip", "python3", "sudo", "systemctl",
    "systemd-sysusers",
    "systemd-tmpfiles", "uhubctl", "udevadm", "usermod",
}  # fmt: skip
"""What Debian has, or the pages have installed."""


def _typed() -> Iterator[tuple[str, list[str]]]:
    """Every line of every block of commands, without `sudo` and the user that it names: page, words."""
    for page in PAGES:
        block = ""
        for line in page.read_text(encoding="utf-8").splitlines():
            if line.lstrip().startswith("```"):
                block = "" if block else line.strip()
            elif block == "```" and line.strip() and not line.lstrip().startswith((".", "|", "+", "'", "socket")):
                words = shlex.split(line)
                if words[:1] == ["sudo"]:
                    words = words[4:] if words[1:2] == ["-u"] else words[1:]
                yield page.name, words


def _is_picture(words: list[str]) -> bool:
    return any(mark in word for word in words for mark in ("--|", "|--", "---", "own", "supply", "mains"))


TYPED = [(page, words) for page, words in _typed() if not _is_picture(words)]
GSMSEND = [words[1:] for _, words in TYPED if Path(words[0]).name == "gsmsend"] + [
    shlex.split(command)[1:]
    for page in PAGES
    for command in re.findall(r"`(gsmsend [^`]+)`", page.read_text(encoding="utf-8"))
]


def test_the_page_has_the_commands_of_the_first_time() -> None:
    assert {"modems", "doctor", "init", "send", "inbox", "import"} <= {words[0] for words in GSMSEND}


@pytest.mark.parametrize("words", GSMSEND, ids=" ".join)
def test_each_command_is_one_that_the_program_takes(words: list[str]) -> None:
    with click.Context(main) as context:
        command = main.get_command(context, words[0])
        assert command is not None, f"there is no command {words[0]}"
        command.make_context(words[0], list(words[1:]), parent=context)


def test_every_other_program_is_a_known_one() -> None:
    assert {Path(words[0]).name for _, words in TYPED} - {"gsmsend"} <= TOOLS


INSTALLED = [words for _, words in TYPED if words[0] == "install"]


def test_what_is_installed_is_here_and_goes_where_it_is_read() -> None:
    places = {".rules": "/etc/udev/rules.d/", ".service": "/etc/systemd/system/"}
    assert len(INSTALLED) >= 5
    for _, *options, source, target in INSTALLED:
        assert options == ["-D", "-m", "0644"]
        assert (FOLDER / source).is_file(), source
        if source in ("systemd/sysusers.conf", "systemd/tmpfiles.conf"):
            assert target == f"/etc/{Path(source).stem}.d/gsmsend.conf"
        else:
            assert target == places[Path(source).suffix] + Path(source).name


def test_services_on_the_page_are_the_units_and_their_operation_the_one_that_is_made() -> None:
    named = {
        word.partition("@") for _, words in TYPED for word in words if word.startswith("gsmsend-") and "@" in word
    }
    assert {name for name, _, _ in named} == {"gsmsend-run", "gsmsend-serve"}
    assert {instance for _, _, instance in named} == {"bench"}
    made = [words for words in GSMSEND if words[:1] == ["init"] and "/var/lib/gsmsend/bench" in words]
    assert made
    for name, _, _ in named:
        unit = (FOLDER / "systemd" / f"{name}@.service").read_text(encoding="utf-8")
        assert "WorkingDirectory=/var/lib/gsmsend/%i\n" in unit
        assert "ExecStart=/opt/gsmsend/bin/gsmsend " in unit


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_number_on_the_page_is_nobodys(page: Path) -> None:
    numbers = re.findall(r"\+\d[\d ]{8,}\d", page.read_text(encoding="utf-8"))
    assert not [number for number in numbers if not re.fullmatch(r"\+447700900\d{3}", number)]
    if page.name == "README.md" and page.parent == FOLDER:
        assert numbers


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_files_on_the_page_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)]*)\)", text)
    for link in links:
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}, link
    for name in re.findall(r"`((?:systemd/|99-)[\w./@-]+)`", text) + re.findall(r"`hw/([\w./-]+)`", text):
        assert (FOLDER / name).exists(), name


def test_every_file_of_the_folder_is_named_on_a_page() -> None:
    said = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for file in FOLDER.rglob("*"):
        # Families are the matrix, drop-ins are named by their folder; dashboards and alarms have their own page.
        named = file.parent.name in {"devices", "drop-ins", "grafana", "alerts"} or file.suffix == ".pyc"
        assert named or file.is_dir() or file.name in said, file


def test_the_authority_on_the_page_of_the_law_is_one_that_gsmsend_takes(tmp_path: Path) -> None:
    text = (FOLDER / "law.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    terms = config.parse(block, tmp_path).authority
    said = tomllib.loads(block)["authority"]
    assert (terms.reference, terms.held_by) == (said["reference"], said["held_by"])


def test_every_source_that_is_cited_is_listed() -> None:
    for name in ("law.md", "wiring.md"):
        body, _, sources = (FOLDER / name).read_text(encoding="utf-8").partition("## Sources")
        cited = {int(number) for number in re.findall(r"\[(\d{1,2})\]", body)}
        listed = {int(number) for number in re.findall(r"^(\d+)\. ", sources, re.MULTILINE)}
        assert cited == listed, name


def test_the_stick_in_hilink_mode_is_no_modem_of_the_matrix(matrix: list[dict[str, Any]]) -> None:
    assert "12d1:14dc" in README
    assert "12d1:14dc" not in {row["usb"] for row in matrix}


def test_modems_to_buy_are_in_the_matrix_and_their_ports_known(matrix: list[dict[str, Any]]) -> None:
    text = (FOLDER / "shopping.md").read_text(encoding="utf-8").replace("12d1:14dc", "")
    known = {row["usb"]: row for row in matrix}
    ids = re.findall(r"\b[0-9a-f]{4}:[0-9a-f]{4}\b", text)
    assert len(ids) >= 4
    assert all(known[usb]["at"] for usb in ids)


def test_units_and_rules_are_in_the_source_and_not_in_the_wheel() -> None:
    built = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    assert built["targets"]["wheel"]["only-include"] == ["gsmsend", "drivers"]
    assert "sdist" not in built["targets"], "then say there that hw/ goes along"
