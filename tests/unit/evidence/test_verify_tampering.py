"""Whatever is done to a pack, verify.py finds it; what it cannot read safely it does not read."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gsmsend.audit import Kind, canonical
from gsmsend.audit.short import short
from gsmsend.campaign.signing import public_hex
from gsmsend.evidence import verify as verification
from gsmsend.evidence.terms import Variant
from gsmsend.evidence.verify import indented, sha256, short_head, verify
from tests.unit.evidence.small_log import (
    ID,
    NUMBERS,
    OPERATION,
    TEXT,
    SmallLog,
    approved,
    checked,
    files_of,
    made,
    material,
    pack,
    signature,
    whole,
)

Pack = dict[str, bytes]
LOG = whole()
PACK = pack(LOG)
OTHER = Ed25519PrivateKey.from_private_bytes(b"x" * 32)


def small() -> Pack:
    """A short log with its tables, listed and signed as ever: few octets, so that each can be changed."""
    log = SmallLog()
    log.begin()
    log.list_of((NUMBERS[0], TEXT), (NUMBERS[1], TEXT))
    log.approve(approved(*NUMBERS[:2], texts=dict.fromkeys(NUMBERS, TEXT)))
    log.sent(1)
    log.head()
    rendered = {"README.txt", "verify.py", "recipients.xlsx", "method.html", "method.txt", "summary.html"}
    files = {name: b"1" if name in rendered else octets for name, octets in pack(log).items()}
    return signed_anew(files)


def signed_anew(files: Pack) -> Pack:
    """The same with a manifest made by whoever has the operation's key."""
    return files | {"manifest.json": manifest_of(files, files["manifest.json"])}


def manifest_of(files: Pack, like: bytes, sign: Callable[[bytes], str] = signature) -> bytes:
    """A manifest of these files, signed."""
    said = {name: value for name, value in json.loads(like).items() if name != "signature"}
    said["files"] = {name: sha256(octets) for name, octets in files.items() if name != "manifest.json"}
    statement = b"gsmsend manifest 1\n" + indented(said).encode("ascii")
    return indented(said | {"signature": sign(statement)}).encode("ascii")


def wrong(files: Pack, head: str = "") -> list[str]:
    return checked(files, head).wrong


SMALL = small()


def test_an_untouched_pack_is_right() -> None:
    found = checked(PACK)
    assert found.wrong == []
    assert any("unbroken chain" in line for line in found.right)
    assert any("Approvals signed by officers registered at that time: 1;" in line for line in found.right)
    assert wrong(SMALL) == []


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_change_of_any_octet_is_found(name: str) -> None:
    """Each octet of each file in turn, one bit of it."""
    octets = SMALL[name]
    missed = []
    for at in range(len(octets)):
        changed = bytearray(octets)
        changed[at] ^= 1 << at % 8
        if not wrong(SMALL | {name: bytes(changed)}):
            missed.append(at)
    assert missed == []


@pytest.mark.parametrize("name", ["audit.jsonl", "secrets.jsonl", "recipients.csv", "totals.json"])
def test_a_file_cut_short_is_found(name: str) -> None:
    octets = SMALL[name]
    assert all(wrong(SMALL | {name: octets[:length]}) for length in range(0, len(octets), 5))


def test_a_change_of_the_log_is_found_by_the_log_itself() -> None:
    """The manifest is made anew with the right key: what was sealed by a later head shows it all the same."""
    lines = SMALL["audit.jsonl"].splitlines(keepends=True)
    last = len(b"".join(lines[:-1]))
    for at in range(0, last, 29):
        changed = bytearray(SMALL["audit.jsonl"])
        changed[at] ^= 1
        files = SMALL | {"audit.jsonl": bytes(changed)}
        files["manifest.json"] = manifest_of(files, SMALL["manifest.json"])
        assert wrong(files), at


