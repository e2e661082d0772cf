"""The playbook that calls are run by: the phrases of ``phrases.yaml`` in the company's name."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml
from django.conf import settings

from calls.core.playbook import Playbook

PHRASES = Path(__file__).with_name("phrases.yaml")
INTENTS = Path(__file__).with_name("intents.yaml")


@cache
def playbook_load() -> Playbook:
    """Phrases of the file, company and region of the settings."""
    phrases = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
    return Playbook(
        company=settings.COMPANY_NAME,
        phrases=MappingProxyType({str(name): str(text) for name, text in phrases.items()}),
        region=settings.DEFAULT_PHONE_REGION,
    )
