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
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import docx
import markdown
import yaml
from docx.shared import Pt, RGBColor

from contactcenter.demo.build_pdf import Section, Source, fonts_register, pdf_catalog, pdf_letter
from contactcenter.demo.build_pictures import PICTURES, picture_draw
from contactcenter.demo.company import front_matter_read

MADE_ON = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)


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


def zip_settled(content: bytes) -> bytes:
    """The same archive with one fixed time on every entry, so that building twice changes nothing."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(stream, "w") as settled:
        for name in given.namelist():
            entry = zipfile.ZipInfo(name, MADE_ON.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            settled.writestr(entry, given.read(name))
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
    return zip_settled(stream.getvalue())


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
    """Plain text, with headings on lines of their own."""
    lines = [source.title, ""]
    for section in source.sections:
        lines += [section.heading, ""]
        for text in section.paragraphs:
            lines += [text, ""]
    return "\n".join(lines).encode()


def document_make(source: Source) -> bytes:
    """The finished file of ``source``, in the format that its file name says."""
    kind = Path(source.file_name).suffix
    if kind == ".pdf":
        return pdf_catalog(source) if source.pictures else pdf_letter(source)
    makers = {
        ".docx": docx_make,
        ".html": html_make,
        ".txt": text_make,
        ".md": lambda given: given.text.encode(),
    }
    if kind not in makers:
        raise SystemExit(f"{source.file_name}: no way to make a {kind} file")
    return makers[kind](source)


def pictures_make(directory: Path, company: Mapping[str, Any]) -> Iterator[Path]:
    """The shop page's pictures, as WebP with a transparent ground."""
    names = {product["picture"] for product in company["shop"]["products"]} | {
        company["shop"]["hero_picture"]
    }
    for name in sorted(names & PICTURES.keys()):
        path = directory / "pictures" / f"{name}.webp"
        path.parent.mkdir(exist_ok=True)
        wide = 1200 if name == company["shop"]["hero_picture"] else 800
        picture_draw(name, width=wide).save(path, "WEBP", quality=86, method=6)
        yield path


def main(arguments: list[str]) -> None:
    if not arguments or not (Path(arguments[0]) / "company.yaml").is_file():
        raise SystemExit("usage: python -m contactcenter.demo.build_documents COMPANY_DIRECTORY [FILE_NAME…]")
    directory, only = Path(arguments[0]), set(arguments[1:])
    company = yaml.safe_load((directory / "company.yaml").read_text(encoding="utf-8"))
    fonts_register()
    for path in sorted((directory / "documents" / "sources").glob("*.md")):
        source = source_read(path, company)
        if only and source.file_name not in only:
            continue
        target = directory / "documents" / source.file_name
        target.write_bytes(document_make(source))
        print(f"{target} {target.stat().st_size / 1000:.0f} kB")  # noqa: T201
    for path in () if only else pictures_make(directory, company):
        print(f"{path} {path.stat().st_size / 1000:.0f} kB")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
