"""Samples are appended by one process and read by others, torn blocks and all."""

import resource
import subprocess
import sys
import time
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gameday.domain.errors import FileError
from gameday.domain.evidence import Evidence
from gameday.domain.sample import Outcome
from gameday.store import samples as store
from gameday.store.samples import SampleWriter, find_blocks, join_files, read_samples, tail_samples
from tests.gameday.reporting.runs import by_nobody, by_primary, make_samples

SAMPLES = (
    *make_samples(by_primary, 0.4),
    *(s.changed(seq=s.seq + 8) for s in make_samples(by_nobody, 0.2)),
)


REAL_PACE_S = store.BLOCK_S_MAX


@pytest.fixture(autouse=True)
def every_sample_is_a_block(monkeypatch):
    """So that a few samples are many blocks, save where a test takes the real pace."""
    monkeypatch.setattr(store, "BLOCK_S_MAX", 0.0)


def write_all(path, samples=SAMPLES):
    with SampleWriter(path) as writer:
        for sample in samples:
            writer.write(sample)


def as_stored(path):
    """Every sample in the order of the file."""
    found = read_samples(path)
    return tuple(sorted(found, key=lambda sample: sample.seq))


def block_ends(path):
    """Where each whole block of the file ends."""
    found = find_blocks(path)
    return [*(start - store.HEAD_BYTES for start in found.starts[1:]), found.end]


def test_what_is_written_is_read(tmp_path):
    write_all(tmp_path / "0.columns")
    assert as_stored(tmp_path / "0.columns") == SAMPLES


def test_a_file_that_is_not_there_yet_holds_no_sample(tmp_path):
    assert read_samples(tmp_path / "0.columns") == ()
    assert tail_samples(tmp_path / "0.columns", 0) == ((), 0)


def test_a_sample_is_visible_before_the_writer_closes(tmp_path):
    path = tmp_path / "0.columns"
    writer = SampleWriter(path)
    writer.write(SAMPLES[0])
    assert read_samples(path) == SAMPLES[:1]
    writer.close()
    writer.close()


def test_a_sample_that_no_other_follows_is_visible_soon(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "BLOCK_S_MAX", REAL_PACE_S)
    path = tmp_path / "0.columns"
    with SampleWriter(path) as writer:
        for sample in SAMPLES:
            writer.write(sample)
        give_up = time.monotonic() + 30
        while len(read_samples(path)) < len(SAMPLES) and time.monotonic() < give_up:
            time.sleep(0.01)
        assert as_stored(path) == SAMPLES


def test_a_block_is_written_at_256_samples(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "BLOCK_S_MAX", 60)
    path = tmp_path / "0.columns"
    many = [SAMPLES[0].changed(seq=seq, case=f"case-{seq}") for seq in range(600)]
    write_all(path, many)
    assert list(find_blocks(path).rows) == [1, 256, 256, 87]
    assert as_stored(path) == tuple(many)


def test_a_tail_reads_each_sample_once(tmp_path):
    path, seen, offset = tmp_path / "0.columns", [], 0
    with SampleWriter(path) as writer:
        for sample in SAMPLES:
            writer.write(sample)
            new, offset = tail_samples(path, offset)
            seen += new
    assert tuple(seen) == SAMPLES
    assert tail_samples(path, offset) == ((), offset)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(min_value=0, max_value=30_000))
def test_a_file_torn_anywhere_holds_its_whole_blocks(tmp_path, cut):
    path = tmp_path / "0.columns"
    path.unlink(missing_ok=True)
    write_all(path)
    content, ends = path.read_bytes(), block_ends(path)
    cut %= len(content) + 1
    path.write_bytes(content[:cut])
    whole = sum(end <= cut for end in ends)
    assert as_stored(path) == SAMPLES[:whole]
    # A generator that is started again goes on behind the last whole block.
    write_all(path, SAMPLES[whole:])
    assert as_stored(path) == SAMPLES


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(min_value=0, max_value=30_000), flip=st.integers(1, 255))
def test_no_changed_byte_goes_unnoticed(tmp_path, at, flip):
    """It is an error that names the file, or, in the last block, a block that does not count."""
    path = tmp_path / "0.columns"
    path.unlink(missing_ok=True)
    write_all(path)
    content, ends = bytearray(path.read_bytes()), block_ends(path)
    at %= len(content)
    content[at] ^= flip
    path.write_bytes(content)
    if at >= ends[-2] + store.HEAD_BYTES:
        assert as_stored(path) == SAMPLES[:-1]
        return
    with pytest.raises(FileError, match=r"0\.columns(:1)?  ") as refused:
        read_samples(path)
    assert refused.value.next_step


def test_damage_is_named_by_the_byte_where_its_block_begins(tmp_path):
    path = tmp_path / "0.columns"
    write_all(path)
    content, ends = bytearray(path.read_bytes()), block_ends(path)
    content[ends[2] + store.HEAD_BYTES + 9] ^= 1
    path.write_bytes(content)
    with pytest.raises(FileError, match=rf"damaged: the block that begins at byte {ends[2]} "):
        read_samples(path)
    with pytest.raises(FileError, match=rf"byte {ends[2]} "):
        tail_samples(path, ends[1])


