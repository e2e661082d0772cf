"""Invariant: how much was sent is counted in rows that only grow, and what somebody agreed to is written when they do.

`Limits` is one row, edited by admins; a `Tally` is a counter that never passes its limit, whoever counts at the same time;
`Allowance` says what one message was counted for; `Consent` is the record of yes and no, and is only added to.
"""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from phonenumbers import SUPPORTED_REGIONS

from leads.allowed.caps import Caps
from leads.allowed.numbers import ANYWHERE
from leads.allowed.quiet import QuietHours


class ReachedBy(models.TextChoices):
    """The ways to reach somebody: those of messages, and a telephone call."""

    EMAIL = "email", "E-mail"
    SMS = "sms", "SMS"
    WHATSAPP = "whatsapp", "WhatsApp"
    CALL = "call", "Telephone call"


def _count(default: int, help_text: str) -> Any:
    return models.PositiveIntegerField(
        default=default, db_default=default, validators=[MaxValueValidator(1_000_000)], help_text=help_text
    )


class Limits(models.Model):
    """What may be sent, how much of it, and when. One row."""

    ONLY: ClassVar = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, db_default=ONLY, editable=False)
    per_call = _count(8, "Messages that one call may ask for.")
    per_caller_day = _count(30, "Messages to one lead in a day, over all calls.")
    per_number_day = _count(10, "Messages to one number or one e-mail address in a day, whoever asks.")
    per_prefix_hour = _count(30, "Messages in an hour to numbers that differ in their last four digits only.")
    per_hour = _count(200, "Messages in an hour altogether.")
    per_day = _count(500, "Messages in a day altogether.")
    spend_day = models.DecimalField(
        "money a day",
        max_digits=9,
        decimal_places=2,
        default=Decimal("50.00"),
        db_default=Decimal("50.00"),
        validators=[MinValueValidator(Decimal(0))],
        help_text="By the table of prices, in its currency. Nothing that costs anything leaves beyond it; 0 stops all of it.",
    )
    outbox_factor = models.PositiveSmallIntegerField(
        "times as much in the outbox",
        default=20,
        db_default=20,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=(
            "What only goes to the outbox (demo leads, or no credentials) reaches nobody: that many times as much is allowed "
            "of it. 1 lets you try the limits out."
        ),
    )
    countries = models.CharField(
        max_length=1000,
        blank=True,
        default="",
        db_default="",
        help_text="Where numbers may be, as two-letter codes with commas: IN, US. Empty: the country of "
        "DEFAULT_PHONE_REGION. *: anywhere.",
    )
    quiet_from = models.TimeField(
        default=time(21, 0), db_default=time(21, 0), help_text="By the recipient's own clock."
    )
    quiet_until = models.TimeField(
        default=time(8, 0), db_default=time(8, 0), help_text="The same as the beginning: no quiet hours."
    )
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        db_table = "message_limits"
        verbose_name = verbose_name_plural = "limits of messages"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="message_limits_one_row"),
            models.CheckConstraint(condition=models.Q(spend_day__gte=0), name="message_limits_no_debt"),
        ]

    def __str__(self) -> str:
        return "Limits of messages"

    def clean(self) -> None:
        codes = self._codes()
        unknown = sorted(code for code in codes if code not in SUPPORTED_REGIONS and code != ANYWHERE)
        if unknown:
            raise ValidationError(
                {"countries": f"{', '.join(unknown)}: not a two-letter country code, such as IN."}
            )
        self.countries = ", ".join(dict.fromkeys(codes))

    def _codes(self) -> list[str]:
        return [code for code in self.countries.upper().replace(",", " ").split() if code]

    @property
    def allowed_countries(self) -> frozenset[str]:
        return frozenset(self._codes()) or frozenset({settings.DEFAULT_PHONE_REGION})

    @property
    def caps(self) -> Caps:
        return Caps(
            per_call=self.per_call,
            per_caller_day=self.per_caller_day,
            per_number_day=self.per_number_day,
            per_prefix_hour=self.per_prefix_hour,
            per_hour=self.per_hour,
            per_day=self.per_day,
            spend_day=self.spend_day,
        )

    @property
    def quiet(self) -> QuietHours:
        return QuietHours(begins=self.quiet_from, ends=self.quiet_until)


