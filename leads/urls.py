"""Where the leads app answers: the outbox page, signed documents, and the providers' webhooks."""

from django.urls import path

from leads import views, views_callbacks, views_unsubscribe, webhooks, webhooks_voice

app_name = "leads"
urlpatterns = [
    path("callbacks/", views_callbacks.callbacks, name="callbacks"),
    path("callbacks/<int:callback_id>/", views_callbacks.callback_change, name="callback-change"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<uuid:message_id>/", views.outbox, name="outbox-message"),
    path("outbox/<uuid:message_id>/mail", views.outbox_mail, name="outbox-mail"),
    path("outbox/<uuid:message_id>/files/<int:number>", views.outbox_attachment, name="outbox-attachment"),
    path("media/d/<str:signed>", views.media, name="media"),
    path("unsubscribe/<str:signed>", views_unsubscribe.unsubscribe, name="unsubscribe"),
    path("twilio/status/", webhooks.twilio_status, name="twilio-status"),
    path("twilio/voice/status/", webhooks_voice.voice_status, name="voice-status"),
    path("twilio/voice/callback/<str:signed>/", webhooks_voice.voice_answer, name="voice-answer"),
    path("twilio/voice/callback/<str:signed>/after/", webhooks_voice.voice_after, name="voice-after"),
    path("twilio/inbound/", webhooks.twilio_inbound, name="twilio-inbound"),
    path("sendgrid/events/", webhooks.sendgrid_events, name="sendgrid-events"),
]
