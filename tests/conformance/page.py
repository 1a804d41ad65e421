"""Writes docs/faults.md from the fault files and the table of expectations.

python -m tests.conformance.page
"""

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from gameday.catalog.kinds import faults
from gameday.domain.drill import Scope
from gameday.domain.fault import Fault
from gameday.domain.quantities import Seconds, write_duration
from gameday.domain.shift import INPUTS_PORT
from gameday.faults._component import ComponentFault
from gameday.faults._gate import GateFault
from gameday.faults._service import ServiceFault
from tests.conformance.expected import NEVER, OWN, TOKENS, WORDS, Case, Expect, cases

PAGE = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
PARTS = ("On the wire", "In reports", "Source")  # of a fault's docstring, in this order

_COLUMNS = {"openai": "`openai.OpenAI`", "azure_openai": "`openai.AzureOpenAI`",
            "anthropic": "`anthropic.Anthropic`"}  # fmt: skip
_DURATION = TypeAdapter(Seconds).json_schema()["pattern"]
_ISSUE = re.compile(r"\b([A-Za-z0-9][\w.-]*/[\w.-]+)#(\d+)")
SHARED = {
    "share": "how large a part of the matching requests is touched; counted, not drawn: of each "
    "hundred the same number",
    "later": "further shares, each from some time after the fault was armed; whoever is in the "
    "share stays in it",
    "sticky_by": "who stays in the share once in it: those of one `key`, `header:NAME` or "
    "`body:FIELD`",
    "routes": "only these paths; `*` stands for anything",
    "models": "only these models; `*` stands for anything",
    "hits_max": "after so many it touches nothing more, although it is still armed",
    "ramp": "the share grows from nothing during so long",
    "duration": "after so long it touches nothing more, although it is still armed",
    "seed": "what is drawn by chance is drawn alike for the same seed",
}

_HEAD = """\
# Faults

Every fault that a drill can name, from the files in `gameday/faults/`, and what the official client
libraries make of those of the HTTP gate. This page is generated
(`python -m tests.conformance.page`), and a test fails when it is out of date.

A fault must be felt, else the run is inconclusive. For one of the gate's that takes two: the gate
counts the answers that it changed, and the client's samples must show it. *In reports* says what
they are searched for.
"""

_CONNECTION = """\
## At connection level

These are Toxiproxy's. They reach all traffic on the way to a provider, whatever its dialect.
"""

_COMPONENTS = """\
## Of what a system is made of

These edit a [component](components.md) of the target by its own store's means, from what was read
there, and put that back: compare and set both ways, so that what others change meanwhile is never
destroyed. Everybody who is served from the store meets them
([changed-inputs.md](changed-inputs.md)).
"""

_INPUTS = """\
## Of what is asked

These touch nothing of the system: the drill's own load asks other things than it did. The injector
holds them under a lease like any other, and the load goes back to its usual questions when that
is over, or when nobody can tell ([changed-inputs.md](changed-inputs.md)).
"""

_GATE = """\
## In the HTTP gate

These speak the provider's dialect: OpenAI, Azure OpenAI or Anthropic. They need the [gate](gate.md)
on the way, and reach all traffic, a share of it, or a drill's own requests.

Beside its own settings each takes these:

{shared}

The tables say what the official libraries make of each fault, with their defaults otherwise:
{versions}. Each row was tried with each library, against a real gate in front of a provider that
answers with {words} words. How to read them:

- *nothing raised* means that the caller gets no exception. What came instead is said: **a caller
  that looks for exceptions alone takes it for a good answer.**
- *asks again after* is the wait that the client computed for its first retry. *Its own time* is
  0.375 to 0.5 s, which it takes where the answer tells it none.
- OpenAI's client wraps what its transport raises in the middle of a stream, Anthropic's does not:
  catch `httpx2.TransportError` too. Neither asks again once a stream has begun.
- OpenAI's client gives up at once when it is told to wait longer than two minutes. Anthropic's
  waits for a day if it is told to.
- *refused* means that the gate does not arm it there: that provider has no such condition.
"""


_SERVICE = """\
## In the HTTP gate, before tools and verifiers

These speak no provider's dialect: their listener of the [gate](gate.md) says `dialect: none`. They
reach all calls, or a share of them, and take the same settings as the others of the gate but
`models`. Whose calls were touched is told by the ids of requests, so let `x-request-id` or the
drill's mark through to the tool.
"""


