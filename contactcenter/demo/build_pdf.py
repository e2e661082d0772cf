"""Lays out a document as PDF: a letter with a coloured head, or a catalog with pictures. A development tool.

The same source gives the same bytes.
"""

from __future__ import annotations

import html
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)
from reportlab.platypus import Image as Picture

from contactcenter.demo.build_pictures import picture_draw

FONT_FILES = {
    "Body": ("lato/Lato-Regular.ttf", "dejavu/DejaVuSans.ttf"),
    "Bold": ("lato/Lato-Bold.ttf", "dejavu/DejaVuSans-Bold.ttf"),
    "Title": ("lato/Lato-Black.ttf", "dejavu/DejaVuSans-Bold.ttf"),
}
FONTS = Path("/usr/share/fonts/truetype")
INK, QUIET, PALE = HexColor("#1c2333"), HexColor("#5b6478"), HexColor("#eef2f8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with the paragraphs under it."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    title: str
    text: str
    sections: tuple[Section, ...]
    file_name: str
    company: str
    tagline: str
    accent: str
    pictures: Mapping[str, str] = field(default_factory=dict)


def fonts_register() -> None:
    for name, files in FONT_FILES.items():
        path = next((FONTS / file for file in files if (FONTS / file).is_file()), None)
        if path is None:
            raise SystemExit(f"no font found for the documents; looked for {' and '.join(files)} in {FONTS}")
        pdfmetrics.registerFont(TTFont(name, str(path)))


def styles(accent: str) -> Mapping[str, ParagraphStyle]:
    def style(
        name: str, font: str, size: float, leading: float, colour: Color, **more: Any
    ) -> ParagraphStyle:
        return ParagraphStyle(
            name, fontName=font, fontSize=size, leading=leading, textColor=colour, alignment=TA_LEFT, **more
        )

    return {
        "body": style("body", "Body", 10.5, 15.5, INK, spaceAfter=7),
        "heading": style(
            "heading", "Bold", 14, 18, HexColor(accent), spaceBefore=12, spaceAfter=5, keepWithNext=1
        ),
        "card": style("card", "Body", 10.5, 15.5, INK),
        "name": style("name", "Bold", 15, 19, INK, spaceAfter=4),
    }


def body_page(source: Source) -> Any:
    """What stands on every page but the first: a thin line with the company and the title, and the page number."""

    def draw(canvas: Canvas, template: BaseDocTemplate) -> None:
        width, _height = A4
        canvas.saveState()
        canvas.setStrokeColor(HexColor("#d5dbe6"))
        canvas.setLineWidth(0.6)
        canvas.line(22 * mm, 17 * mm, width - 22 * mm, 17 * mm)
        canvas.setFont("Body", 8)
        canvas.setFillColor(QUIET)
        canvas.drawString(22 * mm, 12 * mm, f"{source.company} | {source.title}")
        canvas.drawRightString(width - 22 * mm, 12 * mm, f"Page {template.page}")
        canvas.restoreState()

    return draw


def logo_draw(canvas: Canvas, x: float, y: float, source: Source, colour: Color) -> None:
    """The company's mark (a ring with a dot) and its name."""
    canvas.setStrokeColor(colour)
    canvas.setFillColor(colour)
    canvas.setLineWidth(1.8)
    canvas.circle(x + 8, y + 5, 7, stroke=1, fill=0)
    canvas.circle(x + 8, y + 5, 2.6, stroke=0, fill=1)
    canvas.setFont("Bold", 13)
    canvas.drawString(x + 21, y, source.company)


def letter_page(source: Source) -> Any:
    """The first page of a text document: a coloured head with the title."""
    below = body_page(source)

    def draw(canvas: Canvas, template: BaseDocTemplate) -> None:
        width, height = A4
        canvas.saveState()
        canvas.setFillColor(HexColor(source.accent))
        canvas.rect(0, height - 52 * mm, width, 52 * mm, stroke=0, fill=1)
        canvas.setFillColor(Color(1, 1, 1, alpha=0.08))
        canvas.circle(width - 26 * mm, height - 8 * mm, 38 * mm, stroke=0, fill=1)
        canvas.circle(width - 70 * mm, height - 58 * mm, 24 * mm, stroke=0, fill=1)
        canvas.setFillColor(HexColor("#ffffff"))
        canvas.rect(0, height - 90 * mm, width, 38 * mm, stroke=0, fill=1)
        logo_draw(canvas, 22 * mm, height - 19 * mm, source, HexColor("#ffffff"))
        canvas.setFont("Title", 27)
        canvas.setFillColor(HexColor("#ffffff"))
        canvas.drawString(22 * mm, height - 41 * mm, source.title)
        canvas.restoreState()
        below(canvas, template)

    return draw


def jpeg(name: str, *, width: int, ground: tuple[int, int, int]) -> io.BytesIO:
    """The picture on a plain ground, as a JPEG."""
    picture = picture_draw(name, width=width)
    flat = Image.new("RGB", picture.size, ground)
    flat.paste(picture, (0, 0), picture)
    stream = io.BytesIO()
    flat.save(stream, "JPEG", quality=93, subsampling=0, optimize=True)
    stream.seek(0)
    return stream


def cover_page(source: Source, hero: io.BytesIO) -> Any:
    def draw(canvas: Canvas, _template: BaseDocTemplate) -> None:
        width, height = A4
        canvas.saveState()
        canvas.setFillColor(PALE)
        canvas.rect(0, 0, width, height, stroke=0, fill=1)
        picture = Picture(hero, width=178 * mm, height=133.5 * mm)
        picture.drawOn(canvas, 16 * mm, 70 * mm)
        logo_draw(canvas, 22 * mm, height - 26 * mm, source, HexColor(source.accent))
        canvas.setFillColor(INK)
        canvas.setFont("Title", 44)
        canvas.drawString(21 * mm, height - 60 * mm, source.title)
        canvas.setFont("Body", 15)
        canvas.setFillColor(QUIET)
        canvas.drawString(22 * mm, height - 71 * mm, source.tagline)
        canvas.setFillColor(HexColor(source.accent))
        canvas.rect(0, 0, width, 16 * mm, stroke=0, fill=1)
        canvas.restoreState()

    return draw


def template_make(stream: io.BytesIO, source: Source) -> BaseDocTemplate:
    return BaseDocTemplate(
        stream,
        pagesize=A4,
        title=source.title,
        author=source.company,
        subject=f"{source.company} {source.title}",
        lang="en",
        invariant=1,
        leftMargin=22 * mm,
        rightMargin=22 * mm,
    )


def pdf_letter(source: Source) -> bytes:
    """A text document: a coloured head, then the sections."""
    stream = io.BytesIO()
    template = template_make(stream, source)
    width, height = A4
    first = Frame(22 * mm, 22 * mm, width - 44 * mm, height - 82 * mm, 0, 0, 0, 0)
    later = Frame(22 * mm, 22 * mm, width - 44 * mm, height - 44 * mm, 0, 0, 0, 0)
    template.addPageTemplates(
        [
            PageTemplate("first", [first], onPage=letter_page(source), autoNextPageTemplate="later"),
            PageTemplate("later", [later], onPage=body_page(source)),
        ]
    )
    look = styles(source.accent)
    story: list[Flowable] = []
    for section in source.sections:
        paragraphs = [Paragraph(html.escape(text), look["body"]) for text in section.paragraphs]
        story.append(KeepTogether([Paragraph(html.escape(section.heading), look["heading"]), paragraphs[0]]))
        story += paragraphs[1:]
    template.build(story)
    return stream.getvalue()


def product_card(section: Section, picture: str, look: Mapping[str, ParagraphStyle], left: bool) -> Flowable:
    """A picture on one side and the words on the other."""
    image = Picture(jpeg(picture, width=2000, ground=(238, 242, 248)), width=90 * mm, height=67.5 * mm)
    words = [Paragraph(html.escape(section.heading), look["name"])]
    words += [Paragraph(html.escape(text), look["card"]) for text in section.paragraphs]
    row = [image, words] if left else [words, image]
    table = Table([row], colWidths=[94 * mm, 72 * mm] if left else [72 * mm, 94 * mm])
    picture_cell = (0, 0) if left else (1, 0)
    words_cell = (1, 0) if left else (0, 0)
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("BACKGROUND", picture_cell, picture_cell, PALE),
                ("ALIGN", picture_cell, picture_cell, "CENTER"),
                ("LEFTPADDING", words_cell, words_cell, 7 * mm if left else 0),
                ("RIGHTPADDING", words_cell, words_cell, 0 if left else 7 * mm),
                ("LEFTPADDING", picture_cell, picture_cell, 2 * mm),
                ("RIGHTPADDING", picture_cell, picture_cell, 2 * mm),
            ]
        )
    )
    return KeepTogether([table, Spacer(1, 9 * mm)])


