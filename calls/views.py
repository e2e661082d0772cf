from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from calls.runtime import RUNTIME


@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 once calls can be taken, else 503 with the reason."""
    if RUNTIME.problem:
        return JsonResponse({"status": "starting", "reason": RUNTIME.problem}, status=503)
    return JsonResponse({"status": "ok", "calls": len(RUNTIME.sessions)})
