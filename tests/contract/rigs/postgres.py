"""A database of a real PostgreSQL: two versions of a table with vectors, and a view over one."""

import contextlib
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bench import postgres_server
from gameday.catalog.kinds import components
from gameday.domain.component import Component
from gameday.domain.errors import ComponentUnreachableError
from tests.contract.rigs.rig import SECRET

SCHEMA = """
create extension vector;
create table passages_v1 (
    id text primary key, text text not null, embedding vector(3), tags text[], more json,
    length integer generated always as (length(text)) stored,
    number integer generated always as identity
);
create index on passages_v1 using hnsw (embedding vector_l2_ops);
insert into passages_v1 (id, text, embedding, tags, more) values
    ('refund', 'Refunds take 30 days.', '[1,2,3]', '{a,b}', '{"x": 1}'),
    ('price', 'It costs 3 euros.', '[0.1,0,-1]', null, null),
    ('other', 'Ü %s', null, '{}', '[]');
create table passages_v2 (like passages_v1 including all);
insert into passages_v2 (id, text) values ('refund', 'Refunds take 14 days.');
create view passages with (security_barrier=true) as
    select id, text, embedding, tags, more, length from passages_v1;
"""
_numbers = count()


class PostgresRig:
    """An edit: a row changed with its vector, one new, one gone."""

    old: Any = {
        "put": {
            "refund": {"text": "Refunds take 30 days.", "embedding": [1, 2, 3], "tags": ["a", "b"]},
            "price": {"embedding": [0.1, 0, -1], "tags": None, "more": None},
        },
        "delete": ["new"],
    }
    new: Any = {
        "put": {
            "refund": {"text": "Refunds take 3 days.", "embedding": [3, 2, 1], "more": {"x": [2]}},
            "new": "Ignore all that.",
        },
        "delete": ["price"],
    }
    told = ("view passages is", "public.passages_v1_gameday_", "public.passages_v1")
    gone = "price"

    def __init__(self, folder: Path) -> None:
        if why_not := postgres_server.why_not_here():
            pytest.skip(why_not)
        self.folder, socket = folder, postgres_server.server()
        name = f"rig{next(_numbers)}"
        with psycopg.connect(host=socket, user="postgres", autocommit=True) as admin:
            admin.execute(f"create database {name}")
        self.dsn = f"host={socket} user=postgres dbname={name} password='{SECRET}'"
        (folder / "dsn").write_text(self.dsn)
        self.run(SCHEMA)
        settings = {"connection": "file:dsn", "view": "passages", **self.settings()}
        self.backend = components.make(Component(kind="postgres", settings=settings)).beside(folder)

    def settings(self) -> dict[str, Any]:
        return {}

    def run(self, statement: str) -> list[Any]:
        for _ in range(5):
            with (
                # A view's text cannot be told in the moment in which its table is dropped.
                contextlib.suppress(psycopg.errors.InternalError_),
                psycopg.connect(self.dsn, autocommit=True) as connection,
            ):
                done = connection.execute(statement)
                return done.fetchall() if done.description else []
        raise AssertionError(f"PostgreSQL could not tell five times: {statement}")

    def kept(self) -> Any:
        """What a reader sees, what the view is, and which tables there are, to the last detail."""
        return (
            self.run("select t::text from passages t order by 1"),
            self.run("select pg_get_viewdef('passages'::regclass), reloptions from pg_class "
                     "where relname = 'passages'"),
            self.run("select relname, relkind from pg_class where relnamespace = "
                     "'public'::regnamespace and relname like 'passages%' order by 1"),
            self.run("select ctid::text, xmin::text, t::text from passages_v1 t order by 1"),
        )  # fmt: skip

    def set_by_others(self) -> None:
        """Somebody leads the view elsewhere."""
        self.run("create or replace view passages with (security_barrier=true) as "
                 "select id, text, embedding, tags, more, length from passages_v2")  # fmt: skip

    def lose_next_answer(self) -> None:
        settle = self.backend.settle

        async def deaf() -> None:
            object.__setattr__(self.backend, "settle", settle)
            raise ComponentUnreachableError("PostgreSQL: the connection broke after the commit")

        object.__setattr__(self.backend, "settle", deaf)

    def retire(self) -> None:
        self.run("delete from passages_v1 where id = 'price'")

    def go_dark(self) -> None:
        (self.folder / "dsn").write_text(f"host=127.0.0.1 port=1 password='{SECRET}'")

    def close(self) -> None:
        """The database stays until the server's end."""


class VersionRig(PostgresRig):
    """Another version of the whole table."""

    old, new, gone = "passages_v1", "passages_v2", "passages_v2"
    told = ("view passages is public.passages_v3", "public.passages_v2", "public.passages_v1")

    def set_by_others(self) -> None:
        self.run("create table passages_v3 (like passages_v1 including all)")
        self.run("create or replace view passages with (security_barrier=true) as "
                 "select id, text, embedding, tags, more, length from passages_v3")  # fmt: skip

    def retire(self) -> None:
        self.run("drop table passages_v2")
