"""A policy's people: who they are, and where a file that names them is wrong."""

import pytest

from gameday.catalog.files import load_policy
from gameday.domain.errors import FileError
from gameday.domain.people import Person, name_shown, why_not_apart
from tests.gameday.identity.known import key_of

PEOPLE = """\
policy: tests
proofs:
  okta: {kind: oidc, issuer: https://login.example, audience: gameday, keys: jwks.json}
  slack: {kind: slack, secret: env:SLACK_SECRET, team: T012AB3CD}
people:
  dana: {roles: [start, approve], known_by: {okta: "email:dana@example.com", slack: U012AB3CD}}
"""


def loaded(tmp_path, text):
    file = tmp_path / "policy.yaml"
    file.write_text(text)
    return load_policy(file)


def test_people_and_how_they_are_known(tmp_path):
    dana = loaded(tmp_path, PEOPLE).people["dana"]
    assert dana.known_by == {"okta": "email:dana@example.com", "slack": "U012AB3CD"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("slack: U012AB3CD", "slack: dana", r"policy.yaml:6:\d+ .*expected a user's id"),
        ("slack: U012AB3CD", "badge: U1", r"policy.yaml:6:\d+ .*no proof is called 'badge'"),
        ("slack: U012AB3CD", "key: dana", r"policy.yaml:6:\d+ .*no Ed25519 public key"),
        ("email:dana", "dana", r"policy.yaml:6:\d+ .*expected subject:SUB"),
        ("kind: slack", "kind: slac", r"policy.yaml:4:\d+ .*did you mean 'slack'"),
        ("audience: gameday, ", "", r"policy.yaml:3:\d+ .*audience"),
        ("[start, approve]", "[]", "expected at least 1 here, found 0"),
        ("[start, approve]", "[boss]", "boss"),
        ("[start, approve]", "[approve], service: true", "a service approves nothing"),
        ("dana: {roles", "'alert:x': {roles", "alert:x"),
    ],
)
def test_a_wrong_file_says_where(tmp_path, old, new, says):
    assert old in PEOPLE
    with pytest.raises(FileError, match=says):
        loaded(tmp_path, PEOPLE.replace(old, new, 1))


def test_nobody_is_taken_for_another(tmp_path):
    key = {"key": key_of("ann")}
    both = {"ann": Person(roles=("start",), known_by=key)}
    both["bob"] = Person(roles=("approve",), known_by={"key": key_of("bob")})
    assert why_not_apart(both) == ""
    assert name_shown(both, "key", [key_of("bob")]) == "bob"
    assert name_shown(both, "slack", [key_of("bob")]) == ""
    assert name_shown(both, "key", [key_of("ann"), key_of("bob")]) == ""
    both["cy"] = Person(roles=("approve",), known_by=key)
    assert why_not_apart(both) == "ann and cy are both known by the same key"
