"""The pieces of the wall, each drawn once for all who watch it. No piece depends on who that is."""

from __future__ import annotations

import time

from gsmsend.campaign.report import charts
from gsmsend.console.finding import Found
from gsmsend.console.pages import render
from gsmsend.console.sentence import sentence
from gsmsend.contract import Flow

_MOST_ALERTS = 6


def panels(found: Found) -> dict[str, str]:
    """HTML by the name of its piece; each is sent only where it is another than before."""
    said = sentence(found)
    made = {
        "sentence": render("piece_sentence.html", said=said),
        "spoken": render("piece_spoken.html", said=said),
        "alerts": render(
            "piece_alerts.html", alerts=found.alerts[:_MOST_ALERTS], more=max(0, len(found.alerts) - _MOST_ALERTS)
        ),
        "campaigns": render("piece_campaigns.html", campaigns=found.campaigns, left_s=found.left_of_one),
        "counts": render("piece_counts.html", lines=found.lines, totals=found.totals),
    }
    for line in found.lines:
        made[f"line-{line.line_id}"] = render("piece_line.html", line=line)
    return made


def grid(found: Found) -> str:
    """The places of the lines, with what stands in them now; another one when lines come or go."""
    return render("piece_lines.html", lines=found.lines)


def shape(found: Found) -> tuple[int, ...]:
    """What the grid depends on."""
    return tuple(line.line_id for line in found.lines)


def flow_chart(flow: Flow, since_s: float, step_s: float) -> str:
    """The delivery curve as SVG; its words are for those who have it read to them."""
    labels = [time.strftime("%H:%M", time.localtime(since_s + (at + 1) * step_s)) for at in range(len(flow.sent))]
    return charts.flow(flow.sent, flow.delivered, labels)
