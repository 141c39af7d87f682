"""The harnesses without atheris: their corpus, mutations of it by a printed seed, what hypothesis makes of it.

GSMSEND_FUZZ_SEED chooses other mutations. A fault is told with the input, as a line of tests/corpus/fuzz/*.txt
has it: put it there when it is mended.
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.lines import CORPUS, comments, escaped, read, unescaped, write
from tests.fuzz.mutation import mutations
from tests.fuzz.targets import TARGETS, Target

SEED = int(os.environ.get("GSMSEND_FUZZ_SEED", "20260101"))
MOST_CORPUS_OCTETS = 200 * 1024

MUTATIONS = {
    "codec": 25_000, "lexer": 12_000, "session": 2_000, "table": 2_500, "config": 15_000, "lines": 6_000,
    "link": 1_500,
}  # fmt: skip
"""About two seconds each."""

targets = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)


def hold(target: Target, octets: bytes, where: str) -> None:
    """Run one input; a fault is told with what is needed to see it again."""
    try:
        target.load()(octets)
    except Exception as error:
        error.add_note(f"{where}; the input, as a line of {target.corpus.name}:\n{escaped(octets)}")
        raise


@targets
def test_the_corpus_holds(target: Target) -> None:
    assert target.seeds()
    for octets in target.inputs():
        hold(target, octets, "from the corpus")


@targets
def test_mutations_hold(target: Target) -> None:
    made = mutations(SEED, target.inputs(), target.tokens, target.longest)
    for octets in itertools.islice(made, MUTATIONS[target.name]):
        hold(target, octets, f"GSMSEND_FUZZ_SEED={SEED}")


@targets
def test_what_hypothesis_makes_holds(target: Target) -> None:
    words = st.sampled_from([*target.tokens, *target.seeds()])
    inputs = st.lists(words | st.binary(max_size=4), max_size=12).map(b"".join)

    @settings(max_examples=150, deadline=None, derandomize=True, database=None)
    @given(inputs)
    def holds(octets: bytes) -> None:
        hold(target, octets[: target.longest], "from hypothesis")

    holds()


def test_the_corpus_is_small_and_each_line_is_one_input() -> None:
    files = sorted(CORPUS.glob("*"))
    assert {path.stem for path in files} <= TARGETS.keys()
    assert sum(path.stat().st_size for path in files) < MOST_CORPUS_OCTETS
    for path in files:
        inputs = read(path)
        assert len(inputs) == len(set(inputs))
        assert [unescaped(escaped(octets)) for octets in inputs] == inputs


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=5))
def test_inputs_survive_their_file(inputs: list[bytes]) -> None:
    for octets in inputs:
        line = escaped(octets)
        assert line.isascii()
        assert line == line.strip()
        assert line.splitlines() == [line]
        assert not line.startswith("#")
        assert unescaped(line) == octets


def test_a_file_keeps_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    write(path, ["# why"], [b"# no comment", b" \r\n "])
    assert comments(path) == ["# why"]
    assert read(path) == [b"# no comment", b" \r\n "]
    assert not read(tmp_path / "none.txt")
    assert not comments(tmp_path / "none.txt")


def test_the_same_seed_makes_the_same_inputs() -> None:
    def some(seed: int) -> list[bytes]:
        return list(itertools.islice(mutations(seed, [b"abc", b"def"], [b"word"], 9), 50))

    assert some(1) == some(1) != some(2)
    assert max(map(len, some(1))) <= 9
