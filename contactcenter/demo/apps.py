"""The app that fills an installation with a company to try it out with. Nothing else may import from it."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "contactcenter.demo"
    label = "demo"
    verbose_name = "Demo company"
