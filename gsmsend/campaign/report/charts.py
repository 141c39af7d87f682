"""Charts as SVG that stands in a page: pygal reckons the geometry, the paint is ours.

pygal's own script, comments (they have today's date in them) and styles are left out; each chart has a title and a
description for those who have it read to them, and colours that differ in lightness, for black and white print.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from xml.etree import ElementTree as ET  # nosec B405 # it writes the charts, nothing is read

from gsmsend.campaign.report.values import Bars, Delivery, Share

_WIDTH = 760
_MOST_LABELS = 14
_LEGEND = 30
_FEWEST_BARS = 6
_SVG = "http://www.w3.org/2000/svg"


@dataclass(frozen=True, slots=True)
class Paint:
    """The colours of ink, guides and series, as CSS has them: variables in a page, literal in a PDF."""

    ink: str
    faint: str
    paper: str
    series: tuple[str, ...]


SCREEN = Paint("var(--ink)", "var(--faint)", "var(--paper)", tuple(f"var(--c{index})" for index in range(9)))
PRINT = Paint(
    "#1a1a1a", "#c9c9c9", "#ffffff",
    ("#0b4f8a", "#7fb6e6", "#c7c7c7", "#e0a33a", "#a3321f", "#5d2a66", "#e9e4d8", "#8a8a8a", "#4a4a4a"),
)  # fmt: skip


def outcome(shares: Sequence[Share], paint: Paint) -> str:
    """One bar, as long as the lists, in as many pieces as there are outcomes."""
    columns = 3 if all(len(share.title) + len(share.count.words) < _LEGEND for share in shares) else 2
    columns = min(columns, len(shares))  # or pygal puts them below the picture
    rows = -(-len(shares) // columns)
    chart = _chart("HorizontalStackedBar", "outcome", 105 + 22 * rows, legend_at_bottom_columns=columns,
                   show_x_labels=False)  # fmt: skip
    chart.x_labels = [""]
    for share in shares:
        chart.add(f"{share.title}: {share.count.words}", [share.weight or None])
    words = "; ".join(f"{share.title} {share.count.words}" for share in shares)
    colours = {index: _OUTCOME_COLOURS[share.key] for index, share in enumerate(shares)}
    return _drawn(chart, "outcome", "What became of the texts", words, paint, colours)


_OUTCOME_COLOURS = {
    "delivered": 0, "sent": 1, "unconfirmed": 2, "undelivered": 3, "failed": 4, "open": 5, "waiting": 6,
    "suppressed": 7, "cancelled": 8,
}  # fmt: skip
_LINE_COLOURS = (0, 3, 1, 4, 2, 5, 7, 8)


def bars(chart_bars: Bars, key: str, title: str, noun: str, paint: Paint) -> str:
    """Bars over hours or days, a piece for each series."""
    several = len(chart_bars.series) > 1
    chart = _chart("StackedBar", key, 300, show_legend=several,
                   legend_at_bottom_columns=min(4, len(chart_bars.series)))  # fmt: skip
    room = [""] * max(0, _FEWEST_BARS - len(chart_bars.axis))  # one bar would be as wide as the page
    chart.x_labels = [*_thinned(chart_bars.axis), *room]
    for name, values in chart_bars.series:
        chart.add(name, [*values, *(None for _ in room)])
    most = [(sum(values), label) for label, *values in zip(chart_bars.labels, *_values(chart_bars), strict=True)]
    top, label = max(most, key=lambda one: one[0])
    step = _step(top)
    chart.range = (0, -(-max(top, 1) // step) * step)
    chart.y_labels = list(range(0, chart.range[1] + step, step))
    total = sum(number for number, _ in most)
    span = f"from {chart_bars.labels[0]} to {chart_bars.labels[-1]}"
    about = "about " if chart_bars.rounded else ""
    words = f"{about}{total:,} {noun} by {chart_bars.by}, {span}; most, {about}{top:,}, at {label}."
    colours = {index: _LINE_COLOURS[index % len(_LINE_COLOURS)] for index in range(len(chart_bars.series))}
    return _drawn(chart, key, title, words, paint, colours)


def _values(chart_bars: Bars) -> list[tuple[int, ...]]:
    return [values for _, values in chart_bars.series]


def _thinned(axis: Sequence[str]) -> list[str]:
    """Labels that have room: where days begin, if there are many hours; else every so many."""
    if len(axis) <= _MOST_LABELS:
        return list(axis)
    begins = [label for label in axis if "," in label]
    if 1 < len(begins) <= _MOST_LABELS // 2:
        return [label if "," in label else "" for label in axis]
    every = -(-len(axis) // _MOST_LABELS)
    return [label if index % every == 0 else "" for index, label in enumerate(axis)]


def _step(top: int) -> int:
    """A round distance between guides that makes about four of them."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if top <= 5 * step:
                return step
        size *= 10


def curve(delivery: Delivery, paint: Paint) -> str:
    """The share of texts delivered by each mark."""
    chart = _chart("Line", "curve", 280, show_legend=False, fill=True)
    chart.range = (0, 100)
    chart.y_labels = [0, 25, 50, 75, 100]
    chart.value_formatter = lambda value: f"{value:.0f} %"
    chart.x_labels = ["0", *(words for _, words, _ in delivery.within)]
    chart.add("delivered", [0, *(share for _, _, share in delivery.within)])
    words = "; ".join(f"{share} % within {mark}" for _, mark, share in delivery.within)
    return _drawn(chart, "curve", "How fast the texts were delivered", words, paint, {0: 0})


