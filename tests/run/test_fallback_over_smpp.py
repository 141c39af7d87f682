"""The line is cut, and an account with an SMSC carries the rest, over a connection that breaks once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.smsc import Smsc
from tests.run.fallback_bench import ENVIRONMENT, OTHER, TRIAL, gsmsend, messages, run, tried
from tests.run.far_end import far_end, lab, people, totals

LONG = f"{OTHER} {OTHER}"


@pytest.fixture
def smsc() -> Iterator[Smsc]:
    made = Smsc()
    made.faults.receipts = "DELIVRD"
    yield made
    made.close()


def operation(folder: Path, smsc: Smsc, **more: object) -> Path:
    (variable,) = ENVIRONMENT
    account = smsc.settings(password=f"env:{variable}", read_seconds=30, **more)
    terms = {
        "route": "smpp", "text": LONG, "sender": "Helpline", "trial": "07700 900990", "segment": 0.03,
        "budget": 50, "after_minutes": 0,
    }  # fmt: skip
    place = lab(folder)
    with (place / "gsmsend.toml").open("a", encoding="utf-8") as config:
        for table, values in (("driver.smpp", account), ("fallback.main", terms)):
            lines = (f"{key} = {json.dumps(value)}" for key, value in values.items())
            config.write("\n".join(("", f"[{table}]", *lines, "")))
    return place


@pytest.mark.slow
@pytest.mark.parametrize("long", ["udh", "payload"])
def test_texts_in_parts_over_an_smsc_that_breaks_off_once(
    tmp_path: Path, smsc: Smsc, long: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.run.fallback_bench.ENVIRONMENT", dict.fromkeys(ENVIRONMENT, "s3cret"))
    with far_end(tmp_path, "--report-delay", "0.05", "--fault", "line-barred:skip=4") as far:
        place = operation(tmp_path, smsc, long=long)
        tried(place)
        smsc.faults.password = b"s3cret"
        taken_before = 5
        smsc.faults.drop_at = taken_before
        done = run(place, far, "--to", str(people(tmp_path, 12)))
        assert totals(done) == {"delivered": 12, "uncertain": 1}, done.stdout[-3000:] + done.stderr
        assert len(far.on_air()) == 4
        by_number = Counter(f"+{each.destination}" for each in smsc.taken)
        (uncertain,) = [row["number"] for row in messages(place) if row["state"] == "uncertain"] or [TRIAL]
        parts = 1 if long == "payload" else 2
        assert {count for number, count in by_number.items() if number != uncertain} == {parts}
        assert by_number[uncertain] <= parts
        assert not set(by_number) & set(far.on_air())
        kept = [path.read_bytes() for path in place.rglob("*") if path.is_file()]
        for secret in (b"s3cret", *(number.encode() for number in by_number)):
            assert not any(secret in octets for octets in (done.stdout.encode(), done.stderr.encode(), *kept))
        verified = gsmsend("verify", "--operation", str(place))
        assert verified.returncode == 0, verified.stdout + verified.stderr
