"""Inputs from inputs, without atheris: bits, blocks, words of the language, halves of two; by seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence


def mutations(seed: int, inputs: Sequence[bytes], tokens: Sequence[bytes], longest: int) -> Iterator[bytes]:
    """Without end: one to six changes to one of `inputs`."""
    rng = random.Random(seed)
    while True:
        made = bytearray(rng.choice(inputs))
        for _ in range(rng.choice((1, 1, 2, 3, 6))):
            _change(rng, made, inputs, tokens)
        yield bytes(made[:longest])


def _change(rng: random.Random, made: bytearray, inputs: Sequence[bytes], tokens: Sequence[bytes]) -> None:
    at = rng.randint(0, len(made))
    length = rng.choice((1, 1, 2, 4, 8, 16))
    match rng.randrange(8):
        case 0 if at < len(made):
            made[at] ^= 1 << rng.randrange(8)
        case 1 if at < len(made):
            made[at] = rng.choice((rng.randrange(256), 0, 255, 0x7F, 0x80, rng.randrange(0xE0, 0xF0)))
        case 2:
            del made[at : at + length]
        case 3:
            made[at:at] = made[at : at + length] * rng.choice((1, 2, 20))
        case 4:
            made[at:at] = rng.randbytes(length)
        case 5:
            other = rng.choice(inputs)
            made[at:] = other[rng.randint(0, len(other)) :]
        case _:
            made[at:at] = rng.choice(tokens)
