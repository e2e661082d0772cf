"""A callback is dialled, and tried again."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("leads", "0003_codes_sent_by_a_worker")]
    operations: ClassVar = []
