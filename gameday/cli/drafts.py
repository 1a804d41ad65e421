"""The first files of a system that nobody has described yet, as text with comments."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from gameday.domain.environment import is_production
from gameday.domain.gate_config import DialectName
from gameday.twin.listeners import Endpoint

SUITE = "first-questions"
ADMIN_PORT, FIRST_PORT = 8471, 8481
_NAMES = ("primary", "secondary")  # as the shipped drills call the first two
_USUAL: dict[DialectName, str] = {
    "openai": "https://api.openai.com",
    "anthropic": "https://api.anthropic.com",
    "azure_openai": "https://NAME.openai.azure.com",
}


@dataclass(frozen=True)
class DraftProvider:
    """One provider, and the gate's listener before it, which has its name."""

    name: str
    about: str  # what it is called elsewhere
    dialect: DialectName
    upstream: str


@dataclass(frozen=True)
class Draft:
    """What is known of the system."""

    name: str
    environment: str
    base: str  # the front door's URL
    path: str  # below it, where it is asked by a template
    found: str  # what was seen there, in one sentence
    dialect: str
    model: str
    key: str  # a reference, '' for none
    served_by_header: str
    providers: tuple[DraftProvider, ...]
    left_out: tuple[str, ...] = ()  # providers that the gate cannot speak to

    def files(self) -> dict[str, str]:
        """By their paths below the folder that they go into."""
        return {
            "gameday.yaml": _target(self),
            "policy.yaml": _policy(self),
            "gate.yaml": _gate(self),
            "suite.yaml": _SUITE,
            "drills/first-drill.yaml": _drill(self),
        }


def draft_providers(endpoints: Sequence[Endpoint]) -> tuple[list[DraftProvider], list[str]]:
    """One for each place that is asked, and the labels of those that the gate cannot stand for."""
    made: dict[tuple[str, str], DraftProvider] = {}
    left_out = []
    for endpoint in endpoints:
        url = (None if endpoint.is_variable else endpoint.url) or endpoint.usual_url
        dialect = next((known for known in _USUAL if known == endpoint.dialect), None)
        if dialect is None:
            left_out.append(endpoint.label)
            continue
        upstream = _origin(url) if url else _USUAL[dialect]
        if (dialect, upstream) not in made:
            name = _free_name([one.name for one in made.values()], endpoint)
            made[dialect, upstream] = DraftProvider(name, endpoint.label, dialect, upstream)
    return list(made.values()), left_out