@pytest.mark.parametrize("first", [b'{"seq": 1}\n', b"\x00" * 50, b"GIF89a\n" * 2000])
def test_what_is_no_file_of_samples_is_refused(tmp_path, first):
    path = tmp_path / "0.columns"
    path.write_bytes(first)
    for read in (read_samples, SampleWriter):
        with pytest.raises(FileError, match=r"0\.columns:1  these samples were written by another"):
            read(path)
    assert path.read_bytes() == first


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 3), min_size=len(SAMPLES), max_size=len(SAMPLES)))
def test_several_generators_are_as_one(tmp_path, whose):
    paths = [tmp_path / f"{number}.columns" for number in range(4)]
    for number, path in enumerate(paths):
        path.unlink(missing_ok=True)
        write_all(path, [s for s, own in zip(SAMPLES, whose, strict=True) if own == number])
    together = join_files([find_blocks(path) for path in paths])
    alone = tmp_path / "alone.columns"
    alone.unlink(missing_ok=True)
    write_all(alone)
    assert list(together) == list(read_samples(alone))
    assert sorted(together.numbers("latency_ms")) == sorted(s.latency_ms for s in SAMPLES)
    assert together.tally("case") == read_samples(alone).tally("case")


def test_texts_are_kept_of_the_first_of_a_kind_and_then_of_few(monkeypatch):
    monkeypatch.setattr(store, "EXCERPTS_OF_A_KIND", 5)
    monkeypatch.setattr(store, "EXCERPT_EVERY", 10)
    monkeypatch.setattr(store, "EXCERPTS_MAX", 12)
    excerpts, mark = store.Excerpts(), ("", True)
    chosen = excerpts.choose(["text"] * 60, [Outcome.OK] * 60, [mark] * 60)
    kept = [place for place, text in enumerate(chosen, 1) if text]
    assert kept == [1, 2, 3, 4, 5, 10, 20, 30, 40, 50, 60]
    more = excerpts.choose(["text"] * 3, [Outcome.CUT] * 3, [mark] * 3)
    assert more == ["text", "", ""]  # 12 in all
    chosen = store.Excerpts().choose(["", "text"], [Outcome.OK] * 2, [mark] * 2)
    assert chosen == ["", "text"]


@pytest.mark.parametrize(
    ("kept", "texts"),
    [
        ({}, "abcd"),
        ({"excerpts": "none"}, ""),
        ({"excerpts": "failed"}, "bd"),
        ({"excerpts": "none", "excerpts_of": {"health": "failed"}}, "d"),
        ({"excerpts_of": {"health": "none"}}, "ab"),
    ],
    ids=["usual", "none", "failed", "failed of one group", "none of one group"],
)
def test_texts_are_kept_by_the_risk_of_what_was_asked(kept, texts, tmp_path):
    """Of a passed and of an undecided answer, in a group and in one with personal questions."""
    marks = [("faq", True), ("faq", None), ("health", True), ("health", False)]
    samples = [
        SAMPLES[0].changed(answer_excerpt=text, case_group=group, passed=passed)
        for text, (group, passed) in zip("abcd", marks, strict=True)
    ]
    path = tmp_path / "0.columns"
    with SampleWriter(path, Evidence.model_validate(kept)) as writer:
        for sample in samples:
            writer.write(sample)
    assert "".join(sample.answer_excerpt for sample in read_samples(path)) == texts


def test_a_secret_at_the_edge_of_an_excerpt_is_not_cut_and_kept(tmp_path):
    text = "x" * 190 + " sk-Aa0Bb1Cc2Dd3Ee4Ff5Gg6 " + "y" * 90
    path = tmp_path / "0.columns"
    with SampleWriter(path) as writer:
        writer.write(SAMPLES[0].changed(answer_excerpt=text))
    (sample,) = read_samples(path)
    assert sample.answer_excerpt == "x" * 190 + " [key] yyy"


def test_a_full_disk_ends_the_file_at_the_last_whole_block(tmp_path):
    """A real limit on the file's size, in a process of its own, cuts a write in its middle."""
    path = tmp_path / "0.columns"
    write_all(path, SAMPLES[:2])
    one, two = block_ends(path)
    limit = two + (two - one) + 50
    program = (
        "import signal, sys; from pathlib import Path\n"
        "from gameday.store import samples as store\n"
        "store.BLOCK_S_MAX = 0.0\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "path = Path(sys.argv[1]); last = store.read_samples(path)[1]\n"
        "writer = store.SampleWriter(path)\n"
        "try:\n"
        "    for _ in range(9): writer.write(last)\n"
        "except OSError: sys.exit(7)\n"
    )

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    ended = subprocess.run(
        [sys.executable, "-c", program, str(path)], preexec_fn=limited, check=False
    )
    assert ended.returncode == 7
    assert as_stored(path) == (*SAMPLES[:2], SAMPLES[1])
    assert path.stat().st_size == block_ends(path)[-1] < limit


def test_blocks_follow_one_another(tmp_path):
    path = tmp_path / "0.columns"
    write_all(path)
    ends = block_ends(path)
    assert ends[-1] == path.stat().st_size
    assert all(a < b for a, b in pairwise(ends))


def test_no_secret_is_stored_with_an_answer(tmp_path):
    said = SAMPLES[0].changed(answer_excerpt="use sk-Aa0Bb1Cc2Dd3Ee4, or write to ana@mail.example")
    write_all(tmp_path / "0.columns", [said])
    (stored,) = as_stored(tmp_path / "0.columns")
    assert stored.answer_excerpt == "use [key], or write to [e-mail]"
    assert b"sk-Aa0" not in (tmp_path / "0.columns").read_bytes()
