"""Renders the report as Markdown, for a pull request or a step summary."""

from collections.abc import Iterable, Iterator, Sequence

from gameday.reporting import past
from gameday.reporting import story as tell
from gameday.reporting.findings import FINDING_HEADS
from gameday.reporting.inert import fenced, inert_line, inert_markdown
from gameday.reporting.story import Row, Story
from gameday.reporting.terminal import check_label, headline, next_step


def render_markdown(story: Story) -> str:
    """Render the report; the same story gives the same bytes."""
    parts = [_verdict(story), _checks(story), _felt(story), _rest(story)]
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def _verdict(story: Story) -> Iterator[str]:
    result = story.result
    yield f"# {result.verdict.upper()}: {inert_markdown(headline(result))}"
    yield ""
    if result.verdict != "passed":
        yield f"The hypothesis was: {inert_markdown(result.hypothesis)}"
        yield ""
    yield inert_markdown(tell.management(story))
    yield ""
    yield from (f"- {label}: {inert_markdown(text)}" for label, text in tell.about(story))
    yield ""


def _checks(story: Story) -> Iterator[str]:
    if not story.result.happened:
        return
    rows = [(c.held, check_label(c), c.reason) for c in story.result.checks]
    yield from _section("Checks", ("Held", "Check", "Why"), rows)


def _felt(story: Story) -> Iterator[str]:
    if story.result.rise is not None:
        yield from ("## Did the load go up?", "", inert_markdown(tell.rise_sentence(story)), "")
    if not story.result.faults:
        return
    yield "## Was the fault felt?"
    yield ""
    for fault in story.result.faults:
        answer = "Felt" if fault.evidence.felt else "No evidence"
        what = inert_markdown(f"{fault.kind} on {fault.on}: {fault.evidence.sentence}")
        yield f"- {answer}. {what}"
    yield ""
    for example in tell.examples(story):
        yield f"{example.when}, case {inert_markdown(example.case)}: " + inert_markdown(
            example.attempts
        )
        yield ""
        yield fenced(example.received)
        yield ""


def _rest(story: Story) -> Iterator[str]:
    yield from _response(story)
    if story.result.faults or story.result.response.steps:
        restored = ("Fault", "Armed (UTC)", "Gone (UTC)", "Put back by")
        yield from _section("Restore", restored, tell.restored(story))
        yield from (inert_markdown(tell.restore_sentence(story)), "")
        changed = tell.components(story)
        yield from _section(
            "What was changed, and what is there now", tell.COMPONENT_HEADS, changed
        )
        yield from _section("Blast radius", ("", "Planned at most", "Actual"), tell.radius(story))
    yield from _section("What it cost", tell.COST_HEADS, tell.costs(story))
    yield from _section("Would it have paged?", tell.BUDGET_HEADS, tell.budgets(story))
    yield from _section("Burn-rate alerts", tell.PAGE_HEADS, tell.pages(story))
    heads = tell.READING_HEADS
    yield from _section("What other systems measured", heads, tell.readings(story))
    yield from _past(story)
    yield from _section("Findings", FINDING_HEADS, tell.findings(story))
    if story.drawn.samples:
        yield from _section("Each window in numbers", tell.WINDOW_HEADS, tell.windows(story))
        yield from ((inert_markdown(tell.hung_up(story)), "") if story.result.hung_up else ())
        yield from (inert_markdown(tell.kept_up(story)), "")
    yield from ("## What this run does not show", "")
    yield from (f"- {inert_markdown(limit)}" for limit in tell.limits(story))
    yield ""
    yield from _section("Timeline", tell.TIMELINE_HEADS, tell.timeline(story))
    yield from _section("Plan and versions", ("What", "Value"), tell.origins(story))
    step = next_step(story.result)
    yield from ([f"Next: {inert_markdown(step)}", ""] if step else [])
    yield from ("Judge it again from what is stored:", "")
    yield fenced(f"gameday judge {inert_line(story.result.run_id)}")


def _response(story: Story) -> Iterator[str]:
    rows = [row[1:] for row in tell.clock(story)]
    yield from _section("The response", tell.clock_heads(story)[1:], rows)
    if story.result.summary:
        yield from (inert_markdown(story.result.summary), "")
    if played := tell.play_sentence(story):
        yield from (inert_markdown(played), "")
    yield from _section("What the runbook asked and did", tell.PLAY_HEADS, tell.play(story))
    plans = "What each plan would put back, in what order, and why"
    yield from _section(plans, tell.REVERT_HEADS, tell.reverts(story))
    yield from _section("What the response set", tell.STEP_HEADS, tell.steps(story))


def _past(story: Story) -> Iterator[str]:
    if story.past is None:
        return
    yield from ("## History of this drill", "", inert_markdown(past.past_sentence(story.past)), "")
    yield from (f"- {inert_markdown(one)}" for one in story.past.worse)
    yield from ("",) if story.past.worse else ()
    yield from _section("The last runs", past.RUN_HEADS, past.run_rows(story.past))
    yield from _section("Trends", past.TREND_HEADS, past.trend_rows(story.past))


def _section(title: str, heads: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Write a heading and a table; nothing at all where there is no row."""
    body = [f"| {' | '.join(inert_markdown(cell) for cell in row)} |" for row in rows]
    if body:
        yield from (f"## {title}", "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|")
        yield from (*body, "")
