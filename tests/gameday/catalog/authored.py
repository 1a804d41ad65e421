"""A drill, target, policy and suite as people write them, for tests to spoil."""

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


def spoil(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} must be there once"
    return text.replace(old, new)


def written(folder: Path, text: str, name: str = "a.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path
