"""Waits for what people say to one exact proposal, or to a question. Never believes a message.

Whoever wakes this workflow only wakes it: what counts is what the injector has heard, by its own
proofs. Everybody is told beforehand what happens if nobody says anything.
"""

import contextlib
import hashlib
import json
from collections.abc import Collection
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.messages import Hear, TellPeople
    from activities.people import PeopleActivities
    from gameday.domain.act import ActOrder
    from gameday.domain.progress import Approval
    from gameday.domain.runbook import Do
    from gameday.domain.runbook_record import Approved
    from gameday.domain.runbook_request import RunbookRequest
    from gameday.domain.statement import Heard, Says
    from gameday.domain.value import Value
    from gameday.domain.waiting import Waiting
    from gameday.supervisor.queues import QUEUE_CLOSE
    from workflows.hands import AGAIN, Hands
    from workflows.patience import CALM_BEAT_WITHIN, TWICE

_LOOK_EVERY_S = 60.0  # also when nobody wakes it: a message may be lost


class Said(Value):
    """What people have said of a proposal. nobody, denied: why it may not be done, or ''."""

    approved_by: tuple[Approved, ...] = ()
    nobody: str = ""
    denied: str = ""


class People:
    """Whom one run waits for: for one thing at a time."""

    def __init__(self, request: RunbookRequest, hands: Hands) -> None:
        self._request = request
        self._hands = hands
        self._woken = False
        self.waiting: Waiting | None = None

    def seconds(self, stated: float) -> float:
        """How long people are waited for: in a drill at most as long as the drill says."""
        most = self._request.people_within_s
        return stated if most is None else min(stated, most)

    def waits_for(self, approval: Approval) -> bool:
        return self.waiting is not None and approval.plan_digest == self.waiting.digest

    def wake(self, approval: Approval) -> str:
        """Look at once what the injector has heard. Whatever else it says is not believed."""
        if not self.waits_for(approval):
            return "the run waits for nothing of that digest"
        self._woken = True
        return f"run {self._request.run_id} looks what the injector has heard"

    async def approval(self, item: Do, order: ActOrder) -> Said:
        """Wait until enough people have approved it, one has denied it, or the time is over."""
        proposal, within_s = order.proposal, self.seconds(item.approve_within)
        waiting = self._begin(
            digest=proposal.digest,
            title=f"{proposal.runbook} on {proposal.target}/{proposal.environment}: {item.name}",
            lines=(f"does        {proposal.words}", f"incident    {proposal.incident or 'none'}"),
            seconds=within_s,
            otherwise=_otherwise(item.nobody or item.if_not),
        ).model_copy(update={"proposal": proposal})
        await self._tell(waiting)
        try:
            while True:
                over = workflow.now() >= waiting.until
                heard = await self._heard(waiting.digest, within_s)
                if heard.denied_by:
                    return Said(approved_by=_who(heard), denied=f"{heard.denied_by} has denied it")
                outlook = await self._hands.outlook(item, order)
                if outlook.waits_for == 0:
                    if len(heard.approved_by) < outlook.approvals:  # somebody spoke in between
                        heard = await self._heard(waiting.digest, within_s)
                    return Said(approved_by=_who(heard))
                if over:
                    why = f"not enough people approved it within {within_s:g} s"
                    return Said(approved_by=_who(heard), nobody=why)
                await self._wait_to_be_woken(waiting.until)
        finally:
            self.waiting = None

    async def choice(self, item: Do, question: str) -> tuple[str, Approved] | None:
        """The first choice that somebody made, and who; None when the time was over first."""
        within_s = self.seconds(item.within)
        asked = [self._request.run_id, item.name, question, item.choices]
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        waiting = self._begin(
            digest=digest, title=question, lines=(), seconds=within_s,
            otherwise=_otherwise(item.nobody),
        ).model_copy(update={"choices": item.choices})  # fmt: skip
        await self._tell(waiting)
        try:
            while True:
                over = workflow.now() >= waiting.until
                said = _first_choice(await self._heard(digest, within_s), item.choices)
                if said is not None or over:
                    return said
                await self._wait_to_be_woken(waiting.until)
        finally:
            self.waiting = None

    def _begin(
        self, *, digest: str, title: str, lines: tuple[str, ...], seconds: float, otherwise: str
    ) -> Waiting:
        request = self._request
        self._woken = False
        return Waiting(
            run_id=request.run_id,
            target=request.target.target,
            environment=request.environment,
            injector=self._hands.injector,
            asked_by=request.requested_by,
            digest=digest,
            title=title,
            lines=lines,
            until=workflow.now() + timedelta(seconds=seconds),
            otherwise=otherwise,
        )

    async def _tell(self, waiting: Waiting) -> None:
        """From now on it is waited for. Whether a message gets through ends nothing."""
        self.waiting = waiting
        request = self._request
        if not request.target.channels:
            return
        told = TellPeople(
            target=request.target,
            target_file=request.target_file,
            run_id=request.run_id,
            environment=request.environment,
            waiting=waiting,
        )
        with contextlib.suppress(ActivityError):
            await self._hands.unless_stopped(
                workflow.start_activity_method(
                    PeopleActivities.tell_people,
                    told,
                    task_queue=QUEUE_CLOSE,
                    start_to_close_timeout=timedelta(seconds=60),
                    heartbeat_timeout=CALM_BEAT_WITHIN,
                    retry_policy=TWICE,
                )
            )

    async def _wait_to_be_woken(self, until: datetime) -> None:
        """Or until it is time to look all the same."""
        left_s = (until - workflow.now()).total_seconds()
        await self._hands.wait(lambda: self._woken, min(_LOOK_EVERY_S, left_s))
        self._woken = False

    async def _heard(self, digest: str, within_s: float) -> Heard:
        """What the injector has heard. One that cannot be asked has heard nothing."""
        asked = Hear(
            injector=self._hands.injector,
            digest=digest,
            run_id=self._request.run_id,
            asked_by=self._request.requested_by,
            within_s=within_s,
        )
        try:
            return await self._hands.unless_stopped(
                workflow.start_activity_method(
                    PeopleActivities.heard,
                    asked,
                    task_queue=QUEUE_CLOSE,
                    schedule_to_close_timeout=timedelta(seconds=60),
                    heartbeat_timeout=CALM_BEAT_WITHIN,
                    retry_policy=AGAIN,
                )
            )
        except ActivityError:
            return Heard(digest=digest)


def _otherwise(place: str | None) -> str:
    return f"it goes on with {place}" if place else "the run ends, and people take over"


def _who(heard: Heard) -> tuple[Approved, ...]:
    """Whose approval counts."""
    words = [one for one in heard.words if one.by in heard.approved_by]
    return tuple(Approved(by=one.by, at=one.at, how=one.how) for one in words)


def _first_choice(heard: Heard, choices: Collection[str]) -> tuple[str, Approved] | None:
    said = [
        one
        for one in heard.words
        if one.statement.says is Says.ANSWER and one.statement.answer in choices
    ]
    if not said:
        return None
    first = min(said, key=lambda one: one.at)
    return first.statement.answer, Approved(by=first.by, at=first.at, how=first.how)
