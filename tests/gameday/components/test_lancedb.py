"""The backend `lancedb` beyond the contract, on tables that the real LanceDB made."""

import sys
from datetime import UTC, datetime, timedelta

import lance
import lancedb
import pyarrow as pa
import pytest
from pydantic import ValidationError

from gameday.components import _lance_digest
from gameday.components._lance_table import LanceTable
from gameday.components.lancedb import Lancedb
from gameday.domain.errors import ChangedByOthersError, ComponentError
from tests.contract.rigs.lancedb import LanceRig, LanceTagRig, LanceVersionRig


@pytest.fixture
def rig(tmp_path):
    return LanceRig(tmp_path)


async def changed(rig):
    undo = await rig.backend.snapshot(rig.new)
    await rig.backend.change(rig.new, undo)
    return undo


async def test_an_open_reader_sees_the_edit_when_it_looks_for_the_latest(rig):
    await changed(rig)
    rig.table.checkout_latest()
    rows = {row["id"]: row for row in rig.table.to_arrow().to_pylist()}
    assert rows.keys() == {"refund", "new", "o'ther"}
    assert rows["refund"] == {
        "id": "refund", "text": "Refunds take 3 days.", "pages": [9],
        "vector": pytest.approx([1.0, 2.0, 0.1]),
    }  # fmt: skip
    assert rows["new"] == {"id": "new", "text": "Ignore that.", "pages": None, "vector": None}


async def test_what_others_write_to_other_rows_stays(rig):
    undo = await changed(rig)
    rig.write("o'ther".replace("'", "''"), "theirs")
    await rig.backend.revert(undo, rig.new)
    assert {row["id"]: row["text"] for row in rig.rows()} == {
        "o'ther": "theirs", "price": "It costs 3 euros.", "refund": "Refunds take 30 days.",
    }  # fmt: skip
    assert await rig.backend.verify_reverted(undo) == ""


@pytest.mark.parametrize("between", ["update", "delete"])
async def test_a_write_that_comes_between_reading_and_writing_is_not_lost(
    rig, monkeypatch, between
):
    """Lance itself refuses a commit to rows that somebody else has written to since."""
    undo = await rig.backend.snapshot(rig.new)
    kept, looks = LanceTable.kept, []

    def too_late(self, ids):
        seen = kept(self, ids)
        looks.append(seen)
        if len(looks) == 2:  # the last look before the commit
            rig.table.checkout_latest()
            if between == "update":
                rig.write("refund", "theirs")
            else:
                rig.table.delete("id = 'refund'")
        return seen

    monkeypatch.setattr(LanceTable, "kept", too_late)
    with pytest.raises(ChangedByOthersError):
        await rig.backend.change(rig.new, undo)
    texts = {row["id"]: row["text"] for row in rig.rows()}
    assert texts.get("refund") == ("theirs" if between == "update" else None)


async def test_a_revert_that_was_cut_short_goes_on(rig):
    before, undo = rig.kept(), await changed(rig)
    rig.table.checkout_latest()
    rig.table.delete("id = 'new'")  # as far as it came
    await rig.backend.revert(undo, rig.new)
    assert rig.kept() == before


async def test_a_version_that_others_wrote_to_is_not_run_over(tmp_path):
    rig = LanceVersionRig(tmp_path)
    undo = await changed(rig)
    rig.table.checkout_latest()
    rig.table.add([{"id": "theirs", "text": "", "vector": [0.0, 0.0, 0.0], "pages": []}])
    before = rig.rows()
    with pytest.raises(ChangedByOthersError):
        await rig.backend.revert(undo, rig.new)
    assert rig.rows() == before


async def test_what_readers_are_pinned_away_from_is_not_edited(tmp_path):
    rig = LanceTagRig(tmp_path)
    with pytest.raises(ComponentError, match="readers are pinned by tag production") as told:
        await rig.backend.snapshot(LanceRig.new)
    assert "change to that" in told.value.next_step


async def test_a_moved_tag_leaves_the_latest_version_alone(tmp_path):
    rig = LanceTagRig(tmp_path)
    latest = rig.dataset().version
    undo = await changed(rig)
    assert rig.dataset().tags.list()["production"]["version"] == 1
    await rig.backend.revert(undo, rig.new)
    assert rig.dataset().tags.list()["production"]["version"] == 3
    assert rig.dataset().version == latest


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"put": {"refund": {"txt": "x"}}}, "txt is no column of"),
        ({"put": {"refund": {"id": "x"}}}, "id is no column of"),
        ({"put": {"refund": {"vector": [1.0]}}}, "a row does not fit"),
        ({"put": {"refund": {"text": 3}}}, "a row does not fit"),
    ],
)
async def test_an_edit_that_does_not_fit_changes_nothing(rig, edit, said):
    before = rig.dataset().version
    undo = await rig.backend.snapshot(edit)
    with pytest.raises(ComponentError, match=said):
        await rig.backend.change(edit, undo)
    assert rig.dataset().version == before


async def test_an_id_of_several_rows_is_refused(rig):
    rig.table.add([{"id": "refund", "text": "", "vector": [0.0, 0.0, 0.0], "pages": []}])
    with pytest.raises(ComponentError, match="refund is the id of several rows; expected one"):
        await rig.backend.snapshot(rig.new)


