"""What may be sent, to whom, when and how much."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("leads", "0004_callbacks_are_dialled")]
    operations: ClassVar = []
