import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DemoLoad",
            fields=[
                ("company", models.SlugField(primary_key=True, serialize=False)),
                ("put", models.JSONField(default=dict)),
                ("dates", models.JSONField(default=dict)),
                (
                    "loaded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={"db_table": "demo_loads"},
        ),
    ]
