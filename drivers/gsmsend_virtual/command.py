"""`gsmsend bench`: virtual modems on PTYs for any AT client."""

from __future__ import annotations

import json
import select
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gsmsend.errors import GsmsendError

if TYPE_CHECKING:
    from gsmsend_virtual.pty_port import PtyPort

PATH = click.Path(path_type=Path)


def _list_faults(context: click.Context, _parameter: click.Parameter, value: object) -> None:
    if not value or context.resilient_parsing:
        return
    from gsmsend_virtual import faults  # noqa: PLC0415 - only where they are wanted

    for switch in faults.listing():
        keys = ",".join(f"{key}={default}" for key, default in switch.keys.items())
        click.echo(f"{switch.name}\n    {switch.words}\n    {switch.name}:{keys}")
    context.exit()


@click.command()
@click.option("--modems", default=1, show_default=True, type=click.IntRange(1, 400), help="How many modems.")
@click.option("--dir", "directory", required=True, type=PATH, help="Where modem1, modem2, ... appear.")
@click.option("--radio", default=2.0, show_default=True, help="Radio time of one part, in seconds.")
@click.option("--radio-jitter", default=0.0, show_default=True, help="Plus or minus so many seconds.")
@click.option("--report-delay", default=1.0, show_default=True, help="From acceptance to status report, seconds.")
@click.option("--report-jitter", default=0.0, show_default=True, help="Plus or minus so many seconds.")
@click.option("--redelivery", default=2.0, show_default=True, help="Until the network offers again, seconds.")
@click.option("--no-reports", is_flag=True, help="The network sends no status reports.")
@click.option("--personality", "personalities", multiple=True, help="Family of modems; repeat: dealt in turn.")
@click.option("--fault", "switches", multiple=True, help="NAME[:KEY=VALUE,...]: switch a fault on; repeat.")
@click.option("--faults", is_flag=True, is_eager=True, expose_value=False, callback=_list_faults,
              help="List the faults in plain words.")  # fmt: skip
@click.option("--unplugged", "unplugged", type=click.IntRange(1, 400), multiple=True,
              help="This modem is not plugged in yet; repeat. --control plugs it in.")  # fmt: skip
@click.option("--control", help="A unix socket to make (or - for standard input) for JSON requests.")
@click.option("--seed", default=0, show_default=True, help="Of everything random.")
@click.option("--log", "log_file", type=PATH, help="Append what happens as JSON lines.")
@click.option("--json", "as_json", is_flag=True, help="Say ready as one JSON object.")
def bench(**options: Any) -> None:
    """Run virtual modems on pseudo-terminals until interrupted."""
    if not hasattr(select, "epoll"):
        click.echo("gsmsend bench needs pseudo-terminals and epoll, which this system lacks: use Linux.", err=True)
        click.echo("The driver `virtual` (--port virtual:1) needs neither.", err=True)
        raise SystemExit(2)
    try:
        _run(options)
    except GsmsendError as error:
        click.echo(f"gsmsend bench: {error}", err=True)
        if error.remedy:
            click.echo(error.remedy, err=True)
        raise SystemExit(error.exit_code) from error
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        click.echo(f"gsmsend bench: {error.strerror or error}{where}", err=True)
        raise SystemExit(2) from error


def _run(options: dict[str, Any]) -> None:
    # Here, not above: these need PTYs, and `gsmsend --help` does not need them.
    from gsmsend_virtual.bench import Bench, Plan  # noqa: PLC0415
    from gsmsend_virtual.control import Control, ControlPort  # noqa: PLC0415
    from gsmsend_virtual.journal import Journal  # noqa: PLC0415
    from gsmsend_virtual.network import Conditions  # noqa: PLC0415
    from gsmsend_virtual.pty_bench import PtyBench, stop_on_signals  # noqa: PLC0415

    conditions = Conditions(
        radio_s=options["radio"],
        radio_jitter_s=options["radio_jitter"],
        report_delay_s=options["report_delay"],
        report_jitter_s=options["report_jitter"],
        reports=not options["no_reports"],
        redelivery_s=options["redelivery"],
    )
    plan = Plan(options["modems"], options["personalities"] or ("generic",), conditions, options["seed"])
    with Journal(options["log_file"]) as journal:
        world = Bench(plan, journal, now=time.monotonic(), epoch_s=time.time())
        ports = PtyBench(world, options["directory"])
        control = Control(world, ports.stop)
        control_port = ControlPort(control, ports.watch, ports.unwatch)
        stop_on_signals(ports)

        def ready() -> None:
            for number in options["unplugged"]:
                control.unplug(number)
            for fault in options["switches"]:
                control.arm(fault)
            _say_ready([_row(port) for port in ports.ports], as_json=options["as_json"])
            if options["control"] == "-":
                control_port.serve_standard_input()

        try:
            if options["control"] not in (None, "", "-"):
                control_port.listen(Path(options["control"]))
            ports.run(ready=ready)
        finally:
            control_port.close()
            ports.close()


def _row(port: PtyPort) -> dict[str, Any]:
    modem = port.modem
    return {
        "modem": modem.index, "port": str(port.link), "device": port.device, "number": modem.number,
        "imei": modem.imei, "iccid": modem.sim.iccid if modem.sim else None,
        "imsi": modem.sim.imsi if modem.sim else None, "personality": modem.personality.name,
    }  # fmt: skip


def _say_ready(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"event": "ready", "modems": rows}))
    else:
        for row in rows:
            click.echo(
                f"{row['port']} -> {row['device']}  {row['number']}  IMEI {row['imei']}  ICCID {row['iccid']}  "
                f"{row['personality']}"
            )
        click.echo("ready")
    sys.stdout.flush()
