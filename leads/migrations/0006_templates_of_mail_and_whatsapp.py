"""Texts that admins edit, and those that WhatsApp approved."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("leads", "0005_consent_caps_and_quiet_hours")]
    operations: ClassVar = []
