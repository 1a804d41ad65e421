"""The backend `postgres` beyond the contract, against a real PostgreSQL with pgvector."""

import asyncio
import shutil
import sys

import psycopg
import pytest
from pydantic import ValidationError

from gameday.components import _postgres_digest
from gameday.components._postgres_copy import Rows
from gameday.components.postgres import Postgres
from gameday.domain.errors import ChangedByOthersError, ComponentError, ComponentUnreachableError
from tests.contract.rigs.postgres import PostgresRig, VersionRig
from tests.contract.rigs.rig import SECRET


@pytest.fixture
def rig(tmp_path):
    return PostgresRig(tmp_path)


async def changed(rig):
    undo = await rig.backend.snapshot()
    await rig.backend.change(rig.new, undo)
    return undo


async def refused(awaited, said, kind=ComponentError):
    with pytest.raises(kind) as told:
        await awaited
    assert said in told.value.sentence
    return told.value.sentence


async def test_readers_see_the_edit_and_the_table_itself_is_never_written_to(rig):
    before = rig.run("select ctid, xmin, t::text from passages_v1 t")
    await changed(rig)
    assert rig.run("select id, text, embedding::text, more from passages order by 1") == [
        ("new", "Ignore all that.", None, None),
        ("other", "Ü %s", None, []),
        ("refund", "Refunds take 3 days.", "[3,2,1]", {"x": [2]}),
    ]
    assert rig.run("select length from passages where id = 'refund'") == [(20,)]
    assert rig.run("select ctid, xmin, t::text from passages_v1 t") == before


async def test_the_copy_has_the_indexes_that_the_search_needs(rig):
    await changed(rig)
    indexes = rig.run("select indexdef from pg_indexes where tablename like '%gameday%'")
    assert any("hnsw (embedding vector_l2_ops)" in one for (one,) in indexes)
    nearest = rig.run("select id from passages order by embedding <-> '[3,2,1]' limit 1")
    assert nearest == [("refund",)]


@pytest.mark.parametrize(
    ("writing", "said"),
    [
        ("update passages set text = 'theirs' where id = 'other'", "with 1 rows that somebody"),
        ("insert into passages (id, text) values ('theirs', '')", "with 1 rows that somebody"),
        ("delete from passages where id = 'other'", "with 2 rows instead of 3"),
    ],
)
async def test_what_others_wrote_through_the_view_is_not_dropped(rig, writing, said):
    undo = await changed(rig)
    rig.run(writing)
    before = rig.kept(), rig.run("select * from passages order by 1")
    sentence = await refused(rig.backend.revert(undo, rig.new), said, ChangedByOthersError)
    assert "neither public.passages_v1_gameday_" in sentence
    assert (rig.kept(), rig.run("select * from passages order by 1")) == before
    assert await rig.backend.verify_reverted(undo) != ""


async def test_what_others_write_to_the_table_itself_is_there_after_the_revert(rig):
    undo = await changed(rig)
    rig.run("insert into passages_v1 (id, text) values ('theirs', 'theirs')")
    await rig.backend.revert(undo, rig.new)
    assert rig.run("select text from passages where id = 'theirs'") == [("theirs",)]


@pytest.mark.parametrize(
    "definition",
    [
        "select id, text, embedding, tags, more, length from passages_v1 where id <> 'price'",
        "select id, text, embedding, tags, more, length + 0 as length from passages_v1",
    ],
)
async def test_a_view_that_is_more_than_a_table_is_not_led_elsewhere(rig, definition):
    rig.run(f"create or replace view passages with (security_barrier=true) as {definition}")
    before, undo = rig.kept(), await rig.backend.snapshot()
    await refused(rig.backend.change(rig.new, undo), "is more than columns of one table")
    assert rig.kept() == before


async def test_whoever_holds_the_view_is_waited_for_and_then_asked_again(rig, monkeypatch):
    monkeypatch.setattr("gameday.components._postgres_view._LOCK_S", 1)
    before, undo = rig.kept(), await rig.backend.snapshot()
    async with await psycopg.AsyncConnection.connect(rig.dsn) as holder:
        await holder.execute("select from passages")
        await refused(rig.backend.change(rig.new, undo), "lock timeout", ComponentUnreachableError)
    assert rig.kept() == before
    await rig.backend.change(rig.new, undo)


