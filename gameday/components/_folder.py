"""Documents that are the files of a folder, which nothing else keeps versions of."""

import asyncio
import base64
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from gameday.components._documents import Documents
from gameday.components._edit import Edit, refuse_too_large
from gameday.components._folder_digest import digest_folder
from gameday.components._replacing import forget_cut_short, remove_file, replace_file
from gameday.domain.component import Version, digest_of
from gameday.domain.errors import ComponentError, ComponentUnreachableError
from gameday.domain.ports import Undo

_MODE = 0o644


class Folder:
    """Each file is replaced whole or not at all; several of them one after the other."""

    def __init__(self, folder: Path, memory: Path) -> None:
        """memory: the folder where digests are remembered."""
        self._folder = folder
        self._memory = memory

    async def version(self) -> Version:
        self._present()
        memory = self._memory / f"{digest_of(str(self._folder.resolve()))[:16]}.sqlite"
        corpus = await asyncio.to_thread(digest_folder, self._folder, memory)
        return Version(label=f"{corpus.documents:,} documents", digest=corpus.digest)

    def denied(self, names: Iterable[str]) -> str:
        """Where a file may not be written or removed, in a sentence; '' where all may."""
        for name in names:
            path = self._path(name)
            there = next(one for one in path.parents if one.is_dir())
            if not os.access(there, os.W_OK | os.X_OK):
                return f"{path} cannot be written: no permission in {there}"
        return ""

    async def kept(self, ids: Iterable[str]) -> Documents:
        paths = {name: self._path(name) for name in ids}
        refuse_too_large(sum(path.stat().st_size for path in paths.values() if path.is_file()))
        return {name: self._read(path) for name, path in paths.items()}

    async def edited(self, edit: Edit, before: Documents) -> Documents:
        """The documents of `before` as the edit leaves them."""
        documents: Documents = dict.fromkeys(edit.delete)
        for name, text in edit.put.items():
            if not isinstance(text, str):
                raise ComponentError(f"{name}: a file is put as text, not as columns")
            mode = before[name]["mode"] if before.get(name) else _MODE
            documents[name] = {"content": _packed(text.encode()), "mode": mode}
        return documents

    async def remembered(self, ids: Iterable[str]) -> Undo:
        """The folders that would be made for these documents."""
        above = {parent for name in ids for parent in Path(name).parents if parent != Path()}
        return {"folders": sorted(str(one) for one in above if not (self._folder / one).is_dir())}

    async def put(self, documents: Documents, before: Documents, undo: Undo) -> None:  # noqa: ARG002 - nothing here compares
        for name, document in documents.items():
            self._write(self._path(name), document)

    async def settle(self, documents: Documents, undo: Undo) -> None:
        """A file that is written is in use; what a killed process left beside it is not."""
        for name in documents:
            forget_cut_short(self._path(name))
        if documents == undo["documents"]:
            for folder in reversed(undo["folders"]):
                with suppress(OSError):  # somebody's file is in it
                    (self._folder / folder).rmdir()

    def _present(self) -> None:
        if not self._folder.is_dir():
            raise ComponentUnreachableError(f"{self._folder} is not there, or is no folder")

    def _path(self, name: str) -> Path:
        """Raises ComponentError for a name that leads elsewhere."""
        self._present()
        top = self._folder.resolve()
        path = (top / name).resolve()
        if path == top or not path.is_relative_to(top) or (top / name).is_symlink():
            raise ComponentError(f"{name} leads out of {self._folder}, or is a link")
        return path

    def _read(self, path: Path) -> Any:
        try:
            if not path.exists():
                return None
            return {"content": _packed(path.read_bytes()), "mode": path.stat().st_mode & 0o777}
        except OSError as error:
            raise ComponentError(f"{path} cannot be read: {error.strerror}") from error

    def _write(self, path: Path, document: Any) -> None:
        if document is None:
            remove_file(path)
        elif self._read(path) != document:
            content = base64.b64decode(document["content"])
            replace_file(path, content, mode=document["mode"])


def _packed(content: bytes) -> str:
    return base64.b64encode(content).decode()