def page() -> str:
    """The whole page."""
    kinds = faults.kinds()
    of_gate = [(kind, fault) for kind, fault in kinds if issubclass(fault, GateFault)]
    at_gate = [(kind, fault) for kind, fault in of_gate if not issubclass(fault, ServiceFault)]
    of_services = [(kind, fault) for kind, fault in of_gate if issubclass(fault, ServiceFault)]
    edits = [(kind, fault) for kind, fault in kinds if issubclass(fault, ComponentFault)]
    others = [one for one in kinds if one not in of_gate and one not in edits]
    versions = " and ".join(f"{name} {version(name)}" for name in ("openai", "anthropic"))
    head = _GATE.format(shared=_shared_settings(), versions=versions, words=WORDS)
    sections = [
        _HEAD,
        _CONNECTION,
        *(_section("###", kind, fault) for kind, fault in others if fault.port == "toxiproxy"),
        _COMPONENTS,
        *(_section("###", kind, fault) for kind, fault in edits),
        _INPUTS,
        *(_section("###", kind, fault) for kind, fault in others if fault.port == INPUTS_PORT),
        head,
        *(_section("###", kind, fault) for kind, fault in at_gate),
        _SERVICE,
        *(_section("###", kind, fault) for kind, fault in of_services),
    ]
    return "\n".join(sections)


def paragraphs(fault: type[Fault]) -> dict[str, str]:
    """The parts of a fault's docstring, each as one line; what has no label comes under ''."""
    _, _, rest = (inspect.getdoc(fault) or "").partition("\n")
    found: dict[str, str] = {}
    for paragraph in rest.strip().split("\n\n"):
        text = " ".join(paragraph.split())
        label = next((part for part in PARTS if re.match(rf"{part}\b[^:]*:", text)), "")
        found[label] = f"{found[label]} {text}" if label in found else text
    return found


# --- one fault ----------------------------------------------------------------------------------


def _section(level: str, kind: str, fault: type[Fault]) -> str:
    return "\n\n".join(part for part in _parts(level, kind, fault) if part) + "\n"


def _parts(level: str, kind: str, fault: type[Fault]) -> Iterator[str]:
    yield f"{level} `{kind}`"
    yield faults.summary(kind)
    for label, text in paragraphs(fault).items():
        yield _linked(f"**{label}**{text.removeprefix(label)}" if label else text)
    scopes = ", ".join(f"`{scope}`" for scope in Scope if scope in fault.scopes)
    yield f"**Evidence**: {fault.evidence}. **Scopes**: {scopes}."
    yield _own_settings(fault)
    yield _conformance(kind)


def _linked(text: str) -> str:
    return _ISSUE.sub(r"[\1#\2](https://github.com/\1/issues/\2)", text)


def _own_settings(fault: type[Fault]) -> str:
    schema = fault.model_json_schema()
    own = {
        name: setting
        for name, setting in schema.get("properties", {}).items()
        if not (issubclass(fault, GateFault) and name in SHARED)
    }
    if not own:
        return ""
    rows = [
        (f"`{name}`", _values(setting, schema), _default(name, setting, schema))
        for name, setting in own.items()
    ]
    return _table(("setting", "values", "unless said"), rows)


def _shared_settings() -> str:
    schema = GateFault.model_json_schema()
    return _table(
        ("setting", "values", "unless said", "what it says"),
        [
            (
                f"`{name}`",
                _values(schema["properties"][name], schema),
                _default(name, schema["properties"][name], schema),
                text,
            )
            for name, text in SHARED.items()
        ],
    )


