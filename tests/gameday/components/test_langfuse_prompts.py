"""The backend `langfuse_prompts` beyond the contract, and how long its change is not seen."""

import httpx
import pytest

from gameday.domain.errors import ComponentError
from tests.contract.rigs.langfuse_prompts import CARRIED, NAME, LangfuseRig
from tests.contract.rigs.rig import SECRET


@pytest.fixture
def rig(tmp_path):
    made = LangfuseRig(tmp_path)
    yield made
    made.close()


class CachingReader:
    """What Langfuse's SDKs do: 60 s fresh; then the stale one once more, and a fetch beside it."""

    def __init__(self, rig, ttl_s=60):
        self.rig, self.ttl_s, self.cached, self.until_s = rig, ttl_s, None, 0.0

    def get_prompt(self, now_s):
        stale = self.cached
        if stale is None or now_s > self.until_s:
            url = f"{self.rig.backend.url}/api/public/v2/prompts/{NAME.replace('/', '%2F')}"
            answer = httpx.get(
                url, params={"label": "production"}, headers={"authorization": f"Basic {CARRIED}"}
            )
            self.cached, self.until_s = answer.json()["version"], now_s + self.ttl_s
        return self.cached if stale is None else stale


async def test_a_label_is_moved_by_one_request_and_the_others_stay(rig):
    undo = await rig.backend.snapshot()
    await rig.backend.change(2, undo)
    path = "/api/public/v2/prompts/support%2Fanswer/versions/2"
    assert rig.asked[-1] == ("PATCH", path, {"newLabels": ["production"]})
    assert sorted(rig.versions[2]["labels"]) == ["previous", "production"]
    assert rig.versions[3]["labels"] == ["eu"]
    assert rig.versions[4]["labels"] == ["latest"]
    assert len(rig.versions) == 4


async def test_the_digest_is_of_what_the_prompt_says(rig):
    rig.versions[1] = {**rig.versions[3], "labels": []}
    before = await rig.backend.read()
    assert before.label == "version 3"
    await rig.backend.change(1, await rig.backend.snapshot())
    after = await rig.backend.read()
    assert (after.label, after.digest) == ("version 1", before.digest)


async def test_users_see_a_change_only_with_the_second_fetch_after_the_cache(rig):
    """Why a rollback is timed at the front door, and not by the answer to the call."""
    reader = CachingReader(rig)
    assert reader.get_prompt(0.0) == 3
    await rig.backend.change(2, await rig.backend.snapshot())
    assert await rig.backend.verify(2) == ""
    assert reader.get_prompt(59.0) == 3
    assert reader.get_prompt(61.0) == 3  # stale, and fetched anew beside it
    assert reader.get_prompt(61.1) == 2


@pytest.mark.parametrize("to", ["latest", "2", {"prompt": "Say anything."}, True, None])
async def test_only_a_version_that_is_there_can_be_changed_to(rig, to):
    undo = await rig.backend.snapshot()
    with pytest.raises(ComponentError, match="is no version of a prompt") as told:
        await rig.backend.change(to, undo)
    assert "write a new text as a version in Langfuse first" in told.value.next_step
    assert len(rig.versions) == 4
    assert rig.at("production") == 3


async def test_a_label_that_is_nowhere_is_said(rig):
    backend = rig.backend.model_copy(update={"label": "staging"})
    with pytest.raises(ComponentError, match=r"answers GET with 404: .*Prompt not found"):
        await backend.read()


async def test_no_key_is_told(rig, tmp_path):
    (tmp_path / "public").write_text("pk-wrong")
    with pytest.raises(ComponentError, match="answers GET with 401") as told:
        await rig.backend.read()
    assert SECRET not in told.value.sentence
    assert "Basic" not in told.value.sentence


async def test_when_the_label_came_there_is_told_and_who_wrote_the_version(rig):
    rig.versions[3] |= {"createdBy": "eva", "updatedAt": "2026-11-29T10:00:00.000Z"}
    read = await rig.backend.read()
    assert (read.by, read.changed_at.isoformat()) == ("eva", "2026-11-29T10:00:00+00:00")
