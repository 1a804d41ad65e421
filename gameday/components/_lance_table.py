"""A table of LanceDB, which is a Lance dataset: its rows by id, and its versions."""

import base64
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from gameday.components._documents import Documents
from gameday.components._edit import Edit, refuse_too_large
from gameday.components._extras import driver
from gameday.components._value import MovedOnError
from gameday.domain.component import digest_of, shown
from gameday.domain.errors import ComponentError, ComponentUnreachableError

_RACE = ("concurrent", "conflict")  # in what Lance says of a commit that lost


class LanceTable:
    """Opened anew for each look: an open dataset stays at the version that it was opened at.

    Each method raises ComponentUnreachableError and ComponentError.
    """

    def __init__(self, uri: str, *, id_column: str, text_column: str) -> None:
        self._uri = uri
        self._id_column = id_column
        self._text_column = text_column

    def open(self, version: int | None = None) -> Any:
        """The dataset, at its latest version or at that one."""
        lance = driver("lance", extra="lancedb")
        try:
            return lance.dataset(self._uri, version=version)
        except (OSError, ValueError, RuntimeError) as error:
            raise ComponentUnreachableError(
                f"{self._uri} cannot be read: {_said(error)}"
            ) from error

    def version_of(self, name: int | str) -> int:
        """The number of a version, or of the one that a tag stands at."""
        dataset = self.open()
        tags = dataset.tags.list()
        if isinstance(name, str) and name not in tags:
            raise ComponentError(f"{self._uri} has no tag {shown(name)}")
        number = int(tags[name]["version"]) if isinstance(name, str) else name
        if number not in {one["version"] for one in dataset.versions()}:
            raise ComponentError(f"{self._uri} has no version {number} any more")
        return number

    def made_of(self, version: int | None = None) -> str:
        """By what a version's content is known: the files that it is made of never change."""
        fragments = self.open(version).get_fragments()
        parts = [one.metadata.to_json() for one in fragments]
        return digest_of(sorted((_files(part), str(part["deletion_file"])) for part in parts))

    def kept(self, ids: Iterable[str]) -> Documents:
        """Rows as text that is the same where they are."""
        dataset, wanted = self.open(), list(ids)
        documents: Documents = dict.fromkeys(wanted)
        with _told(self._uri):
            rows = dataset.to_table(filter=self._filter(dataset, wanted)).to_pylist()
        for row in rows:
            name = str(row[self._id_column])
            if documents.get(name) is not None:
                raise ComponentError(f"{name} is the id of several rows; expected one")
            documents[name] = self._packed(dataset, row)
        refuse_too_large(sum(len(one) for one in documents.values() if one))
        return documents

    def edited(self, edit: Edit, before: Documents) -> Documents:
        """The rows of `before` as the edit leaves them."""
        dataset = self.open()
        documents: Documents = dict.fromkeys(edit.delete)
        for name, given in edit.put.items():
            row = self._unpacked(before[name])[0] if before.get(name) else {}
            columns = {self._text_column: given} if isinstance(given, str) else given
            for column in columns:
                if column not in dataset.schema.names or column == self._id_column:
                    raise ComponentError(f"{column} is no column of {self._uri} that can be set")
            key = self._id(dataset, name)
            documents[name] = self._packed(dataset, {**row, self._id_column: key, **columns})
        return documents

    def put(self, documents: Documents, before: Documents) -> None:
        """Raises MovedOnError when somebody wrote to these rows meanwhile."""
        dataset = self.open()
        if self.kept(before) != before:
            raise MovedOnError
        pyarrow = driver("pyarrow", extra="lancedb")
        rows = [one for row in documents.values() if row for one in self._unpacked(row)]
        gone = [name for name, row in documents.items() if row is None and before[name]]
        with _told(self._uri):
            if rows:
                table = pyarrow.Table.from_pylist(rows, schema=dataset.schema)
                merge = dataset.merge_insert(self._id_column).when_matched_update_all()
                merge.when_not_matched_insert_all().conflict_retries(0).execute(table)
            if gone:
                dataset.delete(
                    self._filter(dataset, gone),
                    conflict_retries=0,
                    retry_timeout=timedelta(seconds=5),
                )

    def restore(self, version: int, *, latest: str) -> None:
        """Make a new version that is like that one. latest: what the newest is made of."""
        if self.made_of() != latest:
            raise MovedOnError
        with _told(self._uri):
            self.open(version).restore()

    def _packed(self, dataset: Any, row: dict[str, Any]) -> str:
        """One row in Arrow's own form, made from its values, so that it is always the same."""
        pyarrow = driver("pyarrow", extra="lancedb")
        try:
            table = pyarrow.Table.from_pylist([row], schema=dataset.schema)
        except (pyarrow.ArrowException, TypeError, ValueError) as error:
            raise ComponentError(f"{self._uri}: a row does not fit: {_said(error)}") from error
        sink = pyarrow.BufferOutputStream()
        with pyarrow.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        return base64.b64encode(sink.getvalue().to_pybytes()).decode()

    def _unpacked(self, packed: str) -> list[dict[str, Any]]:
        pyarrow = driver("pyarrow", extra="lancedb")
        stream = pyarrow.ipc.open_stream(base64.b64decode(packed))
        return list(stream.read_all().to_pylist())

    def _id(self, dataset: Any, name: str) -> int | str:
        pyarrow = driver("pyarrow", extra="lancedb")
        if self._id_column not in dataset.schema.names:
            raise ComponentError(f"{self._uri} has no column {self._id_column}")
        if not pyarrow.types.is_integer(dataset.schema.field(self._id_column).type):
            return name
        try:
            return int(name)
        except ValueError as error:
            raise ComponentError(f"{shown(name)} is no id here: they are numbers") from error

    def _filter(self, dataset: Any, ids: list[str]) -> str:
        keys = [self._id(dataset, name) for name in ids]
        words = [str(k) if isinstance(k, int) else "'" + k.replace("'", "''") + "'" for k in keys]
        return f"{self._id_column} in ({', '.join(words)})"


def files_of(fragment: Any) -> str:
    """By what a fragment's rows are known, deleted ones and all."""
    return _files(fragment.metadata.to_json())


def _files(metadata: dict[str, Any]) -> str:
    return digest_of(sorted(one["path"] for one in metadata["files"]))


@contextmanager
def _told(uri: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:
        said = _said(error)
        if any(word in said.lower() for word in _RACE):
            raise MovedOnError from error
        raise ComponentError(f"{uri}: {said}") from error


def _said(error: Exception) -> str:
    """Without the place in Lance's own source that it ends with."""
    return " ".join(str(error).split()).partition(", /")[0][:160]
