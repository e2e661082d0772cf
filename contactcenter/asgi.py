"""The web process: pages by Django, calls by Channels. Importing it begins to load the models."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")

from django.core.asgi import get_asgi_application

pages = get_asgi_application()  # before anything that needs the apps to be ready

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from calls.loading import runtime_start  # noqa: E402
from calls.routing import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter({"http": pages, "websocket": URLRouter(websocket_urlpatterns)})
runtime_start()
