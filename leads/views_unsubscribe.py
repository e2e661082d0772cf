"""Invariant: looking changes nothing, since programs that check mails follow every address in them; pressing does, at once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from leads.models import Channel, Message
from leads.models_allowed import Consent
from leads.selectors import opted_out
from leads.services import start_note, stop_note
from leads.unsubscribing import ONE_CLICK, LinkRefusedError, address_masked, unsubscribe_open


# A mail program posts here without a page of ours and without a cookie: the signature is the proof.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, signed: str) -> HttpResponse:
    """Ends mails to the receiver of the mail that carries this address, or lets them begin again. 404 for any other address."""
    try:
        message = Message.objects.filter(id=unsubscribe_open(signed), channel=Channel.EMAIL).first()
    except LinkRefusedError:
        message = None
    if message is None or not message.to:
        return _page(request, {"gone": True}, status=404)
    done = ""
    if request.method == "POST":
        again = request.POST.get("wish") == "start"
        one_click = request.POST.get(ONE_CLICK[0]) == ONE_CLICK[1]
        note, done = (start_note, "start") if again and not one_click else (stop_note, "stop")
        note(
            channel=message.channel,
            address=message.to,
            how=Consent.How.LINK,
            source="List-Unsubscribe" if one_click else "page",
            lead_id=message.lead_id,
        )
    context = {
        "address": address_masked(message.to),
        "stopped": opted_out(channel=message.channel, address=message.to),
        "done": done,
    }
    return _page(request, context)


def _page(request: HttpRequest, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    answer = render(request, "leads/unsubscribe.html", context, status=status)
    answer["X-Robots-Tag"] = "noindex"
    # The address is a key: it is told to nobody whom this page leads to.
    answer["Referrer-Policy"] = "no-referrer"
    return answer
