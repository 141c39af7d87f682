"""`gsmsend bench`: virtual modems on PTYs for any AT client."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click


@click.command()
@click.option("--modems", default=1, show_default=True, type=click.IntRange(1, 512), help="How many modems.")
@click.option("--dir", "directory", required=True, type=click.Path(path_type=Path), help="Where modem1.. appear.")
@click.option("--radio", default=2.0, show_default=True, help="Radio time of one part, in seconds.")
@click.option("--radio-jitter", default=0.0, show_default=True, help="Plus or minus so many seconds.")
@click.option("--report-delay", default=1.0, show_default=True, help="From acceptance to status report, seconds.")
@click.option("--no-reports", is_flag=True, help="The network sends no status reports.")
@click.option("--personality", "personalities", multiple=True, help="Family of modems; repeat: dealt in turn.")
@click.option("--seed", default=0, show_default=True, help="Of everything random.")
@click.option("--log", "log_file", type=click.Path(path_type=Path), help="Write what happens as JSON lines.")
@click.option("--json", "as_json", is_flag=True, help="Say ready as one JSON object.")
def bench(
    *, modems: int, directory: Path, radio: float, radio_jitter: float, report_delay: float, no_reports: bool,
    personalities: tuple[str, ...], seed: int, log_file: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Run virtual modems on pseudo-terminals until interrupted."""
    if sys.platform == "win32":
        click.echo("gsmsend bench needs pseudo-terminals, which this system does not have. Use Linux.", err=True)
        raise SystemExit(2)
    from gsmsend_virtual.bench import Bench, Plan  # noqa: PLC0415 - only where PTYs exist
    from gsmsend_virtual.journal import Journal  # noqa: PLC0415
    from gsmsend_virtual.network import Conditions  # noqa: PLC0415
    from gsmsend_virtual.pty_bench import PtyBench, stop_on_signals  # noqa: PLC0415

    conditions = Conditions(
        radio_s=radio, radio_jitter_s=radio_jitter, report_delay_s=report_delay, reports=not no_reports
    )
    plan = Plan(modems, personalities or ("generic",), conditions, seed)
    with Journal(log_file) as journal:
        world = Bench(plan, journal, now=time.monotonic(), epoch_s=time.time())
        ports = PtyBench(world, directory)
        stop_on_signals(ports)

        def ready() -> None:
            found = [
                {
                    "modem": port.modem.index, "port": str(port.link), "device": port.device,
                    "number": port.modem.number, "imei": port.modem.imei,
                    "iccid": port.modem.sim.iccid if port.modem.sim else None,
                    "imsi": port.modem.sim.imsi if port.modem.sim else None,
                    "personality": port.modem.personality.name,
                }
                for port in ports.ports
            ]  # fmt: skip
            if as_json:
                click.echo(json.dumps({"event": "ready", "modems": found}))
            else:
                for row in found:
                    click.echo(
                        f"{row['port']} -> {row['device']}  {row['number']}  IMEI {row['imei']}  ICCID {row['iccid']}"
                        f"  {row['personality']}"
                    )
                click.echo("ready")
            sys.stdout.flush()

        try:
            ports.run(ready=ready)
        finally:
            ports.close()