def edited(edit: Callable[[list[bytes]], None]) -> list[str]:
    """What is found when lines of the log are edited and the manifest is made anew, with the operation's key."""
    lines = PACK["audit.jsonl"].splitlines(keepends=True)
    edit(lines)
    files = PACK | {"audit.jsonl": b"".join(lines)}
    files["manifest.json"] = manifest_of(files, PACK["manifest.json"])
    return wrong(files)


def test_entries_left_out_moved_put_in_or_cut_off_are_found() -> None:
    def swap(lines: list[bytes]) -> None:
        lines[8], lines[9] = lines[9], lines[8]

    def repeat(lines: list[bytes]) -> None:
        lines.insert(8, lines[8])

    def cut(lines: list[bytes]) -> None:
        del lines[-3:]

    def first(lines: list[bytes]) -> None:
        del lines[0]

    def middle(lines: list[bytes]) -> None:
        del lines[10]

    for edit in (swap, repeat, cut, first, middle):
        assert edited(edit), edit.__name__
    assert any("entries were added, removed or moved" in line for line in edited(middle))
    assert any("end is not signed" in line for line in edited(cut))
    assert any("its beginning is missing" in line for line in edited(first))


def test_another_log_in_place_of_this_one_is_found() -> None:
    """By whoever has not the key: from the manifest. By whoever has it: from a head that was written down."""
    other = SmallLog(at_s=1_790_000_900.0)
    other.begin()
    other.list_of(("+447700900104", TEXT))
    other.head()
    forged = pack(other)
    forged["manifest.json"] = manifest_of(forged, forged["manifest.json"], lambda one: OTHER.sign(one).hex())
    assert any("manifest.json: its signature is wrong" in line for line in wrong(forged))
    with_key = pack(other)
    assert wrong(with_key) == []
    last = json.loads(LOG.rows[-1].line)["data"]
    noted = short(5, sha256(LOG.rows[4].line.encode()))
    assert any("this is another log" in line for line in wrong(with_key, noted))
    longer = short(last["head"], last["hash"])
    assert any("this log has only" in line for line in wrong(with_key, longer))


def test_a_head_that_was_written_down_is_compared() -> None:
    found = sha256(LOG.rows[9].line.encode())
    assert short(10, found) == f"10 {short_head(found)}"
    code = short(10, found).partition(" ")[2]
    for noted in (code, code.lower(), code.replace("-", " "), code.replace("0", "O").replace("1", "l")):
        result = checked(PACK, f"10 {noted}")
        assert result.wrong == []
        assert any("Up to entry 10 this is the log" in line for line in result.right)
    assert any("is no head" in line for line in wrong(PACK, "ten KQX"))


def test_a_forged_approval_is_found() -> None:
    """Signed by a key that is registered for nobody; or with another content shown than was signed."""
    log = SmallLog()
    log.begin()
    log.list_of((NUMBERS[0], TEXT))
    log.approve(approved(NUMBERS[0], texts={NUMBERS[0]: TEXT}), OTHER)
    log.head()
    assert any("the officer's signature is wrong" in line for line in wrong(pack(log)))
    good = SmallLog()
    good.begin()
    good.list_of((NUMBERS[0], TEXT))
    good.approve(approved(NUMBERS[0], texts={NUMBERS[0]: TEXT}))
    data = json.loads(good.rows[-1].line)["data"]
    good.add(Kind.APPROVE, data, {"content": '{"recipients":{},"texts":["Something else"]}'}, 1)
    good.head()
    assert any("the officer signed something else" in line for line in wrong(pack(good)))


def test_an_officer_who_was_removed_approves_no_more() -> None:
    log = SmallLog()
    log.begin()
    log.list_of((NUMBERS[0], TEXT))
    log.add(Kind.OFFICER_REMOVED, {"name": "DC Example", "by": "dc"})
    log.approve(approved(NUMBERS[0], texts={NUMBERS[0]: TEXT}))
    log.head()
    assert any("the officer's signature is wrong" in line for line in wrong(pack(log)))