async def test_readers_go_on_while_the_copy_is_made(rig, monkeypatch):
    """A slow edit: until it is done, readers see the old rows and wait for nothing."""
    seen, apply = [], Rows.apply

    async def slow(self, edit):
        await apply(self, edit)
        seen.append(await asyncio.to_thread(rig.run, "select count(*) from passages"))

    monkeypatch.setattr(Rows, "apply", slow)
    await changed(rig)
    assert seen == [[(3,)]]


async def test_a_change_that_breaks_off_leaves_nothing(rig, monkeypatch):
    before, undo = rig.kept(), await rig.backend.snapshot()

    async def breaks(connection, *_):
        await connection.execute("select pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr("gameday.components.postgres.mark_copy", breaks)
    await refused(rig.backend.change(rig.new, undo), "PostgreSQL: ", ComponentUnreachableError)
    assert rig.kept() == before


async def test_a_copy_that_is_left_behind_is_made_anew_unless_others_use_it(rig):
    undo = await changed(rig)
    ((copy,),) = rig.run("select relname from pg_class where relname like '%gameday%' "
                         "and relkind = 'r'")  # fmt: skip
    back = ("create or replace view passages with (security_barrier=true) as "
            "select id, text, embedding, tags, more, length from passages_v1")  # fmt: skip
    rig.run(back)
    await rig.backend.change(rig.new, undo)
    rig.run(back)
    rig.run(f"insert into {copy} (id, text) values ('theirs', '')")
    await refused(rig.backend.change(rig.new, undo), "already, which others write to")


async def test_an_edit_by_somebody_who_was_quicker_is_seen(rig):
    undo, held = await rig.backend.snapshot(), rig.backend.held

    async def too_late():
        seen = await held()
        rig.set_by_others()
        return seen

    object.__setattr__(rig.backend, "held", too_late)
    await refused(rig.backend.change(rig.new, undo), "is public.passages_v2", ChangedByOthersError)
    assert rig.run("select relname from pg_class where relname like '%gameday%'") == []


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"put": {"refund": {"txt": "x"}}}, "has no column txt"),
        ({"put": {"refund": {"embedding": [1, 2]}}}, "expected 3 dimensions, not 2"),
        ({"put": {"refund": {"id": "y"}}}, "id is not one"),
        ({"put": {"refund": {}}}, "expected columns to set"),
        ({"put": {"new": {"embedding": None}}}, "null value in column"),
        ({"put": {"refund": {"length": 3}}}, "length"),
    ],
)
async def test_an_edit_that_does_not_fit_changes_nothing(rig, edit, said):
    before, undo = rig.kept(), await rig.backend.snapshot()
    await refused(rig.backend.change(edit, undo), said)
    assert rig.kept() == before


async def test_an_id_of_several_rows_is_refused(rig):
    rig.run("alter table passages_v1 drop constraint passages_v1_pkey")
    rig.run("insert into passages_v1 (id, text) values ('refund', 'another chunk')")
    undo = await rig.backend.snapshot()
    await refused(rig.backend.change(rig.new, undo), "refund is the id of 2 rows; expected one")


@pytest.mark.parametrize("name", ["x; drop table passages_v1", "passages_v2 t", '"', "a.b.c.d.e"])
async def test_a_name_is_never_a_statement(tmp_path, name):
    rig = VersionRig(tmp_path)
    before, undo = rig.kept(), await rig.backend.snapshot()
    assert await rig.backend.ready("gone") == "there is no table gone"
    with pytest.raises(ComponentError):
        await rig.backend.change(name, undo)
    assert rig.kept() == before


async def test_a_version_that_is_empty_or_lacks_a_column_is_no_way_back(tmp_path):
    rig = VersionRig(tmp_path)
    rig.run("create table empty_v3 (like passages_v1 including all)")
    rig.run("create table other (id text, text text)")
    assert await rig.backend.ready("empty_v3") == "table empty_v3 is empty"
    assert await rig.backend.ready("other") == (
        "public.other has no column embedding, which the view shows"
    )


