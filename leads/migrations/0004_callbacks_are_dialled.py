"""A callback is dialled, and tried again."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("leads", "0003_codes_sent_by_a_worker")]
    operations: ClassVar = [
        migrations.CreateModel(
            name='CallbackEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attempt', models.PositiveIntegerField(db_default=0)),
                ('event_id', models.CharField(help_text="The provider's own id of this news, or one made of it.", max_length=200)),
                ('status', models.CharField(max_length=16)),
                ('provider_id', models.CharField(blank=True, db_default='', max_length=128)),
                ('detail', models.TextField(blank=True, db_default='')),
                ('simulated', models.BooleanField(db_default=False, default=False)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'callback_events',
                'ordering': ['at', 'id'],
            },
        ),
        migrations.RemoveIndex(
            model_name='callback',
            name='callbacks_due',
        ),
        migrations.AddField(
            model_name='callback',
            name='answered_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='callback',
            name='attempts',
            field=models.PositiveIntegerField(db_default=0, default=0, help_text='How often a worker has set about calling; names the newest.'),
        ),
        migrations.AddField(
            model_name='callback',
            name='checked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='callback',
            name='claimed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='callback',
            name='connected_at',
            field=models.DateTimeField(blank=True, help_text='When they spoke to one of us.', null=True),
        ),
        migrations.AddField(
            model_name='callback',
            name='error',
            field=models.TextField(blank=True, db_default=''),
        ),
        migrations.AddField(
            model_name='callback',
            name='failure',
            field=models.CharField(blank=True, db_default='', help_text='Why it failed, for programs.', max_length=32),
        ),
        migrations.AddField(
            model_name='callback',
            name='finished_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='callback',
            name='last_try',
            field=models.BooleanField(db_default=False, default=False, help_text='Moved or called off while the telephone was ringing: it is not tried again.'),
        ),
        migrations.AddField(
            model_name='callback',
            name='next_attempt_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='callback',
            name='provider',
            field=models.CharField(blank=True, db_default='', max_length=32),
        ),
        migrations.AddField(
            model_name='callback',
            name='provider_id',
            field=models.CharField(blank=True, db_default='', max_length=128),
        ),
        migrations.AddField(
            model_name='callback',
            name='rung_at',
            field=models.DateTimeField(blank=True, help_text='When a worker was last asked to see to it.', null=True),
        ),
        migrations.AddField(
            model_name='callback',
            name='seen_to_at',
            field=models.DateTimeField(blank=True, help_text="When it was somebody's task, or needed nobody.", null=True),
        ),
        migrations.AddField(
            model_name='callback',
            name='simulated',
            field=models.BooleanField(db_default=False, default=False, help_text="Nobody's telephone rang."),
        ),
        migrations.AddField(
            model_name='callback',
            name='stage',
            field=models.CharField(blank=True, db_default='', help_text='How far the newest attempt has come.', max_length=16),
        ),
        migrations.AddField(
            model_name='callback',
            name='tries',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text='How often it rang and nobody answered.'),
        ),
        migrations.AlterField(
            model_name='callback',
            name='status',
            field=models.CharField(choices=[('scheduled', 'Scheduled'), ('calling', 'Being called'), ('no_answer', 'No answer, tried again'), ('unknown', 'Not known whether called'), ('moved', 'Moved to another time'), ('cancelled', 'Cancelled'), ('done', 'Done'), ('failed', 'Failed')], db_default='scheduled', default='scheduled', max_length=16),
        ),
        migrations.AddIndex(
            model_name='callback',
            index=models.Index(condition=models.Q(('status__in', ['scheduled', 'no_answer', 'calling'])), fields=['due_at'], name='callbacks_under_way'),
        ),
        migrations.AddIndex(
            model_name='callback',
            index=models.Index(condition=models.Q(('seen_to_at', None), ('status__in', ['done', 'failed', 'unknown'])), fields=['updated_at'], name='callbacks_unseen'),
        ),
        migrations.AddConstraint(
            model_name='callback',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'calling')), fields=('phone',), name='callbacks_one_call_at_a_time'),
        ),
        migrations.AddField(
            model_name='callbackevent',
            name='callback',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='leads.callback'),
        ),
        migrations.AddIndex(
            model_name='callbackevent',
            index=models.Index(fields=['provider_id'], name='callback_events_of_call'),
        ),
        migrations.AddConstraint(
            model_name='callbackevent',
            constraint=models.UniqueConstraint(fields=('callback', 'event_id'), name='callback_events_once'),
        ),
    ]
