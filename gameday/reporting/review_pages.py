"""The review as people read it: Markdown for a repository, one HTML file for everybody else."""

from collections.abc import Iterable, Iterator, Sequence

from gameday.domain.finding import Finding
from gameday.domain.review import Review
from gameday.reporting import wording as say
from gameday.reporting.html import environment
from gameday.reporting.inert import fenced, inert_line, inert_markdown

Row = tuple[str, ...]
TIMELINE_HEADS = ("Time (UTC)", "Layer", "By", "What")
LAYER_HEADS = ("Layer", "State", "What is known")
QUESTION_HEADS = ("Layer", "Question", "Raised by")
ACTION_HEADS = ("Action", "Owner", "Due", "State", "What")


def review_markdown(review: Review) -> str:
    """The same review gives the same bytes."""
    return "\n".join(_lines(review)).rstrip() + "\n"


def review_html(review: Review) -> str:
    """One file that loads nothing and runs nothing; the same review gives the same bytes."""
    return (
        environment()
        .get_template("review.html.j2")
        .render(
            review=review,
            about=about(review),
            timeline_heads=TIMELINE_HEADS,
            timeline=timeline(review),
            layer_heads=LAYER_HEADS,
            layers=layers(review),
            question_heads=QUESTION_HEADS,
            questions=questions(review),
            action_heads=ACTION_HEADS,
            actions=actions(review),
            to_act=to_act(review),
            next_steps=next_steps(review),
        )
    )


def about(review: Review) -> list[Row]:
    lasted = say.seconds((review.ended_at - review.began_at).total_seconds())
    incident = [("Incident", review.incident)] if review.incident else []
    return [
        (review.sort.capitalize(), f"{review.name} · {review.title}"),
        *incident,
        ("Target", f"{review.target} · {review.environment}"),
        ("When", f"{say.date_time(review.began_at)}, for {lasted}"),
        ("Run", review.run),
        ("Changes looked for since", say.date_time(review.since)),
    ]


def timeline(review: Review) -> list[Row]:
    """In the columns of TIMELINE_HEADS; a line of another day than the run says which."""
    day = review.began_at.date()
    return [
        (
            say.clock_time(one.at) if one.at.date() == day else say.date_time(one.at),
            one.layer,
            one.by or "nobody knows",
            one.what,
        )
        for one in review.timeline
    ]


def layers(review: Review) -> list[Row]:
    return [(one.layer, one.state, one.sentence) for one in review.layers]


def questions(review: Review) -> list[Row]:
    return [(one.layer, one.text, one.because) for one in review.questions]


def actions(review: Review) -> list[Row]:
    return [(one.id, one.owner, str(one.due), _state(one), one.what) for one in review.actions]


def to_act(review: Review) -> str:
    """What to do where nothing is to be done yet by anybody; '' where there is an action."""
    return "" if review.actions else "No action has an owner and a date yet."


def next_steps(review: Review) -> tuple[str, ...]:
    """Commands to paste."""
    return (
        f'gameday finding open {review.run} --what "…" --owner NAME --due YYYY-MM-DD',
        f"gameday drill-from {review.incident or review.run}",
        f"gameday explain {review.run}",
    )


def _state(action: Finding) -> str:
    return f"mended, shown by {action.retests[-1]}" if action.closed_at else "open"


def _lines(review: Review) -> Iterator[str]:
    what = f"{review.ended.upper()}: {inert_markdown(review.reason)}"
    yield from (f"# Review of {review.name}, run {review.run}", "", what, "")
    if review.summary:
        yield from (inert_markdown(review.summary), "")
    yield from (f"- {label}: {inert_markdown(text)}" for label, text in about(review))
    yield ""
    yield from _table("Timeline", TIMELINE_HEADS, timeline(review))
    yield from _table("What changed, layer by layer", LAYER_HEADS, layers(review))
    yield from _table("Contributing factors, as open questions", QUESTION_HEADS, questions(review))
    if review.actions:
        yield from _table("Actions", ACTION_HEADS, actions(review))
    else:
        yield from ("## Actions", "", to_act(review), "")
    yield from ("## Next", "")
    for command in next_steps(review):
        yield from (fenced(inert_line(command)), "")


def _table(title: str, heads: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    yield from (f"## {title}", "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|")
    for row in rows:
        yield f"| {' | '.join(inert_markdown(cell) for cell in row)} |"
    yield ""