def _free_name(taken: Sequence[str], endpoint: Endpoint) -> str:
    if len(taken) < len(_NAMES):
        return _NAMES[len(taken)]
    name = wanted = slug(endpoint.names[0])
    number = 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def slug(text: str) -> str:
    """`text` as a name in our files."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40] or "provider"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    # Without the part before @, which may hold a password.
    return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")


def _q(text: str) -> str:
    """Quoted: JSON's strings are YAML's."""
    # But for one character, which YAML wants to be escaped.
    return json.dumps(text).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    """On one line, whatever a file or a server had in it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _target(draft: Draft) -> str:
    lines = [
        f"# {_comment(draft.found)}",
        f"target: {_q(draft.name)}",
        "environments:",
        f"  {_q(draft.environment)}:",
        '    injector: "http://127.0.0.1:8470"     # gameday up starts it there',
        f"    front_door: {_q(draft.base)}",
        "  # One whose name says production, prod or live needs a second person for each drill,",
        "  # and should be a twin: gameday twin, docs/your-system.md",
        *_front_door(draft),
        "synthetic:                # what every request of a drill carries, to be told apart by",
        "  tenant: gameday         # in x-gameday-tenant, or where `headers:` or `body:` puts it",
        "  tags: [synthetic]",
        "  tools: sandbox          # tools that act on the world must heed x-gameday-tools",
        "providers:                # served_by must call them so",
        *(line for one in draft.providers for line in _provider(one)),
        *(f"  # left out, as the gate speaks none of its dialects: {_comment(label)}"
          for label in draft.left_out),
        *_SECOND * (len(draft.providers) == 1),
        "slos:                     # what your users may expect; drills judge by these",
        "  availability: {at_least: 0.95}",
        "  latency_p95: {at_most: 10s}",
        "suite: suite.yaml",
        "# prices:                 # US dollars per million tokens, by the model in the answers",
        "#   some-model: {input_usd_per_mtok: 0.40, output_usd_per_mtok: 1.60}",
        "# isolation:              # where to look for them: gameday doctor --isolation",
        "#   mutating_tools: []    # tools that act on the world; [] says that there is none",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


_SECOND = [
    "  # secondary: {dialect: anthropic, gate: secondary}   # who answers when primary does not",
]


def _front_door(draft: Draft) -> list[str]:
    lines = ["front_door:", f"  dialect: {draft.dialect}"]
    if draft.dialect == "template":
        lines += [_TEMPLATE[0], f"    path: {_q(draft.path or '/')}"]
        lines += ['    headers: {authorization: "Bearer {{key}}"}'] if draft.key else []
        lines += _TEMPLATE[1:]
    else:
        lines.append(f"  model: {_q(draft.model)}")
    if draft.key:
        lines.append(f"  key: {_q(draft.key)}")
    lines.append("  marker: {header: x-gameday}   # your system must hand it on to its providers")
    if draft.served_by_header and draft.dialect != "template":
        lines.append(f"  served_by_header: {draft.served_by_header}")
    lines.append("  timeout: 30s")
    return lines


_TEMPLATE = [
    "  request:                # how your front door is asked; correct what is wrong",
    '    json: {question: "{{question}}"}',
    "  answer:                 # where its answers say what",
    "    text: answer",
    "    served_by: {header: x-served-by}",
]


def _provider(one: DraftProvider) -> list[str]:
    return [
        f"  # {_comment(one.about)}",
        f"  {one.name}: {{dialect: {one.dialect}, gate: {one.name}}}",
    ]


def _policy(draft: Draft) -> str:
    # Nothing is broken in production without a second person.
    approvals = "    approvals: 1\n" if is_production(draft.environment) else ""
    return f"""\
# What may be broken, by whom, and for how long. The injector holds it; drills cannot change it.
policy: {_q(draft.name)}
allow:
  - target: {_q(draft.name)}
    environment: {_q(draft.environment)}
    on: "provider/*"
    kinds: ["*"]
    scopes: [marked]        # the drill's own requests alone; widen with: share, all
    lease_max: 60s
    deadline_max: 15m
{approvals}  # Production: a second person, a scope that reaches no user, and proof of isolation.
  # - {{target: {draft.name}, environment: production, on: "provider/*", kinds: [quota_exhausted],
  #    scopes: [marked], approvals: 1, isolation_within: 24h}}
respond:                  # what a runbook may change in an incident, where it stays
  - target: {_q(draft.name)}
    environment: {_q(draft.environment)}
    on: "*"
    kinds: ["*"]
    approvals: 1          # people beside who asks; 0 lets it run unattended
    per_hour: 6
    changes_max: 3        # components that one run may change
"""


def _gate(draft: Draft) -> str:
    listeners = [
        f'  {one.name}: {{listen: "127.0.0.1:{FIRST_PORT + number}", '
        f"upstream: {_q(one.upstream)}, dialect: {one.dialect}}}"
        for number, one in enumerate(draft.providers)
    ]
    return "\n".join([
        "# The gate stands between your system and its providers: let each base URL name `listen`.",
        f"gate: {_q(draft.environment)}",
        f'admin: "127.0.0.1:{ADMIN_PORT}"',
        "token: file:gate.token    # beside this file; for the injector alone",
        "listeners:",
        *listeners,
    ]) + "\n"  # fmt: skip


_SUITE = f"""\
# Put your own questions here, and what a right answer holds: docs/drills.md. Three are enough to
# begin with; to judge quality it takes a few dozen.
suite: {SUITE}
cases:
  - case: says-a-word
    question: "Please answer with the one word: ready"
    scorers: [{{kind: regex, pattern: "(?i)ready"}}]
  - case: adds
    question: "How much is 17 plus 25? Please answer with the number alone."
    scorers: [{{kind: contains, any: ["42"]}}]
  - case: knows-a-capital
    question: "Which city is the capital of France?"
    scorers: [{{kind: contains, any: ["Paris"]}}]
"""


def _drill(draft: Draft) -> str:
    first = draft.providers[0].name
    second = draft.providers[1].name if len(draft.providers) > 1 else ""
    hypothesis = (
        f"When {first}'s credit is used up, {second} answers within 5 s."
        if second
        else f"When {first}'s credit is used up, users are still answered."
    )
    fallback = f"  - {{kind: fallback, to: {second}, within: 5s}}\n" if second else ""
    return f"""\
# Gentle on purpose: two requests a second, and only these are refused.
drill: first-drill
title: The credit at {first} is used up, for the drill's own requests
hypothesis: {hypothesis}
target: {_q(draft.name)}
load: {{rate: 2/s, suite: {SUITE}, stream: false}}
windows:
  baseline: 20s
  faulted: 30s
  recovered: {{until: all_good, at_most: 60s, good_in_a_row: 5}}
faults:
  - kind: quota_exhausted
    on: provider/{first}
    scope: marked
    reason: credit
checks:
  - {{kind: slo, name: availability}}
{fallback}  - {{kind: recovered_within, objective: 30s}}
"""