def flow(sent: Sequence[int], delivered: Sequence[int], labels: Sequence[str]) -> str:
    """Texts sent and delivered over time, each added up; `labels` name the ends of the stretches of time.

    Without paint of its own, as a page has it that allows no style but in a file: `#chart-flow`, `.color-0`.
    """
    chart = _chart("Line", "flow", 190, show_legend=False, show_dots=False, include_x_axis=True)
    chart.x_labels = list(labels)
    chart.x_labels_major_every, chart.show_minor_x_labels = max(1, len(labels) // 6), False
    added = [list(accumulate(sent)), list(accumulate(delivered))]
    top = max(added[0][-1], added[1][-1], 1)
    step = _step(top)
    chart.range = (0, -(-top // step) * step)
    chart.y_labels = list(range(0, chart.range[1] + step, step))
    for name, values in zip(("sent", "delivered"), added, strict=True):
        chart.add(name, values)
    words = f"from {labels[0]} to {labels[-1]}: {added[0][-1]:,} sent, {added[1][-1]:,} delivered"
    return _drawn(chart, "flow", "Sent and delivered", words, SCREEN, {}, styled=False)


def _chart(kind: str, key: str, height: int, **options: Any) -> Any:
    # 0.1 s of imports that only a page needs; pygal has no types.
    import pygal  # type: ignore[import-untyped]  # noqa: PLC0415
    from pygal.etree import etree  # type: ignore[import-untyped]  # noqa: PLC0415
    from pygal.style import Style  # type: ignore[import-untyped]  # noqa: PLC0415

    # It looks for plug-ins of its own among all later imports, in a way that Python has given up; there are none.
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]
    etree.to_etree()  # lxml, where it is installed, would write the same chart in other words
    settings: dict[str, Any] = {
        "width": _WIDTH, "height": height, "js": (), "css": (), "margin": 6, "legend_at_bottom": True,
        "legend_box_size": 14, "truncate_legend": -1, "truncate_label": -1, "no_data_text": "", "show_dots": True,
        "min_scale": 2, "max_scale": 6, "disable_xml_declaration": True, "print_values": False,
        "value_formatter": lambda value: f"{value:,.0f}",
        "style": Style(label_font_size=14, major_label_font_size=14, legend_font_size=14), **options,
    }  # fmt: skip
    chart = getattr(pygal, kind)(**settings)
    chart.uuid = key
    return chart


def _drawn(
    chart: Any,
    key: str,
    title: str,
    words: str,
    paint: Paint,
    colours: Mapping[int, int],
    *,
    styled: bool = True,
) -> str:
    root = chart.render_tree()
    _strip(root)
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    root.attrib.update({"id": f"chart-{key}", "role": "img", "aria-labelledby": f"{key}-title {key}-words"})
    style = ET.Element("style")
    style.text = _css(key, paint, colours)
    for index, (tag, text, mark) in enumerate((("title", title, "title"), ("desc", words, "words"))):
        element = ET.Element(tag, {"id": f"{key}-{mark}"})
        element.text = text
        root.insert(index, element)
    if styled:
        root.insert(2, style)
    return ET.tostring(root, encoding="unicode")


def _strip(element: ET.Element) -> None:
    """Take out what needs a script, what has a date in it, and pygal's own titles and paint."""
    for child in list(element):
        unwanted: list[Callable[[ET.Element], bool]] = [
            lambda one: not isinstance(one.tag, str),
            lambda one: one.tag in {"script", "style", "title", "desc", "defs"},
            lambda one: not {"overlay", "text-overlay", "tooltip-overlay", "tooltip"}.isdisjoint(_classes(one)),
        ]
        if any(test(child) for test in unwanted):
            element.remove(child)
        else:
            child.attrib.pop("id", None)  # the same in every chart
            _strip(child)


def _classes(element: ET.Element) -> list[str]:
    return element.get("class", "").split()


def _css(key: str, paint: Paint, colours: Mapping[int, int]) -> str:
    at = f"#chart-{key}"
    rules = [
        f"{at} text{{fill:{paint.ink};font-family:sans-serif;font-size:14px;stroke:none}}",
        f"{at} .background{{fill:none}}",
        f"{at} .axis.x text{{text-anchor:middle}}",
        f"{at} .axis.y text{{text-anchor:end}}",
        f"{at} .axis .line{{fill:none;stroke:{paint.faint};stroke-width:1}}",
        f"{at} .axis.x .guides .line{{stroke:none}}",
        f"{at} .reactive{{stroke:{paint.paper};stroke-width:1}}",
        f"{at} .nofill{{fill:none}}",
    ]
    for index, colour in colours.items():
        rules.append(f"{at} .color-{index} rect,{at} .color-{index} .dot{{fill:{paint.series[colour]}}}")
        rules.append(f"{at} .color-{index} path{{fill:{paint.series[colour]};fill-opacity:.25;"
                     f"stroke:{paint.series[colour]};stroke-width:2}}")  # fmt: skip
        rules.append(f"{at} rect.color-{index}{{fill:{paint.series[colour]};stroke:{paint.ink}}}")
    return "".join(rules)