def test_a_secret_that_was_not_recorded_is_found() -> None:
    shown = PACK["secrets.jsonl"].replace(b"thank you", b"thank me!")
    files = PACK | {"secrets.jsonl": shown}
    files["manifest.json"] = manifest_of(files, PACK["manifest.json"])
    assert any("'text' is not what entry" in line for line in wrong(files))


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("recipients.csv", b"delivered", b"failed", "another 'state'"),
        ("recipients.csv", b"+447700900101", b"+447700900199", "another 'number'"),
        ("recipients.csv", b"R0002,2,", b"R0002,4,", "another 'message'"),
        ("totals.json", b'"delivered": 1', b'"delivered": 2', "not what the log tells"),
    ],
)
def test_tables_that_disagree_with_the_log_are_found(name: str, old: bytes, new: bytes, said: str) -> None:
    assert old in PACK[name]
    files = PACK | {name: PACK[name].replace(old, new, 1)}
    files["manifest.json"] = manifest_of(files, PACK["manifest.json"])
    assert any(said in line for line in wrong(files))


def test_a_file_added_or_taken_away_is_found() -> None:
    assert any("'later.txt' does not belong" in line for line in wrong(PACK | {"later.txt": b""}))
    less = {name: octets for name, octets in PACK.items() if name != "pdus.csv"}
    assert any("'pdus.csv' is missing" in line for line in wrong(less))


def test_transcripts_are_compared_with_what_the_run_noted(tmp_path: Path) -> None:
    log = SmallLog()
    log.begin()
    log.add(Kind.STOP, {"transcripts": {"a.transcript": [5, sha256(b"first")]}})
    log.head()
    file = tmp_path / "a.transcript"
    for octets, right in ((b"first and more", True), (b"First and more", False), (b"fir", False)):
        file.write_bytes(octets)
        files = made(material(log, transcripts={"a.transcript": file}))
        assert (wrong(files) == []) is right
    less = {name: octets for name, octets in files.items() if not name.startswith("transcripts/")}
    assert any("a.transcript is missing" in line for line in wrong(signed_anew(less)))
    gone = checked(made(material(log)))  # nobody has it any more, and the manifest says so
    assert gone.wrong == []
    assert any("not there any more: a.transcript" in line for line in gone.notes)


@pytest.mark.parametrize(
    "line", [b"[" * 100_000, b'{"n":1.5}', b"\xff", b'{"n":1}', b"null", b'{"data":{},"n":NaN}']
)
def test_what_is_no_entry_is_found_and_no_fault(line: bytes) -> None:
    for name in ("audit.jsonl", "secrets.jsonl", "manifest.json"):
        assert wrong(SMALL | {name: line + b"\n"})
        assert wrong(SMALL | {name: SMALL[name] + line + b"\n"})


def test_ranges_that_cannot_be_are_refused() -> None:
    log = SmallLog()
    log.begin()
    log.add(
        Kind.ROWS, {"campaign": 1, "import": 1, "messages": [1, 2_000_000_000], "state": "queued", "sightings": 0}
    )
    log.head()
    files = SMALL | {"audit.jsonl": "".join(f"{row.line}\n" for row in log.rows).encode()}
    assert any("messages that cannot be" in line for line in wrong(files))


def zipped(files: Pack) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), octets)
    return stream.getvalue()


def placed(folder: Path, files: Pack) -> Path:
    for name, octets in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(octets)
    return folder


def told(place: Path) -> tuple[int, str]:
    lines: list[str] = []
    return verify(place, write=lines.append), "\n".join(lines)


def test_folder_zip_and_folder_in_a_zip_are_read_alike(tmp_path: Path) -> None:
    folder = placed(tmp_path / "pack", PACK)
    (tmp_path / "pack.zip").write_bytes(zipped(PACK))
    (tmp_path / "again.zip").write_bytes(zipped({f"pack/{name}": octets for name, octets in PACK.items()}))
    for place in (folder, tmp_path / "pack.zip", tmp_path / "again.zip"):
        assert files_of(place) == PACK
        exit_code, words = told(place)
        assert exit_code == 0
        assert words.endswith("RESULT: right")
        assert "What it does not prove" in words
        assert ID in words


