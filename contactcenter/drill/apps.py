"""An app for its command only: it has no models and answers no request."""

from django.apps import AppConfig


class DrillConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "contactcenter.drill"
    label = "drill"
    verbose_name = "Fault drill"
