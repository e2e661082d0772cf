"""Makes a company's documents from their Markdown sources: ``python -m contactcenter.demo.build_documents DIR``.

A development tool (reportlab, python-docx, Pillow, markdown; the Lato fonts, else DejaVu). What it makes is kept as data,
so that nobody who only runs the product needs it. The format follows from the file name in a source's head; a source with
``pictures`` (heading: picture name) is laid out as a catalog. The same sources give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docx
import markdown
import yaml
from docx.shared import Pt, RGBColor
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

from contactcenter.demo.build_pictures import PICTURES, picture_draw
from contactcenter.demo.company import front_matter_read

FONT_FILES = {
    "Body": ("lato/Lato-Regular.ttf", "dejavu/DejaVuSans.ttf"),
    "Bold": ("lato/Lato-Bold.ttf", "dejavu/DejaVuSans-Bold.ttf"),
    "Title": ("lato/Lato-Black.ttf", "dejavu/DejaVuSans-Bold.ttf"),
}
FONTS = Path("/usr/share/fonts/truetype")
INK, QUIET, PALE = HexColor("#1c2333"), HexColor("#5b6478"), HexColor("#eef2f8")
MADE_ON = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)


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


def source_read(path: Path, company: Mapping[str, Any]) -> Source:
    """A Markdown source: one first-level heading, then second-level headings with plain paragraphs."""
    head, text = front_matter_read(path)
    sections = []
    for block in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, _, rest = block.partition("\n")
        paragraphs = tuple(" ".join(part.split()) for part in rest.split("\n\n") if part.strip())
        sections.append(Section(heading=heading.strip(), paragraphs=paragraphs))
    return Source(
        title=head["title"],
        text=text,
        sections=tuple(sections),
        file_name=head["file_name"],
        company=company["name"],
        tagline=company["tagline"],
        accent=company["shop"]["accent"],
        pictures=head.get("pictures", {}),
    )


def fonts_register() -> None:
    for name, files in FONT_FILES.items():
        path = next((FONTS / file for file in files if (FONTS / file).is_file()), None)
        if path is None:
            raise SystemExit(f"no font found for the documents; looked for {' and '.join(files)} in {FONTS}")
        pdfmetrics.registerFont(TTFont(name, str(path)))


def styles(accent: str) -> Mapping[str, ParagraphStyle]:
    def style(name: str, font: str, size: float, leading: float, colour: Color, **more: Any) -> ParagraphStyle:
        return ParagraphStyle(
            name, fontName=font, fontSize=size, leading=leading, textColor=colour, alignment=TA_LEFT, **more
        )

    return {
        "body": style("body", "Body", 10.5, 15.5, INK, spaceAfter=7),
        "heading": style("heading", "Bold", 14, 18, HexColor(accent), spaceBefore=12, spaceAfter=5, keepWithNext=1),
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


def docx_make(source: Source) -> bytes:
    document = docx.Document()
    accent = RGBColor.from_string(source.accent.lstrip("#").upper())
    for name, size, colour in (("Normal", 11, None), ("Title", 26, accent), ("Heading 1", 15, accent)):
        style = document.styles[name]
        style.font.name = "Calibri"
        style.font.size = Pt(size)
        if colour is not None:
            style.font.color.rgb = colour
    document.styles["Normal"].paragraph_format.space_after = Pt(8)
    document.sections[0].header.paragraphs[0].text = source.company
    properties = document.core_properties
    properties.title, properties.author, properties.language = source.title, source.company, "en"
    properties.created = properties.modified = MADE_ON
    document.add_heading(source.title, level=0)
    for section in source.sections:
        document.add_heading(section.heading, level=1)
        for text in section.paragraphs:
            document.add_paragraph(text)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} | {company}</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{ font: 1.05rem/1.65 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }}
  header {{ font-weight: 700; color: {accent}; }}
  h1 {{ font-size: 2.2rem; line-height: 1.2; }}
  h2 {{ font-size: 1.25rem; margin-top: 2.2rem; }}
  @media (prefers-color-scheme: dark) {{ header {{ filter: brightness(1.7); }} }}
</style>
</head>
<body>
<header>{company}</header>
<main>
{body}
</main>
</body>
</html>
"""


def html_make(source: Source) -> bytes:
    body = markdown.markdown(source.text)
    page = PAGE.format(
        title=html.escape(source.title), company=html.escape(source.company), accent=source.accent, body=body
    )
    return page.encode()


def text_make(source: Source) -> bytes:
    """Plain text, with headings on lines of their own, underlined."""
    lines = [source.title.upper(), "=" * len(source.title), ""]
    for section in source.sections:
        lines += [section.heading, "-" * len(section.heading), ""]
        for text in section.paragraphs:
            lines += [text, ""]
    return "\n".join(lines).encode()


def document_make(source: Source) -> bytes:
    """The finished file of ``source``, in the format that its file name says."""
    kind = Path(source.file_name).suffix
    if kind == ".pdf":
        return pdf_catalog(source) if source.pictures else pdf_letter(source)
    makers = {".docx": docx_make, ".html": html_make, ".txt": text_make, ".md": lambda given: given.text.encode()}
    if kind not in makers:
        raise SystemExit(f"{source.file_name}: no way to make a {kind} file")
    return makers[kind](source)


def pictures_make(directory: Path, company: Mapping[str, Any]) -> Iterator[Path]:
    """The shop page's pictures, as WebP with a transparent ground."""
    names = {product["picture"] for product in company["shop"]["products"]} | {company["shop"]["hero_picture"]}
    for name in sorted(names & PICTURES.keys()):
        path = directory / "pictures" / f"{name}.webp"
        path.parent.mkdir(exist_ok=True)
        wide = 1200 if name == company["shop"]["hero_picture"] else 800
        picture_draw(name, width=wide).save(path, "WEBP", quality=86, method=6)
        yield path


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or not (Path(arguments[0]) / "company.yaml").is_file():
        raise SystemExit("usage: python -m contactcenter.demo.build_documents COMPANY_DIRECTORY")
    directory = Path(arguments[0])
    company = yaml.safe_load((directory / "company.yaml").read_text(encoding="utf-8"))
    fonts_register()
    for path in sorted((directory / "documents" / "sources").glob("*.md")):
        source = source_read(path, company)
        target = directory / "documents" / source.file_name
        target.write_bytes(document_make(source))
        print(f"{target} {target.stat().st_size / 1000:.0f} kB")
    for path in pictures_make(directory, company):
        print(f"{path} {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
