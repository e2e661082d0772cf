"""How the company's mails look: the row that admins edit, or the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings

from leads.colours import readable_as, readable_on
from leads.models import Branding
from leads.wording import Look

COLOUR: Final = "#0b5a6b"
_DARK_CARD: Final = "#192024"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """A company's name and looks; `dark_link` can be read on the dark card of a mail."""

    name: str
    logo_text: str
    address_line: str
    look: Look
    dark_link: str


def brand_now() -> Brand:
    """The brand as it is edited now."""
    return brand_of(Branding.objects.filter(id=1).first() or Branding())


def brand_of(row: Branding) -> Brand:
    """The brand that a row, saved or not, describes."""
    name = row.name if isinstance(row.name, str) and row.name else settings.COMPANY_NAME
    logo = row.logo_text if isinstance(row.logo_text, str) and row.logo_text else name
    address = row.address_line if isinstance(row.address_line, str) else ""
    colour = row.colour or COLOUR
    return Brand(
        name=name,
        logo_text=logo,
        address_line=address,
        look=Look(
            accent=colour,
            on_accent=readable_on(colour),
            link=readable_as(colour, on="#ffffff", towards="#000000"),
        ),
        dark_link=readable_as(colour, on=_DARK_CARD, towards="#ffffff"),
    )
