"""Keeps the last proof of isolation of each target and environment in the state folder."""

from pathlib import Path

from pydantic import ValidationError

from gameday.domain.isolation import IsolationProof
from gameday.store.atomic import write_whole


class IsolationProofs:
    """The proofs in one state folder."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "isolation"

    def keep(self, proof: IsolationProof) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._file(proof.target, proof.environment)
        write_whole(file, proof.model_dump_json(indent=2).encode())
        return file

    def last(self, target: str, environment: str) -> IsolationProof | None:
        """None when there is none, or none that can be read: then nothing is proven."""
        try:
            text = self._file(target, environment).read_bytes()
            return IsolationProof.model_validate_json(text)
        except (OSError, ValidationError):
            return None

    def _file(self, target: str, environment: str) -> Path:
        return self._folder / f"{target}.{environment}.json"
