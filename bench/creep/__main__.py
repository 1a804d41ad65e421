"""`python -m bench.creep`: how many drifts are found, how soon, and how many alarms are false."""

import random
import sys
from statistics import median
from typing import Any

from bench import cores, machine
from bench.command import Benchmark, main, say
from bench.creep.courses import CALM, DRIFTING, QUARTERLY, Course
from bench.creep.looks import Look, first_alarm, ours, t_test
from bench.creep.report import markdown, table
from bench.goals import Figures, Goal, judged
from gameday.domain.creep import ALPHA, LOOK_WEEKS, POWER, SPAN_WEEKS

FULL, QUICK = 400, 12  # made-up systems of each kind
LOOKS: dict[str, Look] = {"ours": ours, "t_test": t_test}
GOALS = (
    Goal("found", at_least=POWER, figure=("drifting", "ours_alarms")),
    Goal("found_one_outlier", at_least=POWER, figure=("drifting_one_outlier", "ours_alarms")),
    Goal("false_alarms", at_most=ALPHA, figure=("calm", "ours_alarms")),
    Goal("false_alarms_one_outlier", at_most=ALPHA, figure=("calm_one_outlier", "ours_alarms")),
    Goal("false_alarms_resembling", at_most=ALPHA, figure=("calm_resembling_0.3", "ours_alarms")),
    Goal("steady_and_drifting", at_most=1 - POWER, figure=("drifting", "ours_steady_max")),
    Goal("quarterly_is_unknown", exactly=1, figure=("quarterly_drifting", "ours_unknown")),
)


def run(quick: bool, alone: bool) -> Figures:  # noqa: ARG001 - its peer needs no installing
    """The whole document."""
    here, systems = machine.describe(cores.choose()), QUICK if quick else FULL
    figures: Figures = {"systems": systems}
    for course in (*CALM, *DRIFTING, QUARTERLY):
        say(f"{course.name}: {systems} systems")
        figures[course.name] = _measured(course, systems)
    return {
        "quick": quick,
        "ratios": {},
        "goals": judged(figures, {}, GOALS),
        "figures": figures,
        "peers": {},
        "machine": here,
    }


def _measured(course: Course, systems: int) -> dict[str, Any]:
    """The same systems for both ways to look."""
    chance = random.Random(course.name)  # noqa: S311 - the same systems each time
    drawn = [course.draw(chance) for _ in range(systems)]
    found: dict[str, Any] = {}
    for name, look in LOOKS.items():
        weeks = [week for one in drawn if (week := first_alarm(look, one)) is not None]
        found[f"{name}_alarms"] = round(len(weeks) / systems, 4)
        found[f"{name}_week_median"] = median(weeks) if weeks else None
    said = [[ours(one, weeks) for one in drawn] for weeks in range(8, SPAN_WEEKS, 3 * LOOK_WEEKS)]
    found["ours_steady_max"] = round(max(one.count("steady") for one in said) / systems, 4)
    found["ours_unknown"] = round(said[-1].count("unknown") / systems, 4)
    return found


if __name__ == "__main__":
    about = "Measure how many slow drifts are found among noise, and how many alarms are false."
    sys.exit(main(Benchmark("creep", about, run, table, markdown)))
