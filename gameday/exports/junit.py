"""The export `junit`: a run for whatever draws test results in a pipeline."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from gameday.domain.export import Export, JudgedRun
from gameday.domain.result import CheckResult, Result
from gameday.domain.verdict import Held, Verdict
from gameday.reporting.inert import inert_line
from gameday.reporting.terminal import check_label, next_step

# XML 1.0 has no way to write the others, escaped or not.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
THE_RUN = "the run itself"


class Junit(Export):
    """JUnit XML: one test case per check, and one for the run itself.

    A check that held is passed, a no is a failure, an unknown is an error; where nothing was done
    that checks could judge, each is skipped. The run itself is an error unless it passed or
    failed: a drill that was refused, aborted, not felt or left something behind rehearsed nothing
    that a green pipeline could rest on.
    """

    def render(self, run: JudgedRun) -> str:
        result = run.result
        named = zip(_names(result.checks), result.checks, strict=True)
        cases = [_run_case(result), *(_check_case(result, name, check) for name, check in named)]
        suite = ET.Element("testsuite", _counted(result, cases))
        properties = ET.SubElement(suite, "properties")
        for name, value in _properties(result):
            ET.SubElement(properties, "property", {"name": name, "value": _xml(value)})
        suite.extend(cases)
        root = ET.Element("testsuites")
        root.append(suite)
        ET.indent(root, " ")
        return "<?xml version='1.0' encoding='utf-8'?>\n" + ET.tostring(root, "unicode") + "\n"


def _counted(result: Result, cases: list[ET.Element]) -> dict[str, str]:
    def having(tag: str) -> str:
        return str(sum(case.find(tag) is not None for case in cases))

    return {
        "name": _xml(f"{result.drill} on {result.target}/{result.environment}"),
        "tests": str(len(cases)),
        "failures": having("failure"),
        "errors": having("error"),
        "skipped": having("skipped"),
        "time": f"{_seconds(result):.3f}",
        "timestamp": f"{result.started_at:%Y-%m-%dT%H:%M:%S}",
    }


def _properties(result: Result) -> list[tuple[str, str]]:
    return [
        ("gameday.run", result.run_id),
        ("gameday.verdict", result.verdict),
        ("gameday.plan_digest", result.plan_digest),
        ("gameday.requested_by", result.requested_by),
        ("gameday.approved_by", result.approved_by),
        ("gameday.report", result.artifacts.html),
    ]


def _run_case(result: Result) -> ET.Element:
    case = _case(result, THE_RUN, _seconds(result))
    if result.verdict not in {Verdict.PASSED, Verdict.FAILED}:
        _answer(case, "error", result.verdict, result.reason)
    step = next_step(result)
    if step:
        ET.SubElement(case, "system-out").text = _xml(f"next: {step}")
    return case


def _names(checks: Iterable[CheckResult]) -> Iterator[str]:
    """Each its own: of two cases of one name, most readers keep one."""
    seen: Counter[str] = Counter()
    for check in checks:
        label = check_label(check)
        seen[label] += 1
        yield label if seen[label] == 1 else f"{label} ({seen[label]})"


def _check_case(result: Result, name: str, check: CheckResult) -> ET.Element:
    case = _case(result, name, 0.0)
    if not result.happened:
        ET.SubElement(case, "skipped", {"message": _xml(result.reason)})
    elif check.held is not Held.YES:
        word = "failure" if check.held is Held.NO else "error"
        _answer(case, word, check.held, check.reason)
    else:
        ET.SubElement(case, "system-out").text = _xml(check.reason)
    return case


def _case(result: Result, name: str, seconds: float) -> ET.Element:
    where = f"gameday.{result.target}.{result.environment}.{result.drill}"
    return ET.Element(
        "testcase", {"classname": _xml(where), "name": _xml(name), "time": f"{seconds:.3f}"}
    )


def _answer(case: ET.Element, tag: str, kind: str, reason: str) -> None:
    answer = ET.SubElement(case, tag, {"type": kind, "message": _xml(reason)})
    answer.text = _xml(reason)


def _seconds(result: Result) -> float:
    return (result.ended_at - result.started_at).total_seconds()


def _xml(text: str) -> str:
    return _NOT_XML.sub("", inert_line(text))
