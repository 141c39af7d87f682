"""What the tool does not have, so that nobody can ask for it: another sender, another IMEI, a code to try."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from gsmsend.config import Settings
from gsmsend.sms import Submit

ROOT = Path(__file__).parents[2]
PRODUCT = [
    path
    for folder in ("gsmsend", "drivers")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".toml", ".csv"}
]
_WRITES_AN_IMEI = re.compile(
    r"\+EGMR\s*=|\+SIMEI\s*=|\+QNVFW|\^NVWR|\^DATALOCK|\+WIMEI|%CGSN\s*=|\*IMEI\s*=", re.IGNORECASE
)
_TRIES_A_CODE = re.compile(r"\+CLCK\s*=|\+CPWD\s*=|\+CPIN=\"?\{[^}]*\}\"?,", re.IGNORECASE)


def test_no_command_changes_an_imei_or_unlocks_anything() -> None:
    # gsmsend_virtual is the far side of the wire: modems, which answer to such commands.
    texts = {path: path.read_text(encoding="utf-8") for path in PRODUCT if "gsmsend_virtual" not in path.parts}
    assert any("AT+CPIN" in text for text in texts.values())
    found = [path for path, text in texts.items() if _WRITES_AN_IMEI.search(text) or _TRIES_A_CODE.search(text)]
    assert found == []


def test_a_text_has_no_field_for_a_sender() -> None:
    fields = {field.name for field in dataclasses.fields(Submit)}
    assert {"destination", "user_data"} <= fields
    assert not [name for name in fields if re.search(r"origin|sender|from", name)]


def test_no_setting_chooses_a_sender() -> None:
    names = {field.name for field in dataclasses.fields(Settings)}
    assert {"approval", "window", "pace"} <= names
    assert not [name for name in names if re.search(r"sender|origin|imei|rotat", name)]
