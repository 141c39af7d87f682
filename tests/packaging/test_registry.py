"""The plug-in contract, with two packages as strangers would install them: one good, one with a taken name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gsmsend import registry
from gsmsend.contract import Driver
from gsmsend.errors import DriverError

GOOD = """
from gsmsend.contract import Endpoint


class Pigeon:
    name = "pigeon"
    summary = "carries texts by pigeon"

    def discover(self):
        return [Endpoint("pigeon", "loft", virtual=True)]

    def endpoint(self, address):
        return Endpoint("pigeon", address)

    def inspect(self, endpoint, options):
        raise NotImplementedError

    def open(self, endpoint, sink, clock, options):
        raise NotImplementedError


DRIVER = Pigeon()
"""


def install(site: Path, package: str, entry: str, code: str) -> None:
    """Lay a package and its metadata out as pip would."""
    (site / f"{package}.py").write_text(code, encoding="utf-8")
    info = site / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[gsmsend.drivers]\n{entry} = {package}:DRIVER\n", encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_strangers_driver_is_found_and_loaded_only_when_asked_for(site: Path) -> None:
    install(site, "gsmsend_pigeon", "pigeon", GOOD)
    assert "pigeon" in registry.names()
    assert "gsmsend_pigeon" not in sys.modules
    driver = registry.driver("pigeon")
    assert isinstance(driver, Driver)
    assert driver.endpoint("loft").address == "loft"


def test_a_taken_name_is_refused_and_both_are_named(site: Path) -> None:
    install(site, "gsmsend_intruder", "atmodem", GOOD)
    with pytest.raises(DriverError, match="two drivers are named atmodem") as caught:
        registry.driver("atmodem")
    assert "gsmsend_intruder" in str(caught.value)
    assert "gsmsend_atmodem" in str(caught.value)
    assert "pip uninstall" in caught.value.remedy


def test_a_driver_that_cannot_be_imported_is_named(site: Path) -> None:
    install(site, "gsmsend_broken", "broken", "raise RuntimeError('no such radio')")
    with pytest.raises(DriverError, match=r"broken.*no such radio"):
        registry.driver("broken")


def test_something_that_is_no_driver_is_refused(site: Path) -> None:
    install(site, "gsmsend_brick", "brick", "DRIVER = 5")
    with pytest.raises(DriverError, match="does not satisfy"):
        registry.driver("brick")


def test_an_unknown_name_says_what_there_is() -> None:
    with pytest.raises(DriverError, match="no driver named carrier") as caught:
        registry.driver("carrier")
    assert "atmodem" in caught.value.remedy
