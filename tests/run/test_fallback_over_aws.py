"""The line is cut, and AWS carries the rest: its log tells what became of texts, and settles one in doubt."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.contract.aws_server import Asked, AwsServer
from tests.run.fallback_bench import ENVIRONMENT, OTHER, TRIAL, gsmsend, messages, run, tried
from tests.run.far_end import far_end, lab, people, totals


class Told(AwsServer):
    """Each text is delivered at once; the answer to the fourth is lost behind an error of the server's own."""

    def event(self, asked: Asked, kind: str, *, final: bool = True, **more: object) -> None:
        super().event(asked, kind, final=final, **more)
        if kind == "TEXT_QUEUED":
            super().event(asked, "TEXT_DELIVERED")
            if len(self.taken) == 3:
                self.faults.next_error, self.faults.after = (500, "InternalServerException", {}), True


def operation(folder: Path, server: AwsServer) -> Path:
    (variable,) = ENVIRONMENT
    account = server.settings(secret_access_key=f"env:{variable}")
    terms = {
        "route": "aws", "text": OTHER, "sender": "Helpline", "trial": "07700 900990", "segment": 0.03,
        "budget": 50, "after_minutes": 0,
    }  # fmt: skip
    place = lab(folder)
    with (place / "gsmsend.toml").open("a", encoding="utf-8") as config:
        for table, values in (("driver.aws", account), ("fallback.main", terms)):
            lines = (f"{key} = {json.dumps(value)}" for key, value in values.items())
            config.write("\n".join(("", f"[{table}]", *lines, "")))
    return place


@pytest.mark.slow
def test_the_log_of_the_account_settles_what_its_answer_left_in_doubt(tmp_path: Path) -> None:
    server = Told()
    try:
        with far_end(tmp_path, "--report-delay", "0.05", "--fault", "line-barred:skip=4") as far:
            place = operation(tmp_path, server)
            tried(place)
            done = run(place, far, "--to", str(people(tmp_path, 10)))
            assert totals(done) == {"delivered": 11}, done.stdout[-3000:] + done.stderr
            assert len(far.on_air()) == 4
    finally:
        server.close()
    assert not server.wrong, server.wrong
    numbers = Counter(each.parameters["DestinationPhoneNumber"] for each in server.taken)
    assert set(numbers.values()) == {1}
    assert set(numbers) == {row["number"] for row in messages(place) if row["route"] == "fallback"} | {TRIAL}
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert any(event["event"] == "message" and event["to"] == "uncertain" for event in told), "one was in doubt"
    assert gsmsend("verify", "--operation", str(place)).returncode == 0
