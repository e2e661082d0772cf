"""Where the leads app answers: the outbox page, signed documents, and the providers' webhooks."""

from django.urls import URLPattern

app_name = "leads"
urlpatterns: list[URLPattern] = []
