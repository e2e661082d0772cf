"""The leads app: who people are, what was said to them, and what we promised to send."""

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = "Leads and messages"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from leads import jobs  # models can't be imported before the apps are ready

        jobs.jobs_watch()