def _values(setting: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "$ref" in setting:
        return _values(schema["$defs"][setting["$ref"].rsplit("/", 1)[1]], schema)
    if "anyOf" in setting and "examples" in setting:
        return f"a value such as `{_yaml(setting['examples'][0])}`"
    if "anyOf" in setting:
        return _values(setting["anyOf"][0], schema)
    if "enum" in setting:
        return ", ".join(f"`{value}`" for value in setting["enum"])
    if setting["type"] in ("integer", "number"):
        return _bounds(setting)
    if setting["type"] == "boolean":
        return "`true`, `false`"
    if setting["type"] == "array" and "examples" in setting:
        return f"a list such as `{_yaml(setting['examples'][0])}`"
    if setting["type"] == "array":
        return f"a list such as `[{setting['items']['examples'][0]}]`"
    if setting["type"] == "object":
        return f"a mapping such as `{_yaml(setting['examples'][0])}`"
    what = "a duration" if setting.get("pattern") == _DURATION else "text"
    return f"{what} such as `{setting['examples'][0]}`"


def _yaml(value: Any) -> str:
    """A value in one line, as a drill file has it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_yaml(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    return str(value)


def _bounds(setting: Mapping[str, Any]) -> str:
    least = f"{setting['minimum']:,}" if "minimum" in setting else ""
    least = least or f"above {setting['exclusiveMinimum']:,}"
    most = f"to {setting['maximum']:,}" if "maximum" in setting else ""
    return f"{least} {most or 'to below ' + format(setting['exclusiveMaximum'], ',')}"


def _default(name: str, setting: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if name in schema.get("required", ()):
        return "required"
    default = setting.get("default")
    if isinstance(default, float) and setting.get("pattern") == _DURATION:
        default = write_duration(default)
    if isinstance(default, bool):
        default = str(default).lower()
    return f"`{default}`" if default not in (None, [], {}) else "none"


# --- what the clients make of it ----------------------------------------------------------------


def _conformance(kind: str) -> str:
    own = [case for case in cases() if case.fault == kind]
    if not own:
        return ""
    rows = [
        (_settings(case), asked, *(_cell(case, case.expect[name]) for name in _COLUMNS))
        for case, asked in _merged(own)
    ]
    return _table(("settings", "asked for", *_COLUMNS.values()), rows)


def _merged(own: list[Case]) -> Iterator[tuple[Case, str]]:
    """Cases that a stream makes no difference to are one row."""
    seen: set[str] = set()
    for case in own:
        key = case.name.removesuffix("-stream")
        twins = [other for other in own if other.name.removesuffix("-stream") == key]
        if len(twins) == 2 and twins[0].expect == twins[1].expect:
            if key not in seen:
                yield case, "either"
            seen.add(key)
        else:
            yield case, "a stream" if case.stream else "a whole answer"


def _settings(case: Case) -> str:
    said = [f"`{name}: {value}`" for name, value in case.settings.items()]
    if case.timeout_s < Case.timeout_s:
        said.append(f"client's timeout {case.timeout_s:g} s")
    if case.first_pass:
        said.append(f"call {case.first_pass + 1}")
    return ", ".join(said) or "as they are"


def _cell(case: Case, expect: Expect) -> str:
    if expect.refused:
        return "*refused*"
    if not expect.raises:
        return f"*nothing raised*: {_what_came(case, expect)}"
    status = f" ({expect.status})" if expect.status else ""
    said = f" `{expect.said}`" if expect.said else ""
    after = f" after {expect.words} words" if expect.words else ""
    return f"`{expect.raises}`{status}{said}{after}; {_wait(expect)}"


def _wait(expect: Expect) -> str:
    if expect.wait == NEVER:
        return "does not ask again"
    if expect.wait == OWN:
        return "asks again after its own time"
    most = "at most " if expect.wait_may_lack_s else ""
    return f"asks again after {most}{expect.wait:,g} s"


def _what_came(case: Case, expect: Expect) -> str:
    if expect.returned == "text":
        return "the page as a string, in an answer's place"
    if expect.returned == "no choices":
        return "an answer without choices"
    if expect.refusal:
        return f"words in `refusal` alone, finish reason `{expect.finish}`"
    finish = f"finish reason `{expect.finish}`" if expect.finish else "**no finish reason**"
    if expect.other_text:
        return f"other words, {finish}"
    if expect.words < WORDS:
        return f"{expect.words or 'no'} words, {finish}"
    if expect.tokens != TOKENS:
        return f"the whole answer, {expect.tokens} tokens reported in place of {TOKENS}"
    if case.until_cleared:
        return "the whole answer, once the fault is cleared"
    late = f", {case.takes_s_min:g} s late" if case.takes_s_min else ""
    return f"the whole answer{late}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(head)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page())