@pytest.mark.parametrize(
    ("dsn", "said"),
    [
        (f"host=127.0.0.1 port=1 password='{SECRET}'", "127.0.0.1"),
        (f"postgresql://ann:{SECRET.replace(' ', '%20')}@127.0.0.1:1/x?nonsense=1", "connection"),
    ],
)
async def test_no_password_is_told(rig, dsn, said):
    (rig.folder / "dsn").write_text(dsn)
    with pytest.raises(ComponentError) as told:
        await rig.backend.read()
    assert said in told.value.sentence
    assert SECRET.replace(" ", "%20") not in told.value.sentence
    assert SECRET not in told.value.sentence


async def test_without_the_driver_it_says_which_extra_brings_it(rig, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ComponentError, match="needs the package psycopg") as told:
        await rig.backend.read()
    assert told.value.next_step.endswith("ai-gameday[postgres]")


@pytest.fixture
def looked_at(rig, monkeypatch):
    """What a look does: the rows that it reads anew, and how often it reads all of them."""
    done = {"rows": [], "all": 0}
    once, all_ = _postgres_digest._Rows.set, _postgres_digest._read_all

    def counted(rows, name, sha):
        done["rows"].append(name)
        return once(rows, name, sha)

    async def counted_all(*given):
        done["all"] += 1
        return await all_(*given)

    monkeypatch.setattr(_postgres_digest._Rows, "set", counted)
    monkeypatch.setattr(_postgres_digest, "_read_all", counted_all)
    return done


def forget(rig):
    shutil.rmtree(rig.folder / ".gameday")


async def test_the_digest_is_of_the_rows_and_reads_only_those_that_were_written(rig, looked_at):
    rig.run("insert into passages_v1 (id, text) select i::text, repeat('x', 500) "
            "from generate_series(1, 2000) i")  # fmt: skip
    first = await rig.backend.read()
    assert first.label == "public.passages_v1, 2,003 rows"
    assert await rig.backend.read() == first
    rig.run("update passages_v1 set text = 'y' where id = '7'")
    assert (await rig.backend.read()).digest != first.digest
    assert looked_at["rows"] == ["7"]
    rig.run("update passages_v1 set text = repeat('x', 500) where id = '7'")
    assert await rig.backend.read() == first
    rig.run("vacuum full passages_v1")
    rig.run("vacuum freeze passages_v1")
    assert await rig.backend.read() == first
    assert looked_at["rows"] == ["7", "7"]
    assert looked_at["all"] == 1
    rig.run("set timezone = 'Asia/Tokyo'; delete from passages_v1 where id = '8'")
    assert (await rig.backend.read()).label == "public.passages_v1, 2,002 rows"
    assert looked_at["all"] == 1


GONE = "delete from passages_v1 where id = 'price'"
NEW = "insert into passages_v1 (id, text) values ('a', 'b')"
SET = "update passages_v1 set text = 'x' where id = 'refund'"


@pytest.mark.parametrize(
    "writing",
    [
        GONE,
        f"{GONE}; {NEW}",
        f"{GONE}; {SET}",
        "update passages_v1 set id = 'renamed' where id = 'price'",
        f"truncate passages_v1; {NEW}",
        "begin; update passages_v1 set text = 'never'; rollback",
        f"begin; savepoint s; {SET}; release s; commit",
        "alter table passages_v1 add column lang text default 'en'",
        "alter table passages_v1 drop column number",
        "update passages_v1 set more = null",
    ],
    ids=range(10),
)
async def test_after_any_writing_it_is_the_digest_of_a_look_with_nothing_remembered(rig, writing):
    await rig.backend.read()
    rig.run(writing)
    seen = await rig.backend.read()
    assert await rig.backend.read() == seen
    forget(rig)
    assert await rig.backend.read() == seen


async def test_what_was_under_way_at_the_last_look_is_read_when_it_is_over(rig):
    connection = psycopg.connect(rig.dsn)
    connection.execute("update passages_v1 set text = 'late' where id = 'refund'")
    rig.run("update passages_v1 set text = 'early' where id = 'price'")  # by a later transaction
    before = await rig.backend.read()
    assert await rig.backend.read() == before
    connection.commit()
    connection.close()
    after = await rig.backend.read()
    assert after.digest != before.digest
    forget(rig)
    assert await rig.backend.read() == after