def test_links_and_names_that_lead_elsewhere_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("none of yours", encoding="utf-8")
    linked = placed(tmp_path / "linked", PACK)
    (linked / "texts.csv").unlink()
    (linked / "texts.csv").symlink_to(secret)
    exit_code, words = told(linked)
    assert exit_code == 1
    assert words.endswith("has a link or a device in it; a pack has none, so nothing is read.")
    for name in ("../secret", "/etc/passwd", "a//b", "..\\secret"):
        place = tmp_path / "trap.zip"
        with zipfile.ZipFile(place, "w") as archive:
            archive.writestr("manifest.json", "{}")
            archive.writestr(name, "x")
        exit_code, words = told(place)
        assert exit_code == 1
        assert "a pack has none of these" in words


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_one_name_twice_and_links_in_a_zip_are_not_read(tmp_path: Path) -> None:
    place = tmp_path / "twice.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("manifest.json", "{}")
        archive.writestr("manifest.json", "{}")
    assert "a pack has none of these" in told(place)[1]
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr("manifest.json", "{}")
        archive.writestr(link, "/etc/passwd")
    assert "a pack has none of these" in told(tmp_path / "link.zip")[1]


def test_a_zip_that_says_it_is_vast_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gsmsend.evidence.verify.MOST_OCTETS", 1000)
    place = tmp_path / "bomb.zip"
    place.write_bytes(zipped({"manifest.json": b"0" * 1001}))
    assert "larger than any pack" in told(place)[1]
    assert "larger than any pack" in told(placed(tmp_path / "bomb", {"manifest.json": b"0" * 1001}))[1]


def test_no_change_of_a_zip_goes_unseen_that_changes_what_is_in_it(tmp_path: Path) -> None:
    """Each octet of it: either it is found, or all files come out as they were (their times may differ)."""
    octets = zipped(SMALL)
    place = tmp_path / "pack.zip"
    for at in range(0, len(octets), 7):
        changed = bytearray(octets)
        changed[at] ^= 1 << at % 8
        place.write_bytes(bytes(changed))
        if told(place)[0] == 0:
            assert files_of(place) == SMALL, at


def test_what_is_no_pack_is_said_in_plain_words(tmp_path: Path) -> None:
    assert "has no manifest.json" in told(tmp_path)[1]
    (tmp_path / "a.zip").write_bytes(b"PK no")
    assert "is damaged, or no pack" in told(tmp_path / "a.zip")[1]
    assert told(tmp_path / "gone")[0] == 1


def test_what_a_pack_says_controls_no_terminal() -> None:
    files = PACK | {"\x1b[2Jname": b""}
    place_lines = checked(files).wrong
    assert any("\\x1b" in line for line in place_lines)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Kind.STOP, {"transcripts": {"a": 7}}),
        (Kind.STOP, {"transcripts": [1, 2]}),
        (Kind.HEAD, {"head": "1", "hash": "\ud800", "signature": "\ud800"}),
        (Kind.HEAD, {"head": True, "hash": None, "signature": []}),
        (Kind.APPROVE, {"officer": ["x"], "digest": {}}),
        (Kind.MOVE, {"messages": [[1, 2, 3]], "state": "sent"}),
        (Kind.MOVE, {"messages": {"a": 1}, "state": "sent"}),
        (Kind.ROWS, {"messages": "12", "state": "sent"}),
        (Kind.OFFICER, {"name": None}),
    ],
)
def test_facts_of_another_form_are_no_fault_of_the_check(
    tmp_path: Path, kind: Kind, data: dict[str, object]
) -> None:
    log = SmallLog()
    log.begin()
    log.add(kind, data)
    log.head()
    files = SMALL | {"audit.jsonl": "".join(f"{row.line}\n" for row in log.rows).encode(), "transcripts/a": b"AT"}
    exit_code, words = told(placed(tmp_path / "pack", files))
    assert exit_code == 1
    assert "WRONG" in words or "cannot be checked" in words


