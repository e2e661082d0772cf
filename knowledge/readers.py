"""A file becomes blocks, or one clear sentence that says why it can't.

Nothing here trusts a file: kind and magic bytes must agree, a DOCX is weighed before it is unpacked, and all of it runs
in a process of its own (`knowledge.parsing`) with its time and memory limited.
"""

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import PurePath

import mammoth
from bs4.dammit import EncodingDetector
from pypdf.errors import PyPdfError

from knowledge.blocks import Block
from knowledge.html_blocks import html_blocks, markdown_blocks
from knowledge.pdf_blocks import PdfProtected, pdf_blocks

MIME_BY_SUFFIX = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".html": "text/html",
    ".htm": "text/html",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
}
TEXT_MIMES = frozenset({"text/markdown", "text/plain"})

DOCX_MAX_ENTRIES = 3000
DOCX_MAX_BYTES = 200 * 1024 * 1024
DOCX_MAX_RATIO = 150
_RATIO_FROM = 1024 * 1024  # Small parts may well shrink a hundredfold; a bomb is one only when it is big.
_DOCX_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13, 27}


class DocumentUnreadable(Exception):
    """The message is one or two plain sentences, fit for an administrator."""


def mime_for(*, file_name: str, content: bytes) -> str:
    """The type of an upload, when its name and its first bytes agree. Raises DocumentUnreadable."""
    suffix = PurePath(file_name).suffix.lower()
    mime = MIME_BY_SUFFIX.get(suffix)
    if mime is None:
        raise DocumentUnreadable(
            f"“{suffix or file_name}” is not a kind of file that can be read. Upload a PDF, DOCX, HTML, Markdown or TXT file."
        )
    if not content:
        raise DocumentUnreadable("The file is empty.")
    if suffix == ".pdf":
        if b"%PDF-" not in content[:1024]:
            raise DocumentUnreadable("The file is named .pdf, but it is not a PDF.")
    elif suffix == ".docx":
        docx_check(content)
    else:
        text_of(content)
        if content[:5] == b"%PDF-" or content[:4] in {b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff\xe0"}:
            raise DocumentUnreadable(f"The file is named {suffix}, but it is not text.")
    return mime


def docx_check(content: bytes) -> None:
    """Weigh a DOCX by its table of contents, without unpacking it. Raises DocumentUnreadable."""
    if content[:4] != b"PK\x03\x04":
        raise DocumentUnreadable("The file is named .docx, but it is not a Word document.")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise DocumentUnreadable(
            "The Word document is damaged: it can't be opened. Save it again and upload it."
        ) from error
    names = {entry.filename for entry in entries}
    if "word/document.xml" not in names or "[Content_Types].xml" not in names:
        raise DocumentUnreadable("The file is named .docx, but it is not a Word document.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise DocumentUnreadable(
            "The Word document is protected by a password. Remove the password and upload it again."
        )
    total = sum(entry.file_size for entry in entries)
    bomb = any(
        entry.file_size > _RATIO_FROM and entry.file_size > DOCX_MAX_RATIO * max(1, entry.compress_size)
        for entry in entries
    )
    if len(entries) > DOCX_MAX_ENTRIES or total > DOCX_MAX_BYTES or bomb:
        raise DocumentUnreadable(
            "The Word document unpacks to far more than its size; that is not safe to open."
        )


def text_of(content: bytes) -> str:
    """Decode text of unknown encoding. Raises DocumentUnreadable for what is no text."""
    encodings = ["utf-8-sig", "utf-16"] if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else ["utf-8-sig"]
    for encoding in [*encodings, "cp1252"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        sample = text[:20000]
        if sum(ord(letter) in _CONTROL for letter in sample) > 0.002 * len(sample):
            break
        return text.replace("\x00", "")
    raise DocumentUnreadable("The file is not text: it holds bytes that no text has.")


def read_blocks(
    *, content: bytes, mime: str, progress: Callable[[int], None] = lambda percent: None
) -> list[Block]:
    """Blocks of a document. `progress` is called with 0 to 100. Raises DocumentUnreadable."""
    if mime == "application/pdf":
        blocks = _pdf(content, progress)
    elif mime == MIME_BY_SUFFIX[".docx"]:
        blocks = _docx(content)
    elif mime == "text/html":
        blocks = html_blocks(_html_text(content))
    elif mime == "text/markdown":
        blocks = markdown_blocks(text_of(content))
    elif mime == "text/plain":
        blocks = plain_blocks(text_of(content))
    else:
        raise DocumentUnreadable(f"{mime} is not a kind of file that can be read.")
    if not any(block.text or block.rows for block in blocks if block.kind != "heading"):
        if mime == "application/pdf":
            raise DocumentUnreadable(
                "The PDF has no text in it: it is probably a scan, or empty. Run text recognition (OCR) over it first."
            )
        raise DocumentUnreadable("There is no text in the document.")
    progress(100)
    return blocks


def plain_blocks(text: str) -> list[Block]:
    """Paragraphs between empty lines; a short line of its own without a full stop is a heading."""
    blocks: list[Block] = []
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    paragraph: list[str] = []
    for line in [*lines, ""]:
        if line and line[0] in "-*•" and line[1:2] == " ":
            if paragraph:
                blocks.append(Block(kind="paragraph", text=" ".join(paragraph)))
                paragraph = []
            blocks.append(Block(kind="item", text=line[1:].strip()))
        elif line:
            paragraph.append(line)
        elif paragraph:
            joined = " ".join(paragraph)
            if len(paragraph) == 1 and len(joined.split()) <= 10 and joined[-1] not in ".!,;:":
                blocks.append(Block(kind="heading", text=joined.strip("=#- "), level=2))
            else:
                blocks.append(Block(kind="paragraph", text=joined))
            paragraph = []
    return blocks


def _pdf(content: bytes, progress: Callable[[int], None]) -> list[Block]:
    try:
        return pdf_blocks(content, progress=progress)
    except PdfProtected as error:
        raise DocumentUnreadable(
            "The PDF is protected by a password. Remove the password and upload it again."
        ) from error
    except MemoryError:
        raise
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        OSError,
    ) as error:
        # pypdf meets damage with whatever exception the damage happens to cause.
        raise DocumentUnreadable(
            "The PDF is damaged: it can't be read. Export it again and upload it."
        ) from error


def _docx(content: bytes) -> list[Block]:
    docx_check(content)
    try:
        html = mammoth.convert_to_html(
            BytesIO(content),
            style_map=_DOCX_STYLES,
            convert_image=mammoth.images.img_element(lambda image: {"src": ""}),
        ).value
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
        SyntaxError,
    ) as error:
        raise DocumentUnreadable(
            "The Word document is damaged: it can't be read. Save it again and upload it."
        ) from error
    return html_blocks(html)


def _html_text(content: bytes) -> str:
    declared = EncodingDetector.find_declared_encoding(content, is_html=True)
    if declared:
        try:
            return content.decode(declared)
        except (LookupError, UnicodeDecodeError):
            pass  # A page that lies about its encoding is read like one that says nothing.
    return text_of(content)
