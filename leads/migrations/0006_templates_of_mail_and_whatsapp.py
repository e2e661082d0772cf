"""Texts that admins edit, and those that WhatsApp approved."""

from __future__ import annotations

from typing import ClassVar

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("leads", "0005_consent_caps_and_quiet_hours")]
    operations: ClassVar = [
        migrations.CreateModel(
            name='Branding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, db_default='', help_text='Empty: the name in the settings.', max_length=100, verbose_name='company name')),
                ('logo_text', models.CharField(blank=True, db_default='', help_text="At the head of each mail. Empty: the company's name.", max_length=60)),
                ('colour', models.CharField(db_default='#0b5a6b', default='#0b5a6b', help_text='Of the head and of buttons.', max_length=7, validators=[django.core.validators.RegexValidator('\\A#[0-9a-fA-F]{6}\\Z', 'A colour looks like #0b5a6b.')])),
                ('address_line', models.CharField(blank=True, db_default='', help_text="The company's postal address, at the foot of each mail.", max_length=200)),
            ],
            options={
                'verbose_name_plural': 'branding',
                'db_table': 'branding',
            },
        ),
        migrations.CreateModel(
            name='MessageTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64)),
                ('channel', models.CharField(choices=[('email', 'E-mail'), ('sms', 'SMS'), ('whatsapp', 'WhatsApp')], max_length=16)),
                ('subject', models.CharField(blank=True, db_default='', max_length=200)),
                ('preheader', models.CharField(blank=True, db_default='', help_text='What an inbox shows after the subject.', max_length=200, verbose_name='line after the subject')),
                ('body', models.TextField(blank=True, db_default='', verbose_name='text')),
                ('footer', models.TextField(blank=True, db_default='', help_text='Small, at the end of the mail.')),
                ('edited', models.BooleanField(db_default=False, default=False)),
                ('updated_at', models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': 'message text',
                'db_table': 'message_templates',
                'ordering': ['channel', 'name'],
            },
        ),
        migrations.CreateModel(
            name='MessageTemplateVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(blank=True, db_default='', max_length=200)),
                ('preheader', models.CharField(blank=True, db_default='', max_length=200)),
                ('body', models.TextField(blank=True, db_default='')),
                ('footer', models.TextField(blank=True, db_default='')),
                ('by', models.CharField(blank=True, db_default='', max_length=150)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'message_template_versions',
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='WhatsAppTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='The message that this text stands for.', max_length=64, verbose_name='message')),
                ('language', models.CharField(db_default='en', default='en', max_length=8)),
                ('content_sid', models.CharField(db_default='', help_text="From Twilio's Content Template Builder, such as HX0123…", max_length=34, validators=[django.core.validators.RegexValidator('\\AHX[0-9a-fA-F]{32}\\Z', 'A content SID is HX and 32 hexadecimal digits.')])),
                ('variables', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, help_text='Which of our variables fills which of the template\'s, such as {"1": "name", "2": "document"}')),
                ('text', models.TextField(blank=True, db_default='', help_text='The text as it was approved, with {{1}} and so on; for our records.')),
            ],
            options={
                'verbose_name': 'WhatsApp template',
                'db_table': 'whatsapp_templates',
                'ordering': ['name', 'language'],
            },
        ),
        migrations.AddField(
            model_name='conversation',
            name='address',
            field=models.CharField(blank=True, db_default='', help_text='The number that a message came in from.', max_length=64),
        ),
        migrations.AddField(
            model_name='message',
            name='content',
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, help_text='The approved WhatsApp template that carries it outside the 24-hour window: {sid, variables, text}'),
        ),
        migrations.AddField(
            model_name='message',
            name='failure',
            field=models.CharField(blank=True, choices=[('window_closed', 'window closed'), ('invalid_number', 'invalid number'), ('invalid_address', 'invalid address'), ('blocked', 'blocked'), ('bounced', 'bounced'), ('opted_out', 'opted out'), ('unreachable', 'unreachable'), ('no_document', 'no document'), ('too_long', 'too long'), ('not_configured', 'not configured'), ('refused', 'refused'), ('expired', 'expired'), ('over_limit', 'over limit'), ('not_allowed', 'not allowed')], db_default='', help_text='Why it failed, for programs.', max_length=32),
        ),
        migrations.AddIndex(
            model_name='conversation',
            index=models.Index(condition=models.Q(('address', ''), _negated=True), fields=['address', 'channel', 'timestamp'], name='conversations_inbound'),
        ),
        migrations.AddConstraint(
            model_name='branding',
            constraint=models.CheckConstraint(condition=models.Q(('id', 1)), name='branding_is_one_row'),
        ),
        migrations.AddConstraint(
            model_name='messagetemplate',
            constraint=models.UniqueConstraint(fields=('name', 'channel'), name='message_templates_once'),
        ),
        migrations.AddField(
            model_name='messagetemplateversion',
            name='template',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='leads.messagetemplate'),
        ),
        migrations.AddConstraint(
            model_name='whatsapptemplate',
            constraint=models.UniqueConstraint(fields=('name', 'language'), name='whatsapp_templates_once'),
        ),
    ]