async def test_a_table_whose_ids_may_repeat_is_read_whole_each_time(rig, looked_at):
    rig.run("create table twins (id text, text text)")
    rig.run("insert into twins values ('a', '1'), ('a', '2'), (null, '3')")
    rig.run("create view doubled as select id, text from twins")
    backend = rig.backend.model_copy(update={"view": "public.doubled"})
    first = await backend.read()
    assert first.label == "public.twins, 3 rows"
    # As many as before, and none of them is what a look for new ones alone would take it for.
    rig.run("delete from twins where text = '3'; insert into twins values ('a', '4')")
    second = await backend.read()
    assert second.digest != first.digest
    assert looked_at["all"] == 2


async def test_another_server_with_the_same_table_is_read_anew(rig, looked_at, monkeypatch):
    first = await rig.backend.read()
    monkeypatch.setattr(_postgres_digest, "_TIMELINE", "'another server'")
    assert await rig.backend.read() == first
    assert looked_at["all"] == 2


async def test_an_account_that_may_not_see_the_timeline_can_look_too(rig, looked_at, monkeypatch):
    rig.run("create role reader login; grant select on all tables in schema public to reader")
    for function in ("pg_control_system()", "pg_control_checkpoint()"):
        rig.run(f"revoke execute on function {function} from public")
    dsn = rig.dsn.replace("user=postgres", "user=reader")
    assert dsn != rig.dsn
    (rig.folder / "dsn").write_text(dsn)
    first = await rig.backend.read()
    rig.run("update passages_v1 set text = 'y' where id = 'refund'")
    assert (await rig.backend.read()).digest != first.digest
    assert looked_at == {"rows": ["refund"], "all": 1}
    monkeypatch.setattr(_postgres_digest, "_STARTED", "'started anew'")
    await rig.backend.read()
    assert looked_at["all"] == 2
    rig.run("drop owned by reader; drop role reader")


async def test_a_look_from_too_long_ago_is_forgotten(rig, looked_at, monkeypatch):
    first = await rig.backend.read()
    monkeypatch.setattr(_postgres_digest, "_TOLD_APART", 1)
    rig.run("update passages_v1 set more = null")
    assert (await rig.backend.read()).digest != first.digest
    assert looked_at["all"] == 2


async def test_where_no_array_holds_what_was_written_all_is_read(rig, looked_at, monkeypatch):
    await rig.backend.read()
    rig.run("update passages_v1 set text = 'c' where id = 'refund'")
    limit = _postgres_digest._SINCE.replace("count(*)", "count(repeat('x', 1100000000))")
    monkeypatch.setattr(_postgres_digest, "_SINCE", limit)
    seen = await rig.backend.read()
    assert looked_at["all"] == 2
    forget(rig)
    assert await rig.backend.read() == seen


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"view": "a;b"}, "should match pattern"),
        ({"connection": "postgresql://a:b@c/d"}, "should match pattern"),
        ({"id_column": "text"}, "are the same column"),
    ],
)
def test_settings_that_cannot_be(settings, wrong):
    with pytest.raises(ValidationError) as told:
        Postgres.model_validate({"connection": "env:DSN", "view": "passages", **settings})
    assert wrong in str(told.value)


@pytest.mark.parametrize(
    ("rights", "said"),
    [
        (
            (),
            "the account editor may not change the view public.passages: it is not its owner's",
        ),
        (
            ("alter view passages owner to editor",),
            "the account editor may not make a table in the schema public",
        ),
        (
            ("alter view passages owner to editor", "grant create on schema public to editor"),
            "",
        ),
    ],
    ids=["no owner", "no room", "both"],
)
async def test_an_account_that_lacks_a_right_is_told_before_anything_is_touched(rig, rights, said):
    for statement in (
        "create role editor login",
        "revoke create on schema public from public",
        "grant select on all tables in schema public to editor",
        *rights,
    ):
        rig.run(statement)
    try:
        (rig.folder / "dsn").write_text(rig.dsn.replace("user=postgres", "user=editor"))
        before = rig.kept()
        assert await rig.backend.ready(rig.new) == said
        assert rig.kept() == before
    finally:
        for statement in ("reassign owned by editor to postgres", "drop owned by editor"):
            rig.run(statement)
        rig.run("drop role editor")
