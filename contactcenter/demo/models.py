"""What the demo has put into this database, so that a second load neither repeats nor undoes what people did since."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class DemoLoad(models.Model):
    """One company that was loaded.

    ``put`` lists the keys of the rows that were made, by kind (``leads``, ``orders``, …): what is listed and gone was
    deleted on purpose. ``dates`` holds the moments that were written into each order, so that an order somebody has
    changed is told from one that only grew old.
    """

    company = models.SlugField(primary_key=True)
    put = models.JSONField(default=dict)
    dates = models.JSONField(default=dict)
    loaded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "demo_loads"

    def __str__(self) -> str:
        return self.company