class Price(models.Model):
    """What one message costs, as counted against the money a day. An empty country is every other one."""

    channel = models.CharField(max_length=16, choices=ReachedBy.choices)
    country = models.CharField(
        max_length=2, blank=True, default="", db_default="", help_text="IN. Empty: any other country."
    )
    price = models.DecimalField(
        max_digits=9,
        decimal_places=4,
        default=Decimal("0.5000"),
        db_default=Decimal("0.5000"),
        validators=[MinValueValidator(Decimal(0))],
        help_text="Of one message, one part of an SMS, or one call.",
    )

    class Meta:
        db_table = "message_prices"
        ordering: ClassVar = ["channel", "country"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "country"], name="message_prices_once"),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="message_prices_no_gift"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.country or 'anywhere else'}"

    def clean(self) -> None:
        self.country = self.country.upper()
        if self.country and self.country not in SUPPORTED_REGIONS:
            raise ValidationError({"country": "A two-letter country code, such as IN, or nothing."})


class Tally(models.Model):
    """How much was counted of one thing in one window. Written by one statement that refuses to pass ``most``."""

    scope = models.CharField(max_length=16)
    subject = models.CharField(max_length=400, blank=True, db_default="")
    begins = models.DateTimeField()
    used = models.DecimalField(max_digits=14, decimal_places=4, db_default=Decimal(0))
    most = models.DecimalField(max_digits=14, decimal_places=4, db_default=Decimal(0))
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "message_tallies"
        ordering: ClassVar = ["-updated_at"]
        verbose_name_plural = "tallies"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "subject", "begins"], name="message_tallies_once")
        ]
        indexes: ClassVar = [models.Index(fields=["updated_at"], name="message_tallies_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.used}/{self.most}"


class Allowance(models.Model):
    """That a message was counted, and for what. Without one it leaves only after it has been."""

    message = models.OneToOneField(
        "leads.Message", primary_key=True, on_delete=models.CASCADE, related_name="allowance"
    )
    asked = models.BooleanField(
        default=False, db_default=False, help_text="The receiver asked for it in a call that was going on."
    )
    cost = models.DecimalField(max_digits=12, decimal_places=4, default=Decimal(0), db_default=Decimal(0))
    day = models.DateTimeField(null=True, blank=True, help_text="The day whose money it was counted against.")
    counted = models.JSONField(default=list, blank=True, db_default=models.Value([], models.JSONField()))
    returned_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was taken back before it left."
    )
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "message_allowances"

    def __str__(self) -> str:
        return f"allowance of {self.message_id}"


class Consent(models.Model):
    """That somebody agreed to be reached at an address, or no longer does. Only added to."""

    class How(models.TextChoices):
        CALL = "call", "Said in a call"
        TYPED = "typed", "Typed in a call"
        WRITTEN = "written", "Written to us"
        LINK = "link", "By the link in a mail"
        PROVIDER = "provider", "Told by the provider"
        STAFF = "staff", "Noted by staff"

    channel = models.CharField(max_length=16, choices=ReachedBy.choices)
    address = models.CharField(max_length=320)
    given = models.BooleanField(default=True, db_default=True)
    how = models.CharField(max_length=16, choices=How.choices, default=How.CALL, db_default=How.CALL)
    source = models.CharField(
        max_length=64, blank=True, db_default="", help_text="The word or the event, such as STOP."
    )
    lead = models.ForeignKey(
        "leads.Lead", null=True, blank=True, on_delete=models.SET_NULL, related_name="consents"
    )
    # Not a foreign key: calls stand above leads.
    call_id = models.UUIDField(null=True, blank=True)
    turn = models.IntegerField(null=True, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "consents"
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["address", "channel", "at"], name="consents_of_address"),
            models.Index(fields=["call_id"], name="consents_of_call"),
        ]

    def __str__(self) -> str:
        return f"{'yes' if self.given else 'no'} to {self.channel}"
