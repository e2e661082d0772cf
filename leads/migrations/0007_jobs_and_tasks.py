"""Jobs that are seen, and tasks for people."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("leads", "0006_templates_of_mail_and_whatsapp")]
    operations: ClassVar = []
