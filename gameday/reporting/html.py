"""Renders the report as one HTML file that loads nothing and runs nothing."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gameday.reporting import past
from gameday.reporting import story as tell
from gameday.reporting import wording as say
from gameday.reporting.chart import Chart, make_chart
from gameday.reporting.findings import FINDING_HEADS
from gameday.reporting.inert import inert
from gameday.reporting.story import Story
from gameday.reporting.terminal import next_step, split_headline

WIDTH_WIDE, WIDTH_NARROW = 976, 340


def render_html(story: Story) -> str:
    """Render the whole report; the same story gives the same bytes."""
    return environment().get_template("report.html.j2").render(_context(story))


def _context(story: Story) -> dict[str, Any]:
    headline, more = split_headline(story.result)
    return {
        "result": story.result,
        "headline": headline,
        "more": more,
        "next_step": next_step(story.result),
        "preflight": story.drawn.record.preflight,
        "about": tell.about(story),
        "management": tell.management(story),
        "chart_wide": _chart(story, WIDTH_WIDE),
        "chart_narrow": _chart(story, WIDTH_NARROW),
        "picture_rows": _picture_rows(story),
        "rise_sentence": tell.rise_sentence(story),
        "examples": tell.examples(story),
        "zero_words": story.drawn.zero_words,
        "clock": tell.clock(story),
        "clock_heads": tell.clock_heads(story),
        "clock_numbers": tuple(range(3, len(tell.clock_heads(story)))),
        "play": tell.play(story),
        "play_heads": tell.PLAY_HEADS,
        "play_sentence": tell.play_sentence(story),
        "reverts": tell.reverts(story),
        "revert_heads": tell.REVERT_HEADS,
        "steps": tell.steps(story),
        "step_heads": tell.STEP_HEADS,
        "restored": tell.restored(story),
        "components": tell.components(story),
        "component_heads": tell.COMPONENT_HEADS,
        "restore_sentence": tell.restore_sentence(story),
        "costs": tell.costs(story),
        "cost_heads": tell.COST_HEADS,
        "budgets": tell.budgets(story),
        "budget_heads": tell.BUDGET_HEADS,
        "readings": tell.readings(story),
        "reading_heads": tell.READING_HEADS,
        "pages": tell.pages(story),
        "page_heads": tell.PAGE_HEADS,
        "radius": tell.radius(story),
        "findings": tell.findings(story),
        "finding_heads": FINDING_HEADS,
        "past": story.past,
        "past_sentence": story.past and past.past_sentence(story.past),
        "past_runs": past.run_rows(story.past) if story.past else [],
        "past_run_heads": past.RUN_HEADS,
        "past_trends": past.trend_rows(story.past) if story.past else [],
        "past_trend_heads": past.TREND_HEADS,
        "windows": tell.windows(story) if story.drawn.samples else [],
        "hung_up": tell.hung_up(story),
        "kept_up": tell.kept_up(story),
        "window_heads": tell.WINDOW_HEADS,
        "timeline_heads": tell.TIMELINE_HEADS,
        "limits": list(tell.limits(story)),
        "timeline": tell.timeline(story),
        "origins": tell.origins(story),
    }


def _chart(story: Story, width: float) -> Chart | None:
    return make_chart(story.drawn, width) if story.drawn.samples else None


def _picture_rows(story: Story) -> list[tell.Row]:
    return [
        (
            f"{bucket.start_s + story.drawn.first_s:+.1f} s",
            bucket.phase,
            f"{bucket.requests:,}",
            f"{bucket.failed:,}",
            *(say.milliseconds(bucket.latency_ms(quantile)) for quantile in (0, 0.5, 0.95, 1)),
            say.NONE if bucket.quality is None else f"{bucket.quality:.2f}",
            ", ".join(
                f"{'unknown' if who == '?' else who} {n}" for who, n in bucket.served_by.items()
            ),
        )
        for bucket in story.drawn.buckets
    ]


def environment() -> Environment:
    """Of the templates here; every text that they print is made inert."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_without_active_characters,
        keep_trailing_newline=True,
        trim_blocks=False,
    )
    made.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    return made


def _without_active_characters(value: Any) -> Any:
    """Every text that a template prints passes here, so that none can be forgotten."""
    return inert(value) if isinstance(value, str) and not isinstance(value, Markup) else value
