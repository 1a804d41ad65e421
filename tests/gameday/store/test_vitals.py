from datetime import UTC, datetime

import pytest

from gameday.domain.errors import FileError
from gameday.domain.vitals import Vital
from gameday.store.run_folder import RunFolder
from gameday.store.vitals import VitalsWriter


def vital(generator):
    return Vital(
        generator=generator,
        at=datetime(2026, 11, 21, tzinfo=UTC),
        seconds=1.0,
        cpu_s=0.5,
        in_flight=3,
        unrecorded=1,
    )


def write(folder, generator, count):
    writer = VitalsWriter(folder.vitals_file(generator))
    for _ in range(count):
        writer.write(vital(generator))
    writer.close()


def test_all_generators_are_read_and_a_torn_line_is_left_out(tmp_path):
    folder = RunFolder(tmp_path)
    assert folder.read_vitals() == ()
    write(folder, 0, 2)
    write(folder, 1, 1)
    with folder.vitals_file(1).open("a") as file:
        file.write('{"generator": 1, "at"')
    assert folder.read_vitals() == (vital(0), vital(0), vital(1))


def test_a_line_that_is_none_is_named(tmp_path):
    folder = RunFolder(tmp_path)
    write(folder, 0, 1)
    with folder.vitals_file(0).open("a") as file:
        file.write("{}\n")
    with pytest.raises(FileError, match=r"0\.jsonl:2"):
        folder.read_vitals()
