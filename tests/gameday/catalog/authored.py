"""A drill, target, policy, suite and game day as people write them, for tests to spoil."""

from pathlib import Path

DRILL = """\
drill: provider-outage
title: The primary provider goes dark
hypothesis: Secondary answers within 2 s.
target: lab
load: {rate: 20/s, suite: support}
windows:
  baseline: 20s
  faulted: 30s
  recovered: {until: all_good, at_most: 90s}
faults:
  - kind: connection_refused
    on: provider/primary
checks:
  - {kind: fallback, to: secondary, within: 2s}
  - {kind: slo, name: availability}
"""
TARGET = """\
target: lab
environments:
  lab: {injector: "http://127.0.0.1:8470", front_door: "http://127.0.0.1:8480/v1"}
front_door: {key: "env:LAB_KEY", timeout: 20s}
providers:
  primary: {dialect: openai, toxiproxy: primary}
  secondary: {dialect: anthropic}
slos:
  availability: {at_least: 0.995}
  latency_p95: {at_most: 1s}
suite: suite.yaml
prices:
  heron-4: {input_usd_per_mtok: 0.4, output_usd_per_mtok: 1.6}
"""
POLICY = """\
policy: practice
allow:
  - target: lab
    environment: lab
    on: provider/*
    kinds: [latency, "connection_*"]
    scopes: [all]
    lease_max: 60s
"""
SUITE = """\
suite: support
cases:
  - case: refund
    question: How long may I return it?
    scorers: [{kind: contains, any: [30 days]}]
  - case: price
    question: What does it cost?
    scorers:
      - {kind: regex, pattern: '\\d+ euros'}
      - {kind: excludes, any: [sorry]}
"""
GAME_DAY = """\
game_day: quarterly
title: The quarter's rehearsal
target: lab
people: {leads: ana, paged: [bo], approves: [cyd]}
preconditions: [No release is planned for today.]
drills:
  - {drill: provider-outage, pages: true, overrides: [windows.faulted=15s]}
  - {drill: noop, approval: true}
stop_on: [failed]
schedule:
  every: quarter
  on: first tuesday
  at: 10:00
  time_zone: Europe/Berlin
  grace_days: 7
  freezes: [{from: 2026-12-18, to: 2027-01-04, reason: year-end freeze}]
"""


def spoil(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} must be there once"
    return text.replace(old, new)


def written(folder: Path, text: str, name: str = "a.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


RUNBOOK = """\
runbook: model-regressed
title: The answers got worse behind the same name
purpose: Find out which component changed, and put it back.
inputs: {provider: {default: primary}}
play:
  - {name: qual, ask: envelope, margin: 0.1, within: 90s, answers: {inside: well, otherwise: what}}
  - {name: what, ask: ledger_diff, answers: {model: pin, prompt: prompt, otherwise: hand_over}}
  - {name: prompt, do: revert_prompt, on: component/prompt, to: v1, then: again}
  - name: pin
    do: pin_model
    on: component/model
    attempts: 2
    approvals: 1
    approve_within: 15m
    nobody: hand_over
    if_not: hand_over
    then: again
  - {name: again, ask: envelope, answers: {inside: well, otherwise: undo_all}}
  - name: hand_over
    do: ask_person
    question: "{{provider}} is worse. What now?"
    choices: {wait: settle, leave: end}
    nobody: settle
  - {name: settle, do: wait_until, question: {ask: slo, slo: availability}, is: [met], if_not: end}
  - {name: well, do: notify, say: All is well again}
"""
