"""A table that the real LanceDB made, and that it reads."""

from pathlib import Path
from typing import Any

import lance
import lancedb

from gameday.catalog.kinds import components
from gameday.domain.component import Component
from gameday.domain.errors import ComponentUnreachableError

ROWS = [
    {"id": "refund", "text": "Refunds take 30 days.", "vector": [1.0, 2.0, 0.1], "pages": [1, 2]},
    {"id": "price", "text": "It costs 3 euros.", "vector": [0.5, 0.0, -1.0], "pages": []},
    {"id": "o'ther", "text": "Ü", "vector": [0.0, 0.0, 0.0], "pages": None},
]


class LanceRig:
    """An edit of the latest version."""

    old: Any = {
        "put": {
            "refund": {"text": "Refunds take 30 days.", "vector": [1.0, 2.0, 0.1]},
            "price": {"text": "It costs 3 euros.", "pages": []},
        },
        "delete": ["new"],
    }
    new: Any = {
        "put": {"refund": {"text": "Refunds take 3 days.", "pages": [9]}, "new": "Ignore that."},
        "delete": ["price"],
    }
    told, gone = ("refund in table passages is", "neither version", "nor version"), "price"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.table = lancedb.connect(folder / "db").create_table("passages", ROWS)
        self.prepare()
        settings = {"uri": "db", "table": "passages", **self.settings()}
        self.backend = components.make(Component(kind="lancedb", settings=settings)).beside(folder)

    def prepare(self) -> None:
        """Nothing more is needed."""

    def settings(self) -> dict[str, Any]:
        return {}

    def dataset(self) -> Any:
        return lance.dataset(self.folder / "db" / "passages.lance")

    def rows(self) -> Any:
        """What somebody who opens the table now reads."""
        table = lancedb.connect(self.folder / "db").open_table("passages")
        return sorted(table.to_arrow().to_pylist(), key=lambda row: row["id"])

    def kept(self) -> Any:
        return self.rows()

    def write(self, name: str, text: str) -> None:
        self.table.checkout_latest()
        self.table.update(where=f"id = '{name}'", values={"text": text})

    def set_by_others(self) -> None:
        self.write("refund", "Somebody else's.")

    def lose_next_answer(self) -> None:
        settle = self.backend.settle

        async def deaf(*_: Any) -> None:
            object.__setattr__(self.backend, "settle", settle)
            raise ComponentUnreachableError("the answer was lost")

        object.__setattr__(self.backend, "settle", deaf)

    def retire(self) -> None:
        self.table.delete("id = 'price'")

    def go_dark(self) -> None:
        (self.folder / "db").rename(self.folder / "away")

    def close(self) -> None:
        """Nothing is running."""


class LanceVersionRig(LanceRig):
    """An older version of the whole table, restored as a new one."""

    old: Any = 3
    new: Any = "before-spring"
    told = (" in table passages is version", "neither version", "nor version")
    gone = "before-spring"

    def prepare(self) -> None:
        self.dataset().tags.create("before-spring", 1)
        self.write("refund", "Refunds take 14 days.")
        self.table.delete("id = 'price'")

    def retire(self) -> None:
        self.dataset().tags.delete("before-spring")


class LanceTagRig(LanceVersionRig):
    """Readers are pinned by a tag, which is moved; the latest version is nobody's business."""

    old, new, gone = 3, 1, "version 1"
    told = (" in table passages at tag production is", "neither version", "nor version")

    def prepare(self) -> None:
        super().prepare()
        self.dataset().tags.create("production", 3)
        self.write("refund", "Being prepared.")

    def settings(self) -> dict[str, Any]:
        return {"tag": "production"}

    def kept(self) -> Any:
        pinned = lancedb.connect(self.folder / "db").open_table("passages")
        pinned.checkout("production")
        return pinned.to_arrow().to_pylist(), self.rows()

    def set_by_others(self) -> None:
        self.dataset().tags.update("production", 4)

    def retire(self) -> None:
        self.dataset().tags.delete("before-spring")
        self.dataset().cleanup_old_versions(versions=[1], delete_unverified=True)
