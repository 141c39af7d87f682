"""docs/routes.md: its commands are commands, its settings are settings, and no kind of route is left out."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from gsmsend import config, registry, wiring
from gsmsend.cli.group import main
from gsmsend.contract import OpenOptions
from gsmsend.errors import ConfigError, GsmsendError

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "routes.md").read_text(encoding="utf-8")
TYPED = [
    line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines() if line
] + re.findall(r"`(gsmsend [^`]+)`", PAGE)
TABLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
HEADINGS = {
    re.sub(r"[^a-z0-9 -]", "", head.lower()).replace(" ", "-")
    for head in re.findall("^#+ (.*)$", PAGE, re.MULTILINE)
}


@pytest.mark.parametrize("line", sorted(set(TYPED)))
def test_each_command_is_one(line: str) -> None:
    words = shlex.split(line)[1:]
    command: click.Command = main
    while isinstance(command, click.Group) and words:
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, line
        command, words = found, words[1:]
    known = {name for option in command.params for name in option.opts}
    assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("table", TABLES)
def test_each_example_is_a_config_that_its_driver_takes(
    table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its secrets are in no keyring here, so no account is asked; but a wrong key or value would be told first."""
    monkeypatch.setattr("gsmsend.keyplace.ring.there", lambda: False)
    settings = config.parse(table, tmp_path)
    assert settings.ports or settings.drivers
    for port in (*settings.ports, *(name for name in settings.drivers if not settings.ports)):
        driver, endpoint = wiring.route(port)
        with pytest.raises(GsmsendError) as caught:
            driver.inspect(endpoint, OpenOptions(settings=dict(settings.drivers.get(driver.name, {}))))
        assert not isinstance(caught.value, ConfigError), caught.value


def test_each_kind_of_route_is_told_of_with_what_it_needs() -> None:
    for name in registry.names():
        if name == "virtual":
            continue
        needs = registry.needs(name)
        assert re.search(rf"(?m)^(ports = \[\"{name}:|\[driver\.{name}\])", PAGE) or name == "atmodem", name
        assert needs is None or f"`{needs.install}`" in PAGE, name


def test_each_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        place, _, heading = target.partition("#")
        assert not place or (ROOT / "docs" / place).resolve().is_file(), target
        assert place or heading in HEADINGS, target
