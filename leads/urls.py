"""Where the leads app answers: the outbox page, signed documents, and the providers' webhooks."""

from django.urls import path

from leads import views, views_unsubscribe, webhooks

app_name = "leads"
urlpatterns = [
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<uuid:message_id>/", views.outbox, name="outbox-message"),
    path("outbox/<uuid:message_id>/mail", views.outbox_mail, name="outbox-mail"),
    path("outbox/<uuid:message_id>/files/<int:number>", views.outbox_attachment, name="outbox-attachment"),
    path("media/d/<str:signed>", views.media, name="media"),
    path("unsubscribe/<str:signed>", views_unsubscribe.unsubscribe, name="unsubscribe"),
    path("twilio/status/", webhooks.twilio_status, name="twilio-status"),
    path("twilio/inbound/", webhooks.twilio_inbound, name="twilio-inbound"),
    path("sendgrid/events/", webhooks.sendgrid_events, name="sendgrid-events"),
]
