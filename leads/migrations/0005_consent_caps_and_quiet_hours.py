"""What may be sent, to whom, when and how much."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any, ClassVar

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

_PRICES = (("sms", "0.1500"), ("whatsapp", "0.1500"), ("email", "0.0015"), ("call", "0.5000"))


def prices_put(apps: Any, _schema_editor: Any) -> None:
    """A row for each channel, so that whoever opens the table sees what counts until they say otherwise."""
    price = apps.get_model("leads", "Price")
    for channel, each in _PRICES:
        price.objects.get_or_create(channel=channel, country="", defaults={"price": Decimal(each)})


class Migration(migrations.Migration):
    dependencies: ClassVar = [("leads", "0004_callbacks_are_dialled")]
    operations: ClassVar = [
        migrations.CreateModel(
            name='Allowance',
            fields=[
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='allowance', serialize=False, to='leads.message')),
                ('asked', models.BooleanField(db_default=False, default=False, help_text='The receiver asked for it in a call that was going on.')),
                ('cost', models.DecimalField(db_default=Decimal('0'), decimal_places=4, default=Decimal('0'), max_digits=12)),
                ('day', models.DateTimeField(blank=True, help_text='The day whose money it was counted against.', null=True)),
                ('counted', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list)),
                ('returned_at', models.DateTimeField(blank=True, help_text='When it was taken back before it left.', null=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'message_allowances',
            },
        ),
        migrations.AlterField(
            model_name='optout',
            name='channel',
            field=models.CharField(choices=[('email', 'E-mail'), ('sms', 'SMS'), ('whatsapp', 'WhatsApp'), ('call', 'Telephone call')], max_length=16),
        ),
        migrations.CreateModel(
            name='Limits',
            fields=[
                ('id', models.PositiveSmallIntegerField(db_default=1, default=1, editable=False, primary_key=True, serialize=False)),
                ('per_call', models.PositiveIntegerField(db_default=8, default=8, help_text='Messages that one call may ask for.', validators=[django.core.validators.MaxValueValidator(1000000)])),
                ('per_caller_day', models.PositiveIntegerField(db_default=30, default=30, help_text='Messages to one lead in a day, over all calls.', validators=[django.core.validators.MaxValueValidator(1000000)])),
                ('per_number_day', models.PositiveIntegerField(db_default=10, default=10, help_text='Messages to one number or one e-mail address in a day, whoever asks.', validators=[django.core.validators.MaxValueValidator(1000000)])),
                ('per_prefix_hour', models.PositiveIntegerField(db_default=30, default=30, help_text='Messages in an hour to numbers that differ in their last four digits only.', validators=[django.core.validators.MaxValueValidator(1000000)])),
                ('per_hour', models.PositiveIntegerField(db_default=200, default=200, help_text='Messages in an hour altogether.', validators=[django.core.validators.MaxValueValidator(1000000)])),
                ('per_day', models.PositiveIntegerField(db_default=500, default=500, help_text='Messages in a day altogether.', validators=[django.core.validators.MaxValueValidator(1000000)])),
                ('spend_day', models.DecimalField(db_default=Decimal('50.00'), decimal_places=2, default=Decimal('50.00'), help_text='By the table of prices, in its currency. Nothing that costs anything leaves beyond it; 0 stops all of it.', max_digits=9, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='money a day')),
                ('outbox_factor', models.PositiveSmallIntegerField(db_default=20, default=20, help_text='What only goes to the outbox (demo leads, or no credentials) reaches nobody: that many times as much is allowed of it. 1 lets you try the limits out.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000)], verbose_name='times as much in the outbox')),
                ('countries', models.CharField(blank=True, db_default='', default='', help_text='Where numbers may be, as two-letter codes with commas: IN, US. Empty: the country of DEFAULT_PHONE_REGION. *: anywhere.', max_length=1000)),
                ('quiet_from', models.TimeField(db_default=datetime.time(21, 0), default=datetime.time(21, 0), help_text="By the recipient's own clock.")),
                ('quiet_until', models.TimeField(db_default=datetime.time(8, 0), default=datetime.time(8, 0), help_text='The same as the beginning: no quiet hours.')),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': 'limits of messages',
                'verbose_name_plural': 'limits of messages',
                'db_table': 'message_limits',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='message_limits_one_row'), models.CheckConstraint(condition=models.Q(('spend_day__gte', 0)), name='message_limits_no_debt')],
            },
        ),
        migrations.CreateModel(
            name='Price',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('email', 'E-mail'), ('sms', 'SMS'), ('whatsapp', 'WhatsApp'), ('call', 'Telephone call')], max_length=16)),
                ('country', models.CharField(blank=True, db_default='', default='', help_text='IN. Empty: any other country.', max_length=2)),
                ('price', models.DecimalField(db_default=Decimal('0.5000'), decimal_places=4, default=Decimal('0.5000'), help_text='Of one message, one part of an SMS, or one call.', max_digits=9, validators=[django.core.validators.MinValueValidator(Decimal('0'))])),
            ],
            options={
                'db_table': 'message_prices',
                'ordering': ['channel', 'country'],
                'constraints': [models.UniqueConstraint(fields=('channel', 'country'), name='message_prices_once'), models.CheckConstraint(condition=models.Q(('price__gte', 0)), name='message_prices_no_gift')],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=16)),
                ('subject', models.CharField(blank=True, db_default='', max_length=400)),
                ('begins', models.DateTimeField()),
                ('used', models.DecimalField(db_default=Decimal('0'), decimal_places=4, max_digits=14)),
                ('most', models.DecimalField(db_default=Decimal('0'), decimal_places=4, max_digits=14)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name_plural': 'tallies',
                'db_table': 'message_tallies',
                'ordering': ['-updated_at'],
                'indexes': [models.Index(fields=['updated_at'], name='message_tallies_age')],
                'constraints': [models.UniqueConstraint(fields=('scope', 'subject', 'begins'), name='message_tallies_once')],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('email', 'E-mail'), ('sms', 'SMS'), ('whatsapp', 'WhatsApp'), ('call', 'Telephone call')], max_length=16)),
                ('address', models.CharField(max_length=320)),
                ('given', models.BooleanField(db_default=True, default=True)),
                ('how', models.CharField(choices=[('call', 'Said in a call'), ('typed', 'Typed in a call'), ('written', 'Written to us'), ('link', 'By the link in a mail'), ('provider', 'Told by the provider'), ('staff', 'Noted by staff')], db_default='call', default='call', max_length=16)),
                ('source', models.CharField(blank=True, db_default='', help_text='The word or the event, such as STOP.', max_length=64)),
                ('call_id', models.UUIDField(blank=True, null=True)),
                ('turn', models.IntegerField(blank=True, null=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('lead', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='consents', to='leads.lead')),
            ],
            options={
                'db_table': 'consents',
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['address', 'channel', 'at'], name='consents_of_address'), models.Index(fields=['call_id'], name='consents_of_call')],
            },
        ),
        migrations.RunPython(prices_put, migrations.RunPython.noop),
    ]
