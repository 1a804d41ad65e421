"""A generator's end of the pipe: lines are told apart, however they are cut into pieces."""

import asyncio
import os
import sys
import time

import pytest

from gameday.domain.shift import Shift
from gameday.probes.owner import Owner, go_line, shift_line

MIX = Shift(groups={"long": 0.8, "short": 0.2})


@pytest.fixture
def pipe(monkeypatch):
    reading, writing = os.pipe()
    monkeypatch.setattr(sys, "stdin", os.fdopen(reading, "rb", buffering=0))
    yield writing
    os.close(writing)


async def hear(pipe, *pieces):
    owner, told = Owner(), []
    owner.on_shift = lambda wanted, for_s: told.append((wanted, for_s))
    for piece in pieces:
        os.write(pipe, piece)
        await asyncio.sleep(0.01)
    return owner, told


async def left(owner):
    owner.leave()
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_beats_and_words_come_in_any_pieces(pipe, size):
    words = (
        b"..." + go_line(time.time()) + b".." + shift_line(MIX, 14.25) + b"." + shift_line(MIX, 0)
    )
    pieces = [words[at : at + size] for at in range(0, len(words), size)]
    owner, told = await hear(pipe, *pieces)
    begins_at = await asyncio.wait_for(owner.begin(), 5)
    assert begins_at == pytest.approx(time.monotonic(), abs=30)
    assert told == [(MIX, 14.25), (MIX, 0.0)]
    assert not owner.gone.is_set()
    await left(owner)


async def test_the_moment_to_begin_is_taken_once(pipe):
    first = time.time()
    owner, _ = await hear(pipe, go_line(first), go_line(first + 500))
    begins_at = await owner.begin()
    assert begins_at < time.monotonic() + 100
    await left(owner)


async def test_what_is_no_word_of_ours_is_passed_over(pipe):
    owner, told = await hear(pipe, b"hello\n", b"shift soon {}\n", b".\n")
    assert told == []
    assert not owner.gone.is_set()
    await left(owner)
