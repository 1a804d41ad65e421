"""Recorded references on disk: the last one counts, the earlier ones stay."""

import pytest

from gameday.domain.errors import FileError
from gameday.domain.reference import Reference
from gameday.store.references import References
from tests.gameday.domain.test_reference import ABOUT, RECORDED, REFERENCE

KEY = ("shop", "staging", "support")


def test_what_is_kept_is_there(tmp_path):
    references = References(tmp_path)
    assert references.last(*KEY) is None
    file = references.keep(REFERENCE)
    assert references.last(*KEY) == REFERENCE
    assert file == references.file(*KEY)


def test_the_one_that_was_replaced_stays_under_its_digest(tmp_path):
    references = References(tmp_path)
    references.keep(REFERENCE)
    replaces = {"replaces": REFERENCE.digest, "because": "the new model is better"}
    second = Reference.of(RECORDED, ABOUT.model_copy(update=replaces))
    file = references.keep(second)
    assert references.last(*KEY) == second
    old = file.with_name(f"shop.staging.support.{REFERENCE.digest[:12]}.json")
    assert Reference.model_validate_json(old.read_bytes()) == REFERENCE


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda text: text.replace('"eva"', '"eve"'), "is not as it was written"),
        (lambda text: text[:-40], "is no recording of this version: as a whole"),
        (lambda text: text.replace('"pieces"', '"peaces"'), "peaces"),
    ],
)
def test_one_that_is_damaged_is_refused(tmp_path, damage, words):
    references = References(tmp_path)
    file = references.keep(REFERENCE)
    file.write_text(damage(file.read_text()))
    with pytest.raises(FileError, match=words) as refused:
        references.last(*KEY)
    assert refused.value.sentence.startswith(str(file))
    assert refused.value.next_step == "gameday record --accept"
