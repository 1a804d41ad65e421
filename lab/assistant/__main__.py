"""Runs the assistant: python -m lab.assistant SETTINGS (one JSON document)."""

import sys

from lab.assistant.chat import Assistant
from lab.assistant.settings import AssistantSettings
from lab.serving import serve

if __name__ == "__main__":
    settings = AssistantSettings.model_validate_json(sys.argv[1])
    serve(Assistant(settings).app(), settings.port)
