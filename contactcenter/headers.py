"""Every page says what it may load and who may use the microphone; the widget's files may be loaded by other sites."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # the admin and the level meter set style attributes
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob: mediastream:",
        "worker-src 'self' blob:",
        "connect-src 'self' ws: wss:",  # a browser that doesn't count ws: as 'self' would refuse the call
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)


def headers_set(response: HttpResponse) -> HttpResponse:
    """Add the headers that a view has not set itself."""
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("Permissions-Policy", "microphone=(self), camera=(), geolocation=()")
    return response


class HeadersMiddleware:
    """Serves both kinds of request handling, so that it never forces a hop to a thread."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        if self.is_async:
            return self.later(request)
        return headers_set(self.get_response(request))

    async def later(self, request: HttpRequest) -> HttpResponse:
        return headers_set(await self.get_response(request))


def static_headers(headers: Any, path: str, url: str) -> None:
    """WhiteNoise's hook: a page of another origin may load these files even under a strict embedder policy."""
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
