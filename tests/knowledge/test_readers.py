"""Every format gives the same structure; every bad file gives one plain sentence."""

import os

import pytest

from knowledge import readers
from knowledge.blocks import Block
from knowledge.chunking import chunk_blocks
from knowledge.parsing import file_blocks
from knowledge.readers import DocumentUnreadable, mime_for, read_blocks
from tests.knowledge import files

HTML = b"""<html><head><title>x</title><style>p{}</style></head><body><nav>Home</nav><h1>Mooring Rules</h1>
<h2>Arriving</h2><p>Every visiting boat reports to the harbour office within two hours.</p>
<p style="display:none">Hidden words</p><script>alert('no')</script>
<ul><li>The papers of the boat</li><li>The names of everybody aboard</li></ul>
<h2>Fees</h2><table><tr><th>Length</th><th>Price a night</th></tr><tr><td>Up to 8 m</td><td>12 crowns</td></tr>
<tr><td>Up to 12 m</td><td>19 crowns</td></tr></table></body></html>"""
MARKDOWN = b"""---
title: x
---
# Mooring Rules
## Arriving
Every visiting boat reports to the harbour office within two hours.

- The papers of the boat
- The names of everybody aboard

## Fees
| Length | Price a night |
|---|---|
| Up to 8 m | 12 crowns |
| Up to 12 m | 19 crowns |
"""


def read(content: bytes, name: str) -> list[Block]:
    return read_blocks(content=content, mime=mime_for(file_name=name, content=content))


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.pdf", files.pdf_make()), ("a.docx", files.docx_make()), ("a.html", HTML), ("a.md", MARKDOWN)],
    ids=["pdf", "docx", "html", "markdown"],
)
def test_headings_and_tables_survive_in_every_format(name: str, content: bytes) -> None:
    blocks = read(content, name)
    pieces = {piece.headings: piece.text for piece in chunk_blocks(blocks)}
    arriving = pieces[("Mooring Rules", "Arriving")]
    assert "Every visiting boat reports to the harbour office within two hours." in arriving
    fees = pieces[("Mooring Rules", "Fees")]
    assert "Up to 8 m: price a night 12 crowns." in fees
    assert "Up to 12 m: price a night 19 crowns." in fees


def test_what_stands_at_the_foot_of_every_pdf_page_is_no_content() -> None:
    text = " ".join(block.text for block in read(files.pdf_make(), "a.pdf"))
    assert "Diesel is sold at the eastern pier." in text
    assert "Harbour Boats, page" not in text


def test_scripts_hidden_text_and_menus_of_a_page_are_dropped() -> None:
    text = " ".join(block.text for block in read(HTML, "a.html"))
    assert "reports to the harbour office" in text
    assert not any(word in text for word in ("alert", "Hidden words", "Home", "p{}"))


def test_plain_text_keeps_short_lines_as_headings() -> None:
    pieces = chunk_blocks(read(b"Opening hours\n\nWe open at nine.\nWe close at five.\n", "a.txt"))
    assert [(piece.headings, piece.text) for piece in pieces] == [
        (("Opening hours",), "We open at nine. We close at five.")
    ]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.exe", b"MZ", "not a kind of file"),
        ("a.pdf", b"", "empty"),
        ("a.pdf", b"hello, I am text", "not a PDF"),
        ("a.docx", b"hello, I am text", "not a Word document"),
        ("a.docx", files.docx_make()[:600], "damaged"),
        ("a.docx", files.docx_bomb(), "not safe to open"),
        ("a.docx", files.docx_crowded(), "not safe to open"),
        ("a.txt", bytes(range(256)) * 20, "not text"),
        ("a.md", b"PK\x03\x04 and so on", "not text"),
        ("a.html", files.pdf_make(), "not text"),
        ("a.pdf", files.pdf_encrypted(), "password"),
        ("a.pdf", files.pdf_blank(), "scan"),
        ("a.pdf", b"%PDF-1.7\n" + os.urandom(500), "damaged"),
        ("a.pdf", files.pdf_make()[:900], "damaged"),
        ("a.md", b"# Only a heading\n", "no text"),
        ("a.html", b"<html><script>x()</script></html>", "no text"),
    ],
)
def test_a_bad_file_is_refused_in_plain_words(name: str, content: bytes, words: str) -> None:
    with pytest.raises(DocumentUnreadable, match=words):
        read(content, name)


def test_a_file_that_takes_longer_than_it_may_is_stopped() -> None:
    # Less than an interpreter needs to begin with: whatever the machine, this can't be done in time.
    with pytest.raises(DocumentUnreadable, match="stopped"):
        file_blocks(content=files.pdf_make(), mime="application/pdf", seconds=0.01, memory_bytes=1 << 30)


def test_a_document_that_wants_too_much_memory_is_stopped() -> None:
    with pytest.raises(DocumentUnreadable, match="memory"):
        file_blocks(
            content=b"<p>" + b"word <b>x</b> " * 500_000,
            mime="text/html",
            seconds=60,
            memory_bytes=300 << 20,
        )


def test_the_reading_process_knows_nothing_of_the_products_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "must not matter")
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    blocks = file_blocks(content=MARKDOWN, mime="text/markdown", seconds=30, memory_bytes=1 << 30)
    assert blocks == readers.read_blocks(content=MARKDOWN, mime="text/markdown")