def test_a_deep_table_is_no_fault_of_the_check(tmp_path: Path) -> None:
    assert told(placed(tmp_path / "pack", SMALL | {"totals.json": b"[" * 200_000}))[0] == 1


# What somebody can do who has the operation's key, and signs the manifest anew: the log itself stays as it was.


def rows_of(files: Pack, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(files[name].decode("utf-8-sig"), newline="")))


def with_rows(files: Pack, name: str, rows: list[list[str]]) -> Pack:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows)
    return signed_anew(files | {name: stream.getvalue().encode("utf-8-sig")})


@pytest.mark.parametrize("name", ["recipients.csv", "texts.csv", "received.csv", "pdus.csv"])
def test_every_cell_of_every_table_is_held_against_the_log(name: str) -> None:
    """Each cell of it changed in turn; but what a PDU says in words, which is a rendering."""
    rows = rows_of(PACK, name)
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if at and rows[0][column] == "it says":
                continue
            changed = [list(one) for one in rows]
            changed[at][column] = "7" if cell != "7" else "8"
            found = wrong(with_rows(PACK, name, changed))
            assert any(name in line for line in found), (at, column)
    assert wrong(with_rows(PACK, name, rows)) == []
    assert wrong(with_rows(PACK, name, rows[:-1]))
    assert wrong(with_rows(PACK, name, [*rows, rows[-1]]))


@pytest.mark.parametrize("number", ["+44 7999 900101", "+44-7999-900101", "+447*****0101", "447700900101", ""])
def test_a_number_is_spelled_as_the_log_has_it(number: str) -> None:
    rows = rows_of(PACK, "recipients.csv")
    rows[1][3] = number
    assert any("another 'number'" in line for line in wrong(with_rows(PACK, "recipients.csv", rows)))


def test_a_column_more_that_people_would_read_first_is_found() -> None:
    rows = rows_of(PACK, "recipients.csv")
    rows = [[*row[:4], "failed" if at else "state", *row[4:]] for at, row in enumerate(rows)]
    assert any("it is not the first row" in line for line in wrong(with_rows(PACK, "recipients.csv", rows)))


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("officers.json", b'[{"name":"DI Ghost"}]\n'), ("approvals.json", b"[]\n"), ("devices.json", b"[]\n"),
        ("sessions.json", b"[]\n"), ("storage.json", b"[]\n"), ("config.json", b"[]\n"),
        ("config/entry-4.toml", b"lab = true\n"), ("totals.json", b"{}\n"), ("received.csv", b"entry\n"),
        ("pdus.csv", b""), ("texts.csv", b"text\nBuy now\n"),
    ],
)  # fmt: skip
def test_another_file_in_place_of_one_that_comes_from_the_log_is_found(name: str, octets: bytes) -> None:
    assert name in PACK
    assert any(name in line for line in wrong(signed_anew(PACK | {name: octets})))


@pytest.mark.parametrize(
    "name", sorted(set(PACK) - {"manifest.json", "audit.jsonl", "secrets.jsonl", "summary.html"})
)
def test_a_file_left_out_of_the_list_as_well_is_missed(name: str) -> None:
    less = {one: octets for one, octets in PACK.items() if one != name}
    assert any(name in line for line in wrong(signed_anew(less)))


@pytest.mark.parametrize("name", ["more.html", "config/entry-99.toml", "timestamps/head-3.tst", "transcripts/x"])
def test_a_file_that_no_pack_has_is_found_even_if_it_is_listed(name: str) -> None:
    assert any("is in no pack" in line for line in wrong(signed_anew(PACK | {name: b"x"})))


