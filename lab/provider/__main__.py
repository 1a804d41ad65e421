"""Runs one provider: python -m lab.provider SETTINGS (one JSON document)."""

import sys

from lab.provider.completions import Provider
from lab.provider.settings import ProviderSettings
from lab.serving import serve

if __name__ == "__main__":
    settings = ProviderSettings.model_validate_json(sys.argv[1])
    serve(Provider(settings).app(), settings.port)
