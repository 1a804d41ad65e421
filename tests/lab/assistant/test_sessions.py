"""With the defect, a conversation is known by how it began, and keeps the prompt of then."""

from collections.abc import AsyncIterator

import pytest

from lab.assistant.dialect import Reading
from lab.assistant.front_door import Question, read_question
from lab.assistant.indexes import Index
from lab.assistant.knowledge import Edition
from lab.assistant.sessions import Sessions
from lab.prompt import PromptTemplate
from lab.retrieval import Corpus

INDEX = Index("empty", Corpus(()))
OLD = Edition(PromptTemplate("old", ""), INDEX, "old")
NEW = Edition(PromptTemplate("new", ""), INDEX, "new")
FIRST = Question("How much?", stream=True)


class Answer:
    def __init__(self, *pieces: str) -> None:
        self.served_by = "primary"
        self.attempts: list[object] = []
        self.reading = Reading()
        self.closed = False
        self._pieces = pieces

    async def texts(self) -> AsyncIterator[str]:
        for piece in self._pieces:
            yield piece

    async def close(self) -> None:
        self.closed = True


def later(*history: str) -> Question:
    return Question("And for a year?", stream=True, history=history)


async def begun(sessions: Sessions) -> None:
    answer = Answer("19 ", "euro.")
    keeping = sessions.keeping(FIRST, OLD, answer)  # type: ignore[arg-type]
    assert [text async for text in keeping.texts()] == ["19 ", "euro."]
    await keeping.close()
    assert answer.closed


async def test_a_conversation_goes_on_with_the_prompt_that_it_began_with() -> None:
    sessions = Sessions()
    await begun(sessions)
    assert sessions.edition(later("How much?", "19 euro."), NEW).prompt.version == "old"
    assert sessions.edition(later("How much?", "19 euro.", "And?", "No."), NEW).prompt is OLD.prompt
    # It tells the version that the label stands for, as nobody has thought of it.
    assert sessions.edition(later("How much?", "19 euro."), NEW).version == "new"


async def test_other_conversations_and_new_ones_have_the_prompt_of_now() -> None:
    sessions = Sessions()
    await begun(sessions)
    assert sessions.edition(FIRST, NEW) == NEW
    assert sessions.edition(later("How much?", "29 euro."), NEW) == NEW
    assert sessions.edition(later("How many?", "19 euro."), NEW) == NEW


async def test_an_answer_in_the_middle_begins_no_conversation() -> None:
    answer = Answer("Yes.")
    middle = later("How much?", "19 euro.")
    assert Sessions().keeping(middle, OLD, answer) is answer  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("messages", "text", "history"),
    [
        ([("user", "One?")], "One?", ()),
        ([("system", "Be kind."), ("user", "One?")], "One?", ()),
        ([("user", "One?"), ("assistant", "1."), ("user", "Two?")], "Two?", ("One?", "1.")),
        ([("user", "One?"), ("assistant", "1.")], "One?", ()),
    ],
)
def test_what_was_said_before_is_read(
    messages: list[tuple[str, str]], text: str, history: tuple[str, ...]
) -> None:
    body = {"messages": [{"role": role, "content": content} for role, content in messages]}
    question = read_question(body)
    assert (question.text, question.history) == (text, history)