def test_a_line_more_in_a_table_is_named_in_plain_words() -> None:
    """With the number of the row, and what stands there and should: no words of Python's own."""
    more = wrong(signed_anew(PACK | {"recipients.csv": PACK["recipients.csv"] + b"x"}))
    assert "recipients.csv, row 5: the log has no such row." in more
    other = wrong(signed_anew(PACK | {"recipients.csv": PACK["recipients.csv"].replace(b"delivered", b"failed")}))
    assert "recipients.csv, row 2: the log has another 'state': 'delivered', and there stands 'failed'." in other


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    """`python3 verify.py | head -1`."""
    place = placed(tmp_path / "pack", PACK)
    command = f"'{sys.executable}' '{verification.__file__}' '{place}' | true"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.mark.parametrize(
    "claims",
    [
        {"head": "anything at all"}, {"variant": "redacted"}, {"variant": "other"}, {"numbers_shown": False},
        {"program": "excel"}, {"campaigns": {"1": "another name"}}, {"campaigns": {}}, {"whole": False},
        {"campaigns": []}, {"campaigns": {"x": "y"}}, {"without": 7},
    ],
)  # fmt: skip
def test_what_the_manifest_claims_is_held_against_the_log(claims: dict[str, object]) -> None:
    said = json.loads(PACK["manifest.json"]) | claims
    assert wrong(signed_anew(PACK | {"manifest.json": json.dumps(said).encode()}))


def logged(*entries: tuple[Kind, Mapping[str, object]], head: bool = True) -> list[str]:
    """What is found in a pack of a log with these entries after its beginning."""
    log = SmallLog()
    log.begin()
    for kind, data in entries:
        log.add(kind, data)
    if head:
        log.head()
    lines = "".join(f"{row.line}\n" for row in log.rows).encode()
    return wrong(signed_anew(PACK | {"audit.jsonl": lines, "secrets.jsonl": b""}))


def test_a_time_stamp_that_is_of_no_head_is_found() -> None:
    stamp = {"head": 999, "hash": "00" * 32, "service": "https://freetsa.org/", "token": "AAAA"}
    head = {"head": 3, "hash": "00" * 32, "service": "x", "token": "AAAA"}
    for one in (stamp, head):
        assert any("of no head in this log" in line for line in logged((Kind.TIMESTAMP, one)))
    assert any("entry 4: it is about 'head'" in line for line in logged((Kind.TIMESTAMP, {"token": "AAAA"})))


def test_a_head_must_be_that_of_the_entry_before_it_and_the_last() -> None:
    log = SmallLog()
    log.begin()
    found = log.rows[0].line.encode()
    signed = OPERATION.sign(f"gsmsend head 1\n{ID}\n1\n{sha256(found)}".encode()).hex()
    old = (Kind.HEAD, {"head": 1, "hash": sha256(found), "signature": signed})
    assert any("not that of the entry before it" in line for line in logged(old, head=False))
    assert any("end is not signed" in line for line in logged(head=False))


def test_messages_are_found_at_the_beginning_only() -> None:
    found = {"messages": [[1, 3]], "state": "delivered", "why": "found when the audit log was begun"}
    assert any("at its beginning only" in line for line in logged((Kind.MOVE, found)))


def test_entries_that_keep_a_computer_busy_are_refused() -> None:
    """Each of them within bounds, all together not."""
    log = SmallLog()
    log.begin()
    log.list_of((NUMBERS[0], TEXT))
    log.add(Kind.MOVE, {"messages": [[1, 1]] * 10, "state": "sent"})
    for _ in range(20):
        log.add(Kind.MOVE, {"messages": [[1, 1_999_999]] * 20, "state": "sent"})
    log.head()
    lines = "".join(f"{row.line}\n" for row in log.rows).encode()
    assert wrong(signed_anew(PACK | {"audit.jsonl": lines, "secrets.jsonl": b""}))


