"""The report as one HTML page that asks for nothing from outside, and as a PDF of the same page."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from gsmsend.campaign.report import charts
from gsmsend.campaign.report.charts import PRINT, SCREEN, Paint
from gsmsend.campaign.report.values import Page
from gsmsend.errors import UsageError
from gsmsend.inert import plain

if TYPE_CHECKING:
    from jinja2 import Template

MASKED = "Phone numbers are masked."
IN_FULL = "Phone numbers are shown in full; who asked for that is on record."


def html(page: Page, *, note: str = MASKED, whence: str = "", paint: Paint = SCREEN) -> str:
    """The page. The same page gives the same text, octet for octet. `whence`: what it belongs to."""
    from markupsafe import Markup  # noqa: PLC0415 - Jinja2 and all it needs, for those who make a page

    # Drawn and written by us: every word in a chart was escaped when it was drawn.
    drawn = {name: Markup(svg) for name, svg in _charts(page, paint).items()}  # noqa: S704  # nosec
    style = Markup(_data("page.css"))  # noqa: S704  # nosec
    text: str = _template().render(page=page, charts=drawn, style=style, note=note, whence=whence)
    return f"{text}\n"


def pdf(page: Page, *, note: str = MASKED, whence: str = "") -> bytes:
    """The same page as PDF, by WeasyPrint. Raises UsageError if that is not installed here."""
    try:
        # An extra: most operations do without.
        import weasyprint  # type: ignore[import-untyped]  # noqa: PLC0415
    except (ImportError, OSError) as error:  # the latter: its system libraries are missing
        raise UsageError(
            f"a PDF cannot be made here: {str(error).splitlines()[0]}",
            remedy="Install it with: pip install 'gsmsend[pdf]' and, on Debian or Ubuntu, apt-get install "
            "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0. Or make the page with --html and print it "
            "from a browser.",
        ) from None
    text = html(page, note=note, whence=whence, paint=PRINT)
    document = weasyprint.HTML(string=text, url_fetcher=_nothing_from_outside)
    written: bytes = document.write_pdf(pdf_identifier=b"gsmsend report", presentational_hints=False)
    return written


def _nothing_from_outside(url: str, *_: object, **__: object) -> dict[str, object]:
    raise ValueError(f"the page asks for {url}, and it must ask for nothing")


def _charts(page: Page, paint: Paint) -> dict[str, str]:
    drawn = {}
    if page.recipients.any:
        drawn["outcome"] = charts.outcome(page.outcome, paint)
    if page.hours.labels:
        drawn["hours"] = charts.bars(page.hours, "hours", f"Texts by {page.hours.by} and line", "texts", paint)
    if page.delivery is not None:
        drawn["curve"] = charts.curve(page.delivery, paint)
    if page.visits.labels:
        drawn["visits"] = charts.bars(page.visits, "visits", "Visits to the link by day", "visits", paint)
    return drawn


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415

    environment = Environment(autoescape=True, undefined=StrictUndefined, finalize=_inert)
    return environment.from_string(_data("page.html"))


def _inert(value: object) -> object:
    """Strangers' words as they may be shown; markup of our own, and numbers, as they are."""
    return plain(value) if type(value) is str else value


def _data(name: str) -> str:
    return resources.files("gsmsend").joinpath("data", "report", name).read_text(encoding="utf-8")