def pdf_catalog(source: Source) -> bytes:
    """A cover, then three products a page, then what else there is to say."""
    stream = io.BytesIO()
    template = template_make(stream, source)
    width, height = A4
    hero = jpeg(next(iter(source.pictures.values())), width=2400, ground=(238, 242, 248))
    page = Frame(22 * mm, 22 * mm, width - 44 * mm, height - 42 * mm, 0, 0, 0, 0)
    cover = Frame(22 * mm, 24 * mm, width - 44 * mm, 36 * mm, 0, 0, 0, 0)
    template.addPageTemplates(
        [
            PageTemplate("cover", [cover], onPage=cover_page(source, hero)),
            PageTemplate("page", [page], onPage=body_page(source)),
        ]
    )
    look = styles(source.accent)
    story: list[Flowable] = []
    cards = 0
    for number, section in enumerate(source.sections):
        picture = source.pictures.get(section.heading)
        if picture:
            story.append(product_card(section, picture, look, cards % 2 == 0))
            cards += 1
            continue
        story.append(Paragraph(html.escape(section.heading), look["heading"]))
        story += [Paragraph(html.escape(text), look["body"]) for text in section.paragraphs]
        if number == 0:
            story += [NextPageTemplate("page"), PageBreak()]
    template.build(story)
    return stream.getvalue()
