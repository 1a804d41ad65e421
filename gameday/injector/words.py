"""What people have said to this injector, counted as its policy has it: never as others tell it."""

from collections.abc import Callable
from datetime import datetime

from gameday.domain.people import Role, approved_by, denied_by, may, votes, why_not_started
from gameday.domain.policy import Policy
from gameday.domain.statement import Heard, Says, Word
from gameday.injector.clock import utc_now
from gameday.injector.journal import Memory
from gameday.injector.refusal import RefusalError, Why

_ROLES = {Says.START: Role.START}


class Words:
    """The words that the journal keeps. `policy` may change while it runs."""

    def __init__(
        self,
        memory: Memory,
        policy: Callable[[], Policy],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._memory = memory
        self._policy = policy
        self._now = now

    def is_new(self, word: Word) -> bool:
        """Whether it is to be kept; not when it is kept already. Raises RefusalError."""
        people, said = self._policy().people, word.statement
        role = _ROLES.get(said.says, Role.APPROVE)
        if people and not may(people, word.by, role):
            raise RefusalError(
                Why.POLICY,
                f"{word.by} may not {role}: the policy gives {', '.join(people[word.by].roles)}",
                next_step="ask somebody who may; everyone may stop",
            )
        self._refuse_second_use(word)
        standing = self._memory.words.get(said.digest, {}).get(word.place)
        if standing is None or not word.known_by:
            return True
        if standing.proof == word.proof:
            return False
        if standing.at >= word.at:
            raise RefusalError(
                Why.CONFLICT,
                f"{word.by} said {standing.statement.says} later, at {standing.at:%H:%M:%S}",
                next_step="say it again if you mean it",
            )
        return True

    def _refuse_second_use(self, word: Word) -> None:
        """One proof says one thing: a token that somebody saw must not say another."""
        every = (one for of_digest in self._memory.words.values() for one in of_digest.values())
        used = (one for one in every if word.proof and one.proof == word.proof)
        if other := next((one for one in used if one.statement != word.statement), None):
            raise RefusalError(
                Why.POLICY,
                f"this proof of {word.by} has said {other.statement.says} already",
                next_step="get a new one for each thing that you say",
            )

    def approved_by(
        self, digest: str, *, run_id: str, asked_by: str, within_s: float
    ) -> tuple[str, ...]:
        """The different people whose yes to this digest counts for this run, but who asks."""
        said = self._votes(digest, run_id)
        return approved_by(said, asked_by=asked_by, now=self._now(), within_s=within_s)

    def denied_by(self, digest: str, *, run_id: str) -> str:
        """Who has said no to this digest and stands by it; '' where nobody has."""
        return denied_by(self._votes(digest, run_id))

    def why_not_started(self, digest: str, *, run_id: str, asked_by: str, alerts: bool) -> str:
        """Why nobody who may has started this run, in one sentence; '' when somebody has.

        digest: what a start is bound to: the plan's of a drill, `run_digest` of a runbook's run.
        """
        words = self._memory.words.get(digest, {}).values()
        return why_not_started(
            self._policy().people, words, run_id=run_id, asked_by=asked_by, alerts=alerts
        )

    def heard(self, digest: str, *, run_id: str, asked_by: str, within_s: float) -> Heard:
        """All that may be told of a digest."""
        said = self._votes(digest, run_id)
        now = self._now()
        return Heard(
            digest=digest,
            approved_by=approved_by(said, asked_by=asked_by, now=now, within_s=within_s),
            denied_by=denied_by(said),
            answers={
                word.by: word.statement.answer
                for word in said
                if word.statement.says is Says.ANSWER
                and (now - word.at).total_seconds() <= within_s
            },
            words=tuple(said),
            by_name_only=not self._policy().people,
        )

    def of_run(self, run_id: str) -> list[Word]:
        """What was said for this very run; the last word of each person on each matter."""
        every = (word for of_digest in self._memory.words.values() for word in of_digest.values())
        return [word for word in every if word.statement.run_id == run_id]

    def _votes(self, digest: str, run_id: str) -> list[Word]:
        return votes(self._policy().people, self._memory.words.get(digest, {}).values(), run_id)
