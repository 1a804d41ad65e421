"""Says whose a statement is: the policy's proofs, looked at here and nowhere else."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from gameday.catalog.kinds import proofs
from gameday.domain.people import name_shown
from gameday.domain.policy import Policy
from gameday.domain.proof import NotProvenError, Place
from gameday.domain.statement import Given, Statement, Word
from gameday.injector.clock import utc_now


class Prover:
    """The proofs of one policy. Made anew when the policy changes."""

    def __init__(self, policy: Policy, folder: Path, now: Callable[[], datetime] = utc_now) -> None:
        """folder: the policy's own, which its files and secrets count from."""
        self._policy = policy
        self._folder = folder
        self._now = now
        self._proofs = {name: proofs.make(spec) for name, spec in policy.proofs_known.items()}

    async def word(self, statement: Statement, by: str, given: Given | None) -> Word:
        """The statement with who has said it. Raises NotProvenError.

        by: who it is said to be: believed as it is where the policy has no people, else nothing.
        """
        if not self._policy.people:
            if not by:
                raise NotProvenError(
                    "nobody says whose word it is", next_step="name them with `by`"
                )
            return Word(statement=statement, by=by, at=self._now())
        if given is None:
            raise NotProvenError(
                f"policy {self._policy.policy!r} names people, so nobody is believed by name",
                next_step="sign it with --key FILE, or show --oidc-token-file FILE",
            )
        return await self._proven(statement, given)

    async def _proven(self, statement: Statement, given: Given) -> Word:
        proof = self._proofs.get(given.proof)
        if proof is None:
            known = ", ".join(self._proofs)
            raise NotProvenError(f"no proof is called {given.proof!r} here (there is: {known})")
        shown = await proof.shown(given.fields, statement, Place(self._folder, self._now()))
        name = name_shown(self._policy.people, given.proof, shown.known_as)
        if not name:
            raise NotProvenError(
                f"policy {self._policy.policy!r} knows nobody by {given.proof} "
                f"{' or '.join(shown.known_as)}",
                next_step="let the owner of the policy file add it under `people:`",
            )
        return Word(
            statement=statement, by=name, known_by=given.proof, at=shown.at, proof=given.sha256
        )
