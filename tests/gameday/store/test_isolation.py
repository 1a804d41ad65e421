from datetime import UTC, datetime

from gameday.domain.isolation import IsolationProof
from gameday.store.isolation import IsolationProofs


def proof(environment, canary="c"):
    return IsolationProof(
        target="shop",
        environment=environment,
        digest="d",
        canary=canary,
        at=datetime(2026, 11, 20, tzinfo=UTC),
        places=(),
    )


def test_the_last_proof_of_each_environment_is_kept(tmp_path):
    proofs = IsolationProofs(tmp_path)
    assert proofs.last("shop", "staging") is None
    proofs.keep(proof("staging"))
    proofs.keep(proof("production"))
    proofs.keep(proof("staging", "later"))
    assert proofs.last("shop", "staging") == proof("staging", "later")
    assert proofs.last("shop", "production") == proof("production")
    assert proofs.last("other", "staging") is None


def test_a_file_that_is_none_proves_nothing(tmp_path):
    proofs = IsolationProofs(tmp_path)
    proofs.keep(proof("staging")).write_text('{"target": "shop", "places": []')
    assert proofs.last("shop", "staging") is None
