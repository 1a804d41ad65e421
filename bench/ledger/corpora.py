"""Corpora of so many documents, and how a hundredth of each is changed, all over it."""

import random
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import lance
import psycopg
import pyarrow as pa

from bench import postgres_server
from gameday.domain.errors import StartError

CHANGED_SHARE = 0.01
_DIMENSIONS = 64
_IN_FOLDER = 1000
_BATCH = 50_000
_CHANCE = random.Random(1)  # noqa: S311 - the same documents each time


class Corpus(ABC):
    """One store, in a folder of its own."""

    kind: str
    lane: str  # what its figures are called
    whole = ""  # the lane whose whole look is compared with, where it is not its own
    settles_s = 0.0  # what it takes until what was written looks old

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.count = count

    @property
    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Of the backend."""

    @abstractmethod
    def make(self) -> None: ...

    @abstractmethod
    def change(self) -> None:
        """Give a hundredth of the documents other texts, drawn by chance."""

    def drawn(self) -> list[int]:
        return sorted(_CHANCE.sample(range(self.count), int(self.count * CHANGED_SHARE)))


class Lance(Corpus):
    """A table of LanceDB, its rows in fragments of 100,000."""

    kind = lane = "lancedb"
    settings = {"uri": "db", "table": "passages"}

    def make(self) -> None:
        kind = pa.list_(pa.float32(), _DIMENSIONS)
        schema = pa.schema([("id", pa.string()), ("text", pa.string()), ("vector", kind)])

        def batches() -> Iterator[Any]:
            for start in range(0, self.count, _BATCH):
                numbers = range(start, min(start + _BATCH, self.count))
                flat = pa.array([float(n) for n in numbers for _ in range(_DIMENSIONS)], "float32")
                vectors = pa.FixedSizeListArray.from_arrays(flat, _DIMENSIONS)
                columns = [[str(n) for n in numbers], [text_of(n) for n in numbers], vectors]
                yield pa.record_batch(columns, schema=schema)

        reader = pa.RecordBatchReader.from_batches(schema, batches())
        lance.write_dataset(reader, self._path, max_rows_per_file=100_000)

    def change(self) -> None:
        dataset, drawn = lance.dataset(self._path), self.drawn()
        rows = {
            "id": [str(n) for n in drawn],
            "text": [f"new {n}" for n in drawn],
            "vector": [[float(n)] * _DIMENSIONS for n in drawn],
        }
        table = pa.Table.from_pydict(rows, schema=dataset.schema)
        dataset.merge_insert("id").when_matched_update_all().execute(table)

    @property
    def _path(self) -> str:
        return str(self.folder / "db" / "passages.lance")


class Postgres(Corpus):
    """A table behind a view, on the server of the tests."""

    kind = lane = "postgres"
    settings = {"connection": "file:dsn", "view": "passages"}

    def make(self) -> None:
        socket = postgres_server.server()
        name = f"bench{self.count}"
        with psycopg.connect(host=socket, user="postgres", autocommit=True) as admin:
            admin.execute(f"create database {name}")
        dsn = f"host={socket} user=postgres dbname={name}"
        (self.folder / "dsn").write_text(dsn)
        self._run(
            "create extension vector",
            "create table passages_v1 (id text primary key, text text, "
            f"vector vector({_DIMENSIONS}))",
            "insert into passages_v1 select i::text, repeat(md5(i::text), 16), "
            f"array_fill(i::real, array[{_DIMENSIONS}])::vector "
            f"from generate_series(0, {self.count - 1}) i",
            "create view passages as select id, text, vector from passages_v1",
            "vacuum analyze passages_v1",
        )

    def change(self) -> None:
        ids = ", ".join(f"'{n}'" for n in self.drawn())
        self._run(f"update passages_v1 set text = 'new ' || id where id in ({ids})")

    def _run(self, *statements: str) -> None:
        with psycopg.connect((self.folder / "dsn").read_text(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


class Files(Corpus):
    """A folder of files, a thousand in each folder of it."""

    kind = lane = "files"
    settles_s = 2.5  # a file that is younger is read again for safety
    settings = {"folder": "corpus"}

    def make(self) -> None:
        for number in range(self.count):
            path = self._path(number)
            if number % _IN_FOLDER == 0:
                path.parent.mkdir(parents=True)
            path.write_text(text_of(number))

    def change(self) -> None:
        for number in self.drawn():
            self._path(number).write_text(f"new {number}")

    def _path(self, number: int) -> Path:
        return self.folder / "corpus" / f"{number // _IN_FOLDER}" / f"{number}.md"


class Git(Corpus):
    """The same files in a repository that nobody has checked out."""

    kind = "files"
    lane = "files_in_git"
    whole = "files"  # which every look of git's own does without: what a whole look takes instead
    settings = {"folder": "corpus", "repository": "content", "branch": "main"}

    def make(self) -> None:
        (self.folder / "content").mkdir()
        self._git("init", "--quiet", "--bare", "-b", "main")
        texts = ((number, text_of(number)) for number in range(self.count))
        self._commit("commit refs/heads/main\n", texts)

    def change(self) -> None:
        texts = ((number, f"new {number}") for number in self.drawn())
        self._commit("commit refs/heads/main\nfrom refs/heads/main^0\n", texts)

    def _commit(self, head: str, texts: Iterable[tuple[int, str]]) -> None:
        """By git's own stream, which takes a million files in a while."""
        of, _, parent = head.partition("\n")
        with subprocess.Popen(
            ["git", "fast-import", "--quiet"], cwd=self.folder / "content", stdin=subprocess.PIPE
        ) as importing:
            assert importing.stdin is not None
            by = "committer Bench <bench@example> 1767225600 +0000"
            importing.stdin.write(f"{of}\n{by}\ndata 5\nBench\n{parent}".encode())
            for number, text in texts:
                path = f"corpus/{number // _IN_FOLDER}/{number}.md"
                content = f"M 100644 inline {path}\ndata {len(text)}\n{text}\n"
                importing.stdin.write(content.encode())
        if importing.returncode:
            raise StartError(f"git fast-import ended with {importing.returncode}")

    def _git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.folder / "content", check=True)


CORPORA = (Lance, Postgres, Files, Git)


def text_of(number: int) -> str:
    """512 characters."""
    return f"{number:032d}" * 16
