"""Plays a runbook: asks, goes where the answer leads, does, waits. The same in incident and drill.

What it means to ask, to do and to undo is its hands' affair: for good, under a drill's leases, or
only to say what would be done. Here is what follows what, and what is remembered of it.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from gameday.domain.act import ActOrder
    from gameday.domain.component import Setting
    from gameday.domain.drill import StepSpec
    from gameday.domain.errand import Pause
    from gameday.domain.proposal import Proposal
    from gameday.domain.runbook import END, RESERVED, UNDO_ALL, Ask, Do
    from gameday.domain.runbook_record import (
        DONE,
        FAILED,
        LEFT_OUT,
        NOBODY,
        NOT_KNOWN,
        REFUSED,
        WOULD_DO,
        Outcome,
        Played,
        RunbookRecord,
    )
    from gameday.domain.runbook_request import Mode, RunbookRequest
    from workflows.hands import Acted, Hands, StoppedError
    from workflows.people import People


class Playing:
    """One play, from its first item to its end."""

    def __init__(
        self,
        request: RunbookRequest,
        hands: Hands,
        keep: Callable[[], Awaitable[None]],
        note: Callable[..., None],
    ) -> None:
        """keep: the record, where people can read it. note: a line of the run's journal."""
        self._request = request
        self._hands = hands
        self._keep = keep
        self._note = note
        self.people = People(request, hands)
        self.record = RunbookRecord(request=request, started_at=workflow.now())
        self._floor = workflow.now()  # answers from before the last change tell nothing any more
        self._before: dict[str, Setting] = {}  # by component, as a question has told
        self._acts = 0
        self._to_people = ""  # why people take over from here; '' while the play goes on
        self._would = ""  # the first item that a dry run would change something by

    async def play(self, since: datetime | None = None) -> None:
        """since: answers from here on count; from now on, unless said."""
        self._floor = since or self._floor
        place = self._request.runbook.play[0].name
        try:
            while place not in RESERVED:
                place = await self._item(self._request.runbook.item(place))
            if place == UNDO_ALL:
                await self._undo_all()
            self._close(*self._how_it_ended(place))
        except StoppedError as stopped:
            self._close(Outcome.STOPPED, f"{stopped}; {self._what_stays()}")
        await self._remember()

    def broke_off(self, error: BaseException) -> None:
        """By a cancel, or by what nobody foresaw. What was changed is there, and is told."""
        cancelled = is_cancelled_exception(error)
        why = "it was cancelled through Temporal" if cancelled else f"it broke off: {error!r}"
        outcome = Outcome.STOPPED if cancelled else Outcome.FAILED
        self._close(outcome, f"{why}; {self._what_stays()}")

    def cut_short(self, why: str) -> None:
        """Whoever plays it has ended it from outside, and puts back what it has changed."""
        self._told(ended_at=workflow.now())
        self._close(Outcome.STOPPED, why)

    # The items

    async def _item(self, item: Ask | Do) -> str:
        """Play it; the place that follows."""
        sort = self._request.sorts[item.name]
        on = item.step.on if isinstance(item, Do) and sort == "step" else ""
        began = Played(
            item=item.name, sort=sort, kind=item.kind, on=on, words=_words(item, sort),
            asked_at=workflow.now(),
        )  # fmt: skip
        self.record = self.record.model_copy(update={"played": (*self.record.played, began)})
        await self._remember()
        if isinstance(item, Ask):
            place = await self._ask(item)
        elif sort == "step":
            place = await self._change(item)
        elif sort == "errand":
            place = await self._errand(item)
        else:
            place = await self._wait(item)
        self._told(ended_at=workflow.now(), leads_to=place)
        now = self.record.played[-1]
        told = {"answer": now.answer, "reason": now.reason, "leads_to": place}
        self._note("played", item=item.name, kind=item.kind, **told)
        await self._remember()
        return place

    async def _ask(self, item: Ask) -> str:
        if self._would:
            self._told(answer=NOT_KNOWN, reason=f"it would be asked after {self._would}")
            return END
        answered = await self._hands.ask(item, item.within, self._floor)
        self._before |= answered.before
        self._told(
            decided_at=workflow.now(), answer=answered.answer, reason=answered.reason,
            evidence=answered.evidence,
        )  # fmt: skip
        return item.after(answered.answer) or self._following(item)

    async def _errand(self, item: Do) -> str:
        if item.name in self._request.left_out:
            self._told(answer=LEFT_OUT, reason="it is not done in a drill")
            return item.then or self._following(item)
        if self._dry:
            self._told(answer=WOULD_DO)
            return item.then or self._following(item)
        self._told(called_at=workflow.now())
        done = await self._hands.errand(item)
        self._told(
            answer=FAILED if done.failed else DONE, reason=done.failed or done.sentence,
            evidence=done.evidence,
        )  # fmt: skip
        return (item.if_not if done.failed else None) or item.then or self._following(item)

    async def _wait(self, item: Do) -> str:
        pause = self._request.pauses[item.name]
        if self._dry:
            return self._would_wait(item, pause)
        if pause.people:
            return await self._ask_people(item, pause)
        if pause.seconds is not None:
            await self._hands.wait(lambda: False, pause.seconds)
            self._told(answer=DONE, reason=f"{pause.seconds:g} s went by")
            return item.then or self._following(item)
        return await self._wait_for_answer(item, pause)

    def _would_wait(self, item: Do, pause: Pause) -> str:
        if not pause.people:
            self._told(answer=WOULD_DO)
            return item.then or self._following(item)
        choices = ", ".join(f"{choice}: {place}" for choice, place in item.choices.items())
        reason = (
            f"nobody is asked in a dry run; shown is what follows when none answers ({choices})"
        )
        self._told(answer=NOBODY, reason=reason)
        assert item.nobody is not None
        return item.nobody

    async def _wait_for_answer(self, item: Do, pause: Pause) -> str:
        assert pause.until is not None
        asked = Ask(name=item.name, kind=pause.until.kind, settings=pause.until.settings)
        give_up = workflow.now() + timedelta(seconds=item.within)
        while True:
            left_s = (give_up - workflow.now()).total_seconds()
            answered = await self._hands.ask(asked, max(1.0, left_s), self._floor)
            if answered.answer in pause.answers:
                self._told(answer=DONE, reason=answered.reason, evidence=answered.evidence)
                return item.then or self._following(item)
            if (give_up - workflow.now()).total_seconds() <= pause.every_s:
                break
            await self._hands.wait(lambda: False, pause.every_s)
        why = f"after {item.within:g} s still {answered.answer}: {answered.reason}"
        self._told(answer=FAILED, reason=why, evidence=answered.evidence)
        return item.if_not or self._hand_over(f"{item.name}: {why}")

    async def _ask_people(self, item: Do, pause: Pause) -> str:
        said = await self.people.choice(item, pause.people)
        if said is None:
            assert item.nobody is not None
            why = f"nobody answered within {self.people.seconds(item.within):g} s"
            self._told(decided_at=workflow.now(), answer=NOBODY, reason=why)
            return item.nobody
        choice, who = said
        self._told(
            decided_at=workflow.now(), answer=choice, reason=f"{who.by} chose it",
            approved_by=(who,),
        )  # fmt: skip
        return item.choices[choice]

    # A step that changes something

    async def _change(self, item: Do) -> str:
        step = self._with_version(item)
        if step is None:
            why = f"no question has told what {item.step.on} was before it changed"
            self._told(answer=FAILED, reason=why)
            return item.if_not or self._hand_over(f"{item.name}: {why}")
        order = self._order(item, step)
        self._told(words=step.words, proposal=order.proposal.digest)
        outlook = await self._hands.outlook(item, order)
        if outlook.refusal:
            return self._refused(item, outlook.refusal)
        if self._dry:
            self._would = item.name
            known = "it stands so already" if outlook.already else "nothing is known against it"
            waits = f"; {outlook.approvals} approval(s) first" if outlook.approvals else ""
            self._told(answer=WOULD_DO, reason=f"{known}{waits}")
            return item.then or self._following(item)
        if outlook.approvals:
            said = await self.people.approval(item, order)
            self._told(approved_by=said.approved_by)
            if said.nobody:
                self._told(decided_at=workflow.now(), answer=NOBODY, reason=said.nobody)
                place = item.nobody or item.if_not
                return place or self._hand_over(f"{item.name}: {said.nobody}")
            if said.denied:
                return self._refused(item, said.denied)
        self._told(decided_at=workflow.now())
        return await self._carry_out(item, order)

    async def _carry_out(self, item: Do, order: ActOrder) -> str:
        # A drill holds one step once: what its mechanism does at the first call is the finding.
        attempts = 1 if self._request.mode is Mode.DRILL else item.attempts
        for attempt in range(1, attempts + 1):
            self._acts += 1
            act_id = self._hands.act_id(item, self._acts)
            self._told(act=act_id, attempts=attempt, called_at=workflow.now())
            self._note("called", item=item.name, act=act_id, step=order.step.words)
            await self._remember()
            acted = await self._hands.act(item, order, act_id)
            self._floor = acted.at or workflow.now()
            if acted.refused:
                return self._refused(item, acted.refused)
            self._told_act(acted)
            if not acted.problem:
                self._told(answer=DONE, reason="it took effect, as was read back")
                return item.then or self._following(item)
            if attempt < attempts:
                # The next one is a change of its own: this one stays on the list to be undone.
                again = self.record.played[-1]
                self._told(answer=FAILED, reason=acted.problem, ended_at=workflow.now())
                self.record = self.record.model_copy(
                    update={"played": (*self.record.played, again.model_copy())}
                )
        why = f"it did not take effect: {acted.problem}"
        self._told(answer=FAILED, reason=why)
        await self._undo_all()
        return item.if_not or self._hand_over(f"{item.name}: {why}; what was changed is put back")

    def _refused(self, item: Do, why: str) -> str:
        self._told(decided_at=workflow.now(), answer=REFUSED, reason=why)
        return item.if_not or item.nobody or self._hand_over(f"{item.name}: {why}")

    def _order(self, item: Do, step: StepSpec) -> ActOrder:
        """Exactly this step, to be approved and carried out in its time, and not later."""
        request = self._request
        lasts_s = self.people.seconds(item.approve_within) + item.within * item.attempts
        proposal = Proposal(
            run_id=request.run_id,
            mode=request.mode.value,
            target=request.target.target,
            environment=request.environment,
            runbook=request.runbook.runbook,
            runbook_digest=request.digest,
            steps=(step,),
            approvals=item.approvals,
            asked_by=request.requested_by,
            incident=request.incident,
            expires_at=workflow.now() + timedelta(seconds=lasts_s),
        )
        return ActOrder(proposal=proposal, step=step)

    def _with_version(self, item: Do) -> StepSpec | None:
        """With the version of before, where it goes back to that; None where nobody has told it.

        In a drill the step itself knows what was before the drill's fault.
        """
        step = item.step
        if item.name not in self._request.go_before or self._request.mode is Mode.DRILL:
            return step
        before = self._before.get(step.on.partition("/")[2])
        if before is None:
            return None
        return step.model_copy(update={"settings": step.settings | {"to": before}})

    async def _undo_all(self) -> None:
        """Put back what this run has changed, the last change first."""
        for played in reversed(self.record.changed):
            undone = await self._hands.undo(played)
            self.record = self.record.model_copy(update={"undone": (*self.record.undone, undone)})
            self._note("undone", item=played.item, act=played.act, failed=undone.failed)
            await self._remember()
        self._floor = workflow.now()

    # How it ends

    def _hand_over(self, why: str) -> str:
        self._to_people = why
        return END

    def _how_it_ended(self, place: str) -> tuple[Outcome, str]:
        record = self.record
        if bad := [one for one in record.undone if one.failed]:
            return Outcome.DIRTY, "; ".join(
                f"{one.on} was not put back: {one.failed}" for one in bad
            )
        if self._dry:
            return Outcome.SHOWN, self._shown()
        if place == UNDO_ALL:
            return Outcome.UNDONE, f"it did not help; {len(record.undone)} changes were put back"
        if self._to_people:
            return Outcome.HANDED_OVER, self._to_people
        well = self._well()
        if well is not None:
            return Outcome.RESOLVED, f"{well.item} says {well.answer}: {well.reason}"
        return Outcome.HANDED_OVER, "nothing has shown that the system is well; people go on"

    def _well(self) -> Played | None:
        """The question that has shown it, since the last change; None where none has."""
        for played in reversed(self.record.played):
            good = self._request.well.get(played.item, ())
            if good and played.answer in good:
                return played
            changed = played.sort == "step" and played.answer == DONE
            people = played.sort == "wait" and bool(played.approved_by or played.answer == NOBODY)
            if changed or people or (good and played.answer != LEFT_OUT):
                return None
        return None

    def _shown(self) -> str:
        would = [one.words for one in self.record.played if one.answer == WOULD_DO]
        what = "; ".join(would) if would else "nothing"
        last = self.record.played[-1]
        rest = " What follows is not known before that is done." if last.answer == NOT_KNOWN else ""
        return f"it would do: {what}.{rest}"

    def _what_stays(self) -> str:
        changed = [one.words for one in self.record.changed]
        return f"what it changed stays: {'; '.join(changed)}" if changed else "it changed nothing"

    def _close(self, outcome: Outcome, sentence: str) -> None:
        self.record = self.record.model_copy(
            update={"outcome": outcome, "sentence": sentence, "ended_at": workflow.now()}
        )

    # What is remembered

    def _told_act(self, acted: Acted) -> None:
        self._told(
            called_at=acted.called_at,
            verified_at=acted.verified_at,
            before=acted.before,
            after=acted.after,
            evidence=acted.evidence,
        )

    def _told(self, **facts: Any) -> None:
        """Of the item that is being played."""
        *others, now = self.record.played
        told = now.model_copy(update=facts)
        self.record = self.record.model_copy(update={"played": (*others, told)})

    async def _remember(self) -> None:
        await self._keep()

    def _following(self, item: Ask | Do) -> str:
        return self._request.runbook.following(item.name)

    @property
    def _dry(self) -> bool:
        return self._request.mode is Mode.DRY_RUN


def _words(item: Ask | Do, sort: str) -> str:
    if isinstance(item, Do) and sort == "step":
        return item.step.words
    settings = ", ".join(f"{name} {value}" for name, value in item.settings.items())
    return f"{item.kind} {settings}".strip()
