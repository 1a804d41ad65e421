"""The last lines of a run on a terminal."""

import re

from gameday.domain.result import CheckResult, Result
from gameday.domain.verdict import Held, Verdict
from gameday.reporting.inert import inert_line


def verdict_lines(result: Result) -> list[str]:
    """Verdict, a line for each check, and where to go from here; plain text without colour."""
    lines = [f"{result.verdict.upper()}   {headline(result)}", ""]
    if result.happened:
        lines += [*_check_lines(result.checks), *_hung_up_lines(result), ""]
    if result.summary:
        lines += [f"  {inert_line(result.summary)}", ""]
    return [*lines, *_next_lines(result)]


def headline(result: Result) -> str:
    """Say the one sentence that a reader who stops here should have read."""
    passed = result.verdict is Verdict.PASSED
    sentence = inert_line(result.hypothesis if passed else result.reason)
    sentence = sentence[:1].upper() + sentence[1:]
    return sentence if sentence.endswith((".", "!", "?")) else sentence + "."


def split_headline(result: Result) -> tuple[str, str]:
    """Take the headline apart into its first sentence and the others."""
    first, *others = re.split(r"(?<=[.!?]) (?=[A-Z])", headline(result), maxsplit=1)
    return first, "".join(others)


def _check_lines(checks: tuple[CheckResult, ...]) -> list[str]:
    held = max(len(check.held) for check in checks)
    label = max(len(check_label(check)) for check in checks)
    return [
        f"  {check.held:<{held}}  {check_label(check):<{label}}  {inert_line(check.reason)}"
        for check in checks
    ]


def _hung_up_lines(result: Result) -> list[str]:
    if not result.hung_up:
        return []
    return ["", f"  {result.hung_up:,} clients hung up early, as the drill told them to"]


def check_label(check: CheckResult) -> str:
    return inert_line(f"{check.kind} {check.name}".strip())


def _next_lines(result: Result) -> list[str]:
    again = f"gameday judge {result.run_id}"
    share = f"gameday report {result.run_id} --open"
    lines = [f"  report   {result.artifacts.html}"]
    if result.artifacts.bundle:
        lines.append(f"  bundle   {result.artifacts.bundle}, signed")
    step = next_step(result)
    if step:
        return [*lines, f"  next     {step}"]
    return [*lines, f"  again    {again}", f"  share    {share}"]


def next_step(result: Result) -> str:
    """Say what to do now, with a command to paste; empty when all is well."""
    lab = " --lab" if result.environment == "lab" else ""
    run = f"gameday run {result.drill}{lab}"
    failed = next((check for check in result.checks if check.held is Held.NO), None)
    match result.verdict:
        case Verdict.PASSED:
            return ""
        case Verdict.DIRTY:
            return f"gameday sweep, then look at {result.target} before anything else"
        case Verdict.FAILED if failed is not None:
            return f"mend what {check_label(failed)} says no to, then  {run}"
        case _:
            return f"see to the reason above, then  {run}"
