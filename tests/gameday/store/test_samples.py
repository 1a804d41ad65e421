"""Samples are appended by one process and read by others, torn lines and all."""

import resource
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gameday.domain.errors import FileError
from gameday.store.samples import SampleWriter, read_samples, tail_samples
from tests.gameday.reporting.runs import by_nobody, by_primary, make_samples

SAMPLES = (*make_samples(by_primary, 0.2), *make_samples(by_nobody, 0.1))


def write_all(path, samples=SAMPLES):
    with SampleWriter(path) as writer:
        for sample in samples:
            writer.write(sample)


def test_what_is_written_is_read(tmp_path):
    write_all(tmp_path / "samples.jsonl")
    assert read_samples(tmp_path / "samples.jsonl") == SAMPLES


def test_a_file_that_is_not_there_yet_holds_no_sample(tmp_path):
    assert read_samples(tmp_path / "samples.jsonl") == ()
    assert tail_samples(tmp_path / "samples.jsonl", 0) == ((), 0)


def test_a_sample_is_visible_before_the_writer_closes(tmp_path):
    path = tmp_path / "samples.jsonl"
    writer = SampleWriter(path)
    writer.write(SAMPLES[0])
    assert read_samples(path) == SAMPLES[:1]
    writer.close()
    writer.close()


def test_a_tail_reads_each_sample_once(tmp_path):
    path, seen, offset = tmp_path / "samples.jsonl", [], 0
    with SampleWriter(path) as writer:
        for sample in SAMPLES:
            writer.write(sample)
            new, offset = tail_samples(path, offset)
            seen += new
    assert tuple(seen) == SAMPLES
    assert tail_samples(path, offset) == ((), offset)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(min_value=0, max_value=4000))
def test_a_file_torn_anywhere_holds_its_whole_lines(tmp_path, cut):
    path = tmp_path / "samples.jsonl"
    path.unlink(missing_ok=True)
    write_all(path)
    content = path.read_bytes()
    cut = min(cut, len(content))
    path.write_bytes(content[:cut])
    whole = content[:cut].count(b"\n")
    assert read_samples(path) == SAMPLES[:whole]
    # A generator that is started again goes on behind the last whole line.
    write_all(path, SAMPLES[whole:])
    assert read_samples(path) == SAMPLES


@pytest.mark.parametrize("line", [b"{}", b"not json", b"", b'{"seq": 1', b"\xff\xfe"])
def test_a_bad_line_inside_is_an_error_that_names_it(tmp_path, line):
    path = tmp_path / "samples.jsonl"
    write_all(path)
    lines = path.read_bytes().split(b"\n")
    lines[2] = line
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(FileError, match=r"samples\.jsonl:3  not a Sample"):
        read_samples(path)


def test_a_bad_line_in_a_tail_says_where_the_tail_began(tmp_path):
    path = tmp_path / "samples.jsonl"
    write_all(path, SAMPLES[:1])
    _, offset = tail_samples(path, 0)
    path.write_bytes(path.read_bytes() + b"{}\n")
    with pytest.raises(FileError, match=rf"after byte {offset}:1 "):
        tail_samples(path, offset)


def test_a_full_disk_ends_the_file_at_the_last_whole_line(tmp_path):
    """A real limit on the file's size, in a process of its own, cuts a write in its middle."""
    path = tmp_path / "samples.jsonl"
    write_all(path, SAMPLES[:1])
    limit = path.stat().st_size * 2 + 50
    program = (
        "import signal, sys; from pathlib import Path\n"
        "from gameday.store.samples import SampleWriter, read_samples\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "path = Path(sys.argv[1]); first = read_samples(path)[0]; writer = SampleWriter(path)\n"
        "try:\n"
        "    for _ in range(9): writer.write(first)\n"
        "except OSError: sys.exit(7)\n"
    )

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    ended = subprocess.run(
        [sys.executable, "-c", program, str(path)], preexec_fn=limited, check=False
    )
    assert ended.returncode == 7
    assert read_samples(path) == (SAMPLES[0], SAMPLES[0])
    assert path.read_bytes().endswith(b"\n")
    assert path.stat().st_size < limit
