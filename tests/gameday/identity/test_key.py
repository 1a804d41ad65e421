"""A signature shows its key's owner, for this statement and a few minutes, and nothing else."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.proof import NotProvenError, Place
from gameday.identity.key import Key
from tests.gameday.identity.known import APPROVE, DENY, NOW, key_of, signed


async def shown(fields, statement=APPROVE, now=NOW):
    return await Key().shown(fields, statement, Place(Path(), now))


async def test_a_signature_shows_its_key():
    who = await shown(signed("bob", APPROVE).fields)
    assert (who.known_as, who.at) == ((key_of("bob"),), NOW)


@pytest.mark.parametrize(
    "statement", [DENY, *(APPROVE.model_copy(update={k: "x"}) for k in ("digest", "run_id"))]
)
async def test_it_says_nothing_else(statement):
    with pytest.raises(NotProvenError, match="not that of this key and statement"):
        await shown(signed("bob", APPROVE).fields, statement)


@pytest.mark.parametrize("seconds", [-301, 301])
async def test_a_copy_of_another_moment_is_refused(seconds):
    fields = signed("bob", APPROVE, NOW + timedelta(seconds=seconds)).fields
    with pytest.raises(NotProvenError, match="301 s from now"):
        await shown(fields)
    await shown(fields, now=NOW + timedelta(seconds=seconds - 300 * (seconds > 0)))


@pytest.mark.parametrize(
    "change",
    [
        {"at": (NOW + timedelta(seconds=1)).isoformat()},
        {"at": "soon"},
        {"signature": "AAAA"},
        {"signature": "ä"},
        {"public": key_of("ann")},
    ],
)
async def test_each_field_is_signed(change):
    with pytest.raises(NotProvenError):
        await shown(signed("bob", APPROVE).fields | change)


@given(st.dictionaries(st.sampled_from(["public", "at", "signature"]), st.text(max_size=80)))
async def test_whatever_is_sent_is_a_no_and_no_crash(fields):
    with pytest.raises(NotProvenError):
        await shown(fields)


def test_only_an_ed25519_key_is_one():
    assert Key().why_not_known_as(key_of("ann")) == ""
    assert "no Ed25519 public key" in Key().why_not_known_as("dana")
