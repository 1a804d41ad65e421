"""What the lab's target file says of its components: what keeps each, and how it is changed."""

import sys

from gameday.domain.action import ActionSpec
from gameday.domain.component import Component, ComponentName, UserCost
from lab.content import AS_STARTED
from lab.model_version import HERON
from lab.prompt import LABEL, LABELS

CONTENT = "content"  # beside the target file


def make_components(assistant: str, *, corpus_is_logged: bool) -> dict[ComponentName, Component]:
    """assistant: where its admin port is."""
    return {
        **_models(assistant),
        "parameters": _parameters(assistant),
        **_content(assistant, corpus_is_logged=corpus_is_logged),
        "tools": _tools(assistant),
        "route": _control(assistant, "route", user_cost="low", previous="secondary"),
        "budget": _control(assistant, "budget", user_cost="medium"),
        "feature": _control(assistant, "feature", user_cost="high"),
    }


def _models(assistant: str) -> dict[ComponentName, Component]:
    """What stands behind the alias, set by hand, or offered to the canary gate."""
    alias = "/admin/aliases/answers"
    by_hand = {
        "method": "PUT",
        "path": alias,
        "headers": {"if-match": "{{etag}}"},
        "json": {"model": "{{to}}"},
    }
    either = {
        "backend": "http",
        "user_cost": "low",
        "url": assistant,
        "ready": {"path": "/admin/models/{{to}}", "value": "model"},
    }
    etag = {"header": "etag"}
    model = {
        **either,
        "previous": HERON.name,
        "read": {"path": alias, "value": "model", "etag": etag},
        "change": by_hand,
    }
    gateway = {
        **either,
        "read": {"path": "/admin/canary", "value": "in_use", "etag": etag},
        "change": {"method": "POST", "path": "/admin/canary", "json": {"model": "{{to}}"}},
        "revert": by_hand,  # which withdraws an offer, too
    }
    return {
        "model": Component.model_validate(model),
        "gateway": Component.model_validate(gateway),
    }


def _parameters(assistant: str) -> Component:
    """How much of a question is passed on to the model."""
    return Component.model_validate(
        {
            "backend": "http",
            "user_cost": "none",
            "url": assistant,
            "read": {
                "path": "/admin/parameters",
                "value": "input_chars_max",
                "changed_at": "changed_at",
                "etag": {"header": "etag"},
            },
            "change": {
                "method": "PUT",
                "path": "/admin/parameters",
                "headers": {"if-match": "{{etag}}"},
                "json": {"input_chars_max": "{{to}}"},
            },
        }
    )


def _content(assistant: str, *, corpus_is_logged: bool) -> dict[ComponentName, Component]:
    """What the assistant's people edit, and the index that the assistant retrieves from."""
    prompt = {
        "backend": "git_file",
        "previous": "support-v2",
        "user_cost": "none",
        "repository": CONTENT,
        "file": LABELS,
        "path": LABEL,
    }
    under_git = {"repository": CONTENT, "folder": "corpus", "previous": AS_STARTED}
    corpus = {
        "backend": "files",
        "user_cost": "medium",
        **(under_git if corpus_is_logged else {"folder": f"{CONTENT}/corpus"}),
        "reindex": [sys.executable, "-m", "lab.reindex", f"{assistant}/admin/index"],
    }
    index = {
        "backend": "http",
        "user_cost": "low",
        "url": assistant,
        "read": {"path": "/admin/index", "value": "index", "etag": {"header": "etag"}},
        "change": {
            "method": "PUT",
            "path": "/admin/index",
            "headers": {"if-match": "{{etag}}"},
            "json": {"index": "{{to}}"},
        },
        "ready": {"path": "/admin/indexes/{{to}}", "value": "index"},
    }
    return {
        "prompt": Component.model_validate(prompt),
        "corpus": Component.model_validate(corpus),
        "index": Component.model_validate(index),
    }


def _tools(assistant: str) -> Component:
    """Which of its tools the assistant may use."""
    path = "/admin/tools"
    return Component.model_validate(
        {
            "backend": "http",
            "user_cost": "high",  # who asks about an order gets no answer
            "url": assistant,
            "read": {"path": path, "value": "enabled", "etag": {"header": "etag"}},
            "change": {
                "method": "PUT",
                "path": path,
                "headers": {"if-match": "{{etag}}"},
                "json": {"enabled": "{{to}}"},
            },
        }
    )


def _control(
    assistant: str, name: str, *, user_cost: UserCost, previous: str | None = None
) -> Component:
    """What is set in an emergency."""
    path = f"/admin/controls/{name}"
    return Component.model_validate(
        {
            "backend": "http",
            "user_cost": user_cost,
            "previous": previous,
            "url": assistant,
            "read": {"path": path, "value": "value", "etag": {"header": "etag"}},
            "change": {
                "method": "PUT",
                "path": path,
                "headers": {"if-match": "{{etag}}"},
                "json": {"value": "{{to}}"},
            },
            "ready": {"path": f"{path}/{{{{to}}}}"},
        }
    )


def make_actions(assistant: str) -> dict[str, ActionSpec]:
    """What the assistant's operators can do beside: other keys, a way to providers made anew."""
    return {
        "rotate-keys": _switched(assistant, "keys", of="first", to="second"),
        "rebuild-gateway": _switched(assistant, "build", of="running", to="pinned"),
    }


def _switched(assistant: str, control: str, *, of: str, to: str) -> ActionSpec:
    path = f"/admin/controls/{control}"
    return ActionSpec.model_validate(
        {
            "backend": "http",
            "url": assistant,
            "act": {"method": "PUT", "path": path, "json": {"value": to}},
            "verify": {"path": path, "value": "value", "equals": to},
            "undo": {"method": "PUT", "path": path, "json": {"value": of}},
        }
    )