def release(approvals: int, *, needed: str = "2", remove: bool = False, void: bool = False) -> list[str]:
    """What is found when a campaign was released with so many approvals."""
    log = SmallLog()
    log.begin()
    second = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
    other = {"name": "DS Second", "public_key": public_hex(second), "login": "ds", "role": "approver"}
    log.add(Kind.OFFICER, other)
    log.add(Kind.CONFIG, {"config": "cd", "was": None, "settings": {"approval.required": "true",
            "approval.officers": needed}}, {"toml": "x"})  # fmt: skip
    log.list_of((NUMBERS[0], TEXT))
    content = approved(NUMBERS[0], texts={NUMBERS[0]: TEXT})
    if approvals:
        log.approve(content)
    if approvals > 1:
        log.approve(content, second, "DS Second")
    if remove:
        log.add(Kind.OFFICER_REMOVED, {"name": "DS Second", "by": "dc"})
    if void:
        log.add(Kind.APPROVAL_VOID, {"campaign": 1, "why": "the text changed"})
    log.add(Kind.RELEASE, {"campaign": 1, "messages": [[1, 1]], "state": "queued", "why": "released for sending"})
    log.sent(1)
    log.head()
    return wrong(pack(log))


def test_a_release_needs_as_many_approvals_as_were_asked_for() -> None:
    assert release(2) == []
    assert any("released with 1 of 2 approvals" in line for line in release(1))
    assert any("released with 0 of 2 approvals" in line for line in release(0))
    assert any("released with 1 of 2 approvals" in line for line in release(2, remove=True))
    assert any("released with 0 of 2 approvals" in line for line in release(2, void=True))


def test_what_was_sent_with_no_release_is_found() -> None:
    log = SmallLog()
    log.begin()
    settings = {"approval.required": "true", "approval.officers": "1"}
    log.add(Kind.CONFIG, {"config": "cd", "was": None, "settings": settings}, {"toml": "x"})
    log.list_of((NUMBERS[0], TEXT))
    log.sent(1)
    log.head()
    assert any("had not been released by officers" in line for line in wrong(pack(log)))


def test_the_recipients_are_those_whom_the_officers_approved() -> None:
    """Invariant 7, in a full pack: numbers, and who gets which wording."""
    for people, texts in (((NUMBERS[0], NUMBERS[2]), TEXT), (NUMBERS[:2], "Another wording")):
        log = SmallLog()
        log.begin()
        log.list_of((NUMBERS[0], TEXT), (NUMBERS[1], TEXT))
        log.approve(approved(*people, texts=dict.fromkeys(NUMBERS, texts)))
        log.head()
        assert any("not those of the recipients" in line for line in wrong(pack(log)))
    assert any("compared for 1 approvals of 1" in line for line in checked(PACK).notes)
    redacted = checked(pack(LOG, Variant.REDACTED))
    assert any("compared for 0 approvals of 1; where numbers are not shown" in line for line in redacted.notes)


def test_a_clock_that_was_set_back_is_told_and_not_condemned() -> None:
    log = SmallLog()
    log.begin()
    log.at_s -= 86_400
    log.list_of((NUMBERS[0], TEXT))
    log.head()
    found = checked(pack(log))
    assert found.wrong == []
    assert any(
        "1 time an entry is much earlier" in line and "entry 4, by 1,440 minutes" in line for line in found.notes
    )


def test_entries_of_no_kind_no_time_or_no_session_are_found() -> None:
    lines = SMALL["audit.jsonl"].splitlines()
    for old, new in ((b'"kind":"officer"', b'"kind":"nonsense"'), (b'"session":2}', b'"session":9}'),
                     (b'"at":"2026', b'"at":"9x26')):  # fmt: skip
        changed = [line.replace(old, new) for line in lines]
        chained, prev = [], "0" * 64
        for line in changed:
            entry = json.loads(line) | {"prev": prev}
            chained.append(canonical(entry).encode())
            prev = sha256(chained[-1])
        files = signed_anew(SMALL | {"audit.jsonl": b"".join(line + b"\n" for line in chained)})
        assert any("no entry of this kind" in line or "its time is none" in line for line in wrong(files))
