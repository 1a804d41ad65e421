"""A component that is many documents, of which a change touches a few."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from gameday.components._value import MovedOnError
from gameday.domain.component import Backend, digest_of
from gameday.domain.errors import ChangedByOthersError, ComponentError
from gameday.domain.ports import Undo

_TRIES = 5
Documents = dict[str, Any]
"""By id, as plain JSON that is equal where the documents are; None: there is none."""


class DocumentsBackend(Backend):
    """Compares the documents that a change touches, and no others: what others do there stays."""

    @property
    @abstractmethod
    def what(self) -> str:
        """Where the documents are, as a sentence calls it."""

    def kept_in(self, document: Any, undo: Undo) -> str:  # noqa: ARG002 - the contract
        """Where a person finds a document of `undo`, in a few words; '' where nobody can say."""
        return ""

    @abstractmethod
    async def touched(self, to: Any) -> list[str]:
        """The ids of the documents that a change to `to` would touch."""

    @abstractmethod
    async def kept(self, ids: Iterable[str]) -> Documents:
        """These documents as they are now."""

    @abstractmethod
    async def wanted(self, to: Any, undo: Undo) -> Documents:
        """The documents of `undo` as a change to `to` leaves them."""

    @abstractmethod
    async def put(self, documents: Documents, before: Documents, undo: Undo) -> None:
        """Set these, in the place of `before`. Raises MovedOnError if that can be told."""

    async def settle(self, documents: Documents, undo: Undo) -> None:
        """See that what is kept now is what is used. Called whenever it is as it should be."""

    async def snapshot(self, to: Any = None) -> Undo:
        if to is None:
            raise ComponentError(f"{self.what} is too large to be remembered whole")
        return {"documents": await self.kept(await self.touched(to))}

    async def change(self, to: Any, undo: Undo) -> None:
        await self._set(await self.wanted(to, undo), undo["documents"], undo, ours="wanted")

    async def revert(self, undo: Undo, changed_to: Any) -> None:
        await self._set(
            undo["documents"], await self.wanted(changed_to, undo), undo, ours="expected"
        )

    async def verify_reverted(self, undo: Undo) -> str:
        return await self.differs(undo["documents"])

    async def differs(self, wanted: Documents) -> str:
        """How what is kept is not what is wanted; '' when it is."""
        now = await self.kept(wanted)
        for name, document in wanted.items():
            if now[name] != document:
                return f"{name} in {self.what} is {_called(now[name])}, not {_called(document)}"
        return ""

    async def _set(self, wanted: Documents, expected: Documents, undo: Undo, *, ours: str) -> None:
        for _ in range(_TRIES):
            now = await self.kept(wanted)
            for name, document in now.items():
                if document not in (wanted[name], expected[name]):
                    told = [_called(wanted[name]), _called(expected[name])]
                    mine, old = told if ours == "wanted" else reversed(told)
                    raise ChangedByOthersError(
                        f"{name} in {self.what}",
                        found=_called(document),
                        ours=mine,
                        before=old,
                        kept=self.kept_in(undo["documents"][name], undo),
                    )
            try:
                if now != wanted:
                    await self.put(wanted, now, undo)
            except MovedOnError:
                continue
            return await self.settle(wanted, undo)
        raise ComponentError(
            f"{self.what}: something was changed by others at each of {_TRIES} tries",
            next_step="find out who writes there all the time",
        )


def _called(document: Any) -> str:
    """A document as a sentence calls it: never by its text, which may be anybody's secret."""
    return "not there" if document is None else f"version {digest_of(document)[:12]}"
