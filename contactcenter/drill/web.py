"""The web process of a drill: every page and webhook of the product, without the speech models, since nobody talks in it."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")

from django.core.asgi import get_asgi_application

application = get_asgi_application()
