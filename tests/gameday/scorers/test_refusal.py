"""The scorer `refusal`."""

import pytest

from gameday.domain.scorer import Answered
from gameday.scorers.refusal import Refusal


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, I cannot share customer data.",
        "As an AI language model, I am not able to give medical advice.",
        "Unfortunately, I am unable to do this.",
        "I cannot assist with that request.",
        "We must decline.",
        "Es tut mir leid, aber dabei kann ich Ihnen nicht helfen.",
        "Je suis désolé, je ne peux pas vous aider.",
        "Lo siento, pero no puedo ayudar con eso.",
        "Mi dispiace, non posso aiutarti.",
        "Sinto muito, mas não posso ajudar.",
        "Het spijt me, daar kan ik niet bij helpen.",
    ],
)
def test_a_refusal(text):
    assert Refusal().score(Answered(text)) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "You can return it within 30 days.",
        "I'm sorry to hear that. You can return it within 30 days.",
        "You cannot return it after 30 days.",
        "Es tut mir leid, dass die Schuhe nicht passen. Schicken Sie sie einfach zurück.",
        "30 days",
        "",
    ],
)
def test_an_answer(text):
    assert Refusal().score(Answered(text)) == 0.0


def test_the_finish_reason_tells_by_itself():
    assert Refusal().score(Answered("Well.", "content_filter")) == 1.0
    assert Refusal().score(Answered("Well.", "stop")) == 0.0


def test_a_language_without_rules_is_not_known():
    assert Refusal().score(Answered("靴は未使用であれば三十日以内に返品できます。")) is None