async def test_ids_may_be_numbers(tmp_path):
    lancedb.connect(tmp_path / "db").create_table("t", [{"id": 7, "text": "seven"}])
    backend = Lancedb(uri="db", table="t").beside(tmp_path)
    edit = {"put": {"7": "eight"}, "delete": []}
    undo = await backend.snapshot(edit)
    await backend.change(edit, undo)
    table = lancedb.connect(tmp_path / "db").open_table("t")
    assert table.to_arrow().to_pylist() == [{"id": 7, "text": "eight"}]
    await backend.revert(undo, edit)
    table.checkout_latest()
    assert table.to_arrow().to_pylist() == [{"id": 7, "text": "seven"}]
    with pytest.raises(ComponentError, match=r"seven is no id here: they are numbers"):
        await backend.snapshot({"delete": ["seven"]})


@pytest.mark.parametrize("module", ["lance", "pyarrow"])
async def test_without_the_driver_it_says_which_extra_brings_it(rig, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ComponentError, match=f"needs the package {module}") as told:
        await rig.backend.snapshot(rig.new)
    assert told.value.next_step.endswith("ai-gameday[lancedb]")


async def test_the_digest_is_of_the_rows_and_reads_a_fragment_only_once(rig, monkeypatch):
    first, read = await rig.backend.read(), []
    once = _lance_digest._read

    def counted(dataset, fragment):
        read.append(fragment.physical_rows)
        return once(dataset, fragment)

    monkeypatch.setattr(_lance_digest, "_read", counted)
    assert first.label == "3 rows"
    assert await rig.backend.read() == first
    assert read == []
    undo = await changed(rig)
    assert (await rig.backend.read()).digest != first.digest
    assert read == [2]  # the rows that were written; of the others only that they are gone
    await rig.backend.revert(undo, rig.new)
    assert (await rig.backend.read()).digest == first.digest
    lance.dataset(rig.folder / "db" / "passages.lance").optimize.compact_files()
    assert (await rig.backend.read()).digest == first.digest
    rows = list((rig.folder / ".gameday" / "digests").rglob("*.rows"))
    assert len(rows) == 1  # what no version here is made of is forgotten


def test_the_digest_tells_nothing_from_null_and_knows_which_column_has_what(tmp_path):
    schema = pa.schema(
        [("id", pa.string()), ("a", pa.string()), ("b", pa.string()),
         ("v", pa.list_(pa.float32(), 2)), ("n", pa.int64())]
    )  # fmt: skip
    rows = [
        {"id": "1", "a": "x", "b": "", "v": [1, 2], "n": 0},
        {"id": "1", "a": "", "b": "x", "v": [1, 2], "n": 0},
        {"id": "1", "a": "x", "b": None, "v": [1, 2], "n": 0},
        {"id": "1", "a": "x", "b": "", "v": None, "n": 0},
        {"id": "1", "a": "x", "b": "", "v": [2, 1], "n": 0},
        {"id": "1", "a": "x", "b": "", "v": [0, 0], "n": 0},
        {"id": "1", "a": "x", "b": "", "v": [1, 2], "n": None},
    ]
    digests = set()
    for number, row in enumerate(rows):
        where = tmp_path / f"{number}.lance"
        # Before and after others: a vector's bytes are looked up by its place in memory.
        table = pa.Table.from_pylist([rows[0], row, rows[0]], schema=schema).slice(1, 1)
        dataset = lance.write_dataset(table, where)
        digests.add(_lance_digest.digest_dataset(dataset, tmp_path / str(number)).digest)
    assert len(digests) == len(rows)


def test_the_digest_is_the_same_however_the_rows_lie_in_files(tmp_path):
    rows = [{"id": str(n), "v": [float(n), 1.0]} for n in range(50)]
    schema = pa.schema([("id", pa.string()), ("v", pa.list_(pa.float32(), 2))])
    whole = pa.Table.from_pylist(rows, schema=schema)
    one = lance.write_dataset(whole, tmp_path / "one.lance")
    many = lance.write_dataset(whole.take(list(range(49, -1, -1))), tmp_path / "many.lance",
                               max_rows_per_file=7)  # fmt: skip
    digest = _lance_digest.digest_dataset
    assert digest(one, tmp_path / "m1") == digest(many, tmp_path / "m2")
    many.delete("id in ('3', '40')")
    one.delete("id in ('40')")
    assert digest(one, tmp_path / "m1") != digest(many, tmp_path / "m2")
    one.delete("id = '3'")
    assert digest(one, tmp_path / "m1") == digest(many, tmp_path / "m2")
    assert digest(one, tmp_path / "m3") == digest(many, tmp_path / "m4")


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"table": "../x"}, "should match pattern"),
        ({"id_column": "text"}, "are the same column"),
        ({"id_column": "id) or (1"}, "should match pattern"),
    ],
)
def test_settings_that_cannot_be(settings, wrong):
    with pytest.raises(ValidationError) as told:
        Lancedb.model_validate({"uri": "db", "table": "t", **settings})
    assert wrong in str(told.value)


async def test_when_the_version_was_written_is_told(rig):
    began = datetime.now(UTC)
    await changed(rig)
    at = (await rig.backend.read()).changed_at
    assert began - timedelta(seconds=1) <= at <= datetime.now(UTC) + timedelta(seconds=1)
    assert (await rig.backend.read()).changed_at == at
