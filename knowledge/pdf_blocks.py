"""A PDF knows marks on a page; this module finds the text's structure again from sizes, positions and repetition.

Headings are short lines in a larger or bolder type than most of the text; what stands at the same place on most pages
(running heads, page numbers) is left out; cells that stand in columns over several lines are a table.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PdfReadError

from knowledge.blocks import Block
from knowledge.chunking import clean

MAX_PAGES = 2000
_BULLET = re.compile(r"^\s*([•‣◦▪●○·–—\-\*\uf0b7])\s+")
_NUMBERED = re.compile(r"^\s*(\d{1,2})[.)]\s+(?=\S)")
_PAGE_NUMBER = re.compile(
    r"^\W*\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?\W*$|\bpage\s*\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?\W*$", re.IGNORECASE
)
_HEADING_WORDS = 16


class PdfProtected(Exception):
    """The PDF wants a password."""


@dataclass(slots=True)
class _Span:
    x: float
    y: float
    size: float
    bold: bool
    text: str


@dataclass(slots=True)
class _Line:
    page: int
    y: float
    size: float
    bold: bool
    cells: list[tuple[float, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return clean(" ".join(text for _, text in self.cells))

    @property
    def x(self) -> float:
        return self.cells[0][0]


def pdf_blocks(content: bytes, *, progress: Callable[[int], None] = lambda percent: None) -> list[Block]:
    """Blocks of a PDF's text layer; none for a scan. Raises PdfProtected, or pypdf's errors for a damaged file."""
    reader = PdfReader(BytesIO(content), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise PdfProtected
    pages = len(reader.pages)
    if pages > MAX_PAGES:
        raise PdfReadError(f"more than {MAX_PAGES} pages")
    lines: list[_Line] = []
    for number in range(pages):
        lines.extend(_page_lines(reader.pages[number], number))
        progress(int(100 * (number + 1) / pages))
    return _structure(_without_running_heads(lines, pages))


def _page_lines(page: Any, number: int) -> list[_Line]:
    spans: list[_Span] = []

    def visit(text: str, cm: Sequence[float], tm: Sequence[float], font: Any, size: float) -> None:
        if not text.strip():
            return
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        scale = abs(tm[3] or tm[1] or 1.0) * abs(cm[3] or cm[1] or 1.0)
        name = str((font or {}).get("/BaseFont", "")).lower() if font is not None else ""
        bold = "bold" in name or "black" in name or "heavy" in name
        # The visitor hands over what stood before a line break together with it.
        spans.append(_Span(x, y, round(abs(size) * scale, 1), bold, text))

    page.extract_text(visitor_text=visit)
    lines: list[_Line] = []
    for span in spans:
        parts = span.text.split("\n")
        for offset, part in enumerate(parts):
            if not part.strip():
                continue
            y = span.y - offset * (span.size or 10.0) * 1.2
            last = lines[-1] if lines else None
            if last is not None and abs(last.y - y) <= max(2.0, 0.3 * (span.size or 10.0)):
                _cell_add(last, span, part)
            else:
                lines.append(_Line(number, y, span.size, span.bold, [(span.x, part.strip())]))
    return lines


def _cell_add(line: _Line, span: _Span, part: str) -> None:
    start, text = line.cells[-1]
    end = start + (span.size or 10.0) * sum(_width(letter) for letter in text)
    if span.x - end > 0.9 * (span.size or 10.0) or span.x < start - 1:
        line.cells.append((span.x, part.strip()))
    else:
        glue = "" if part[:1] in ",.;:!?)" or text.endswith("(") else " "
        line.cells[-1] = (start, f"{text}{glue}{part.strip()}")
    line.bold = line.bold and span.bold
    line.size = max(line.size, span.size)


def _width(letter: str) -> float:
    """In ems, as in the usual sans serif: fonts rarely tell, and this is near enough to see a gap between columns."""
    if letter in "iIjl.,:;'!|()[] ftr-":
        return 0.29
    if letter in "mwMW@%":
        return 0.84
    return 0.67 if letter.isupper() else 0.54


def _without_running_heads(lines: list[_Line], pages: int) -> list[_Line]:
    def key(line: _Line) -> tuple[str, int]:
        return re.sub(r"\d+", "#", line.text), round(line.y / 4)

    places: Counter[tuple[str, int]] = Counter()
    for place, _ in {(key(line), line.page) for line in lines}:
        places[place] += 1
    edges: dict[int, tuple[float, float]] = {}
    for line in lines:
        low, high = edges.get(line.page, (line.y, line.y))
        edges[line.page] = (min(low, line.y), max(high, line.y))
    kept: list[_Line] = []
    for line in lines:
        repeated = pages >= 2 and places[key(line)] >= max(2, 0.6 * pages)
        at_edge = line.y in edges[line.page]
        if repeated or (at_edge and _PAGE_NUMBER.search(line.text)):
            continue
        kept.append(line)
    return kept


def _structure(lines: list[_Line]) -> list[Block]:
    if not lines:
        return []
    sizes: Counter[float] = Counter()
    bolds: Counter[bool] = Counter()
    for line in lines:
        sizes[round(line.size)] += len(line.text)
        bolds[line.bold] += len(line.text)
    body = sizes.most_common(1)[0][0]
    bold_body = bolds[True] > bolds[False]
    levels = sorted({round(line.size) for line in lines if round(line.size) > 1.08 * body}, reverse=True)
    leading = _leading(lines)

    blocks: list[Block] = []
    text: list[str] = []
    kind: tuple[str, int] = ("paragraph", 0)
    previous: _Line | None = None

    def flush() -> None:
        nonlocal text, kind
        joined = _join(text)
        if joined:
            blocks.append(
                Block(kind="item" if kind[0] == "item" else "paragraph", text=joined, ordered=kind[1])
            )
        text, kind = [], ("paragraph", 0)

    place = 0
    while place < len(lines):
        line = lines[place]
        rows = _table_at(lines, place, body)
        if rows:
            flush()
            blocks.append(Block(kind="table", rows=tuple(tuple(row) for row in rows[0])))
            place += rows[1]
            previous = lines[place - 1]
            continue
        level = _heading_level(line, body, levels, bold_body)
        if level:
            flush()
            last = blocks[-1] if blocks else None
            close = (
                previous is not None
                and previous.page == line.page
                and abs(previous.y - line.y) < 1.6 * line.size
            )
            if last and last.kind == "heading" and last.level == level and close:
                blocks[-1] = Block(kind="heading", text=f"{last.text} {line.text}", level=level)
            else:
                blocks.append(Block(kind="heading", text=line.text, level=level))
        else:
            bullet, numbered = _BULLET.match(line.text), _NUMBERED.match(line.text)
            gap = abs(previous.y - line.y) if previous and previous.page == line.page else None
            apart = gap is not None and leading and gap > 1.35 * leading
            turned = gap is None and bool(text) and text[-1].rstrip().endswith((".", "!", "?", ":"))
            if bullet or numbered:
                flush()
                kind = ("item", int(numbered.group(1)) if numbered else 0)
                text = [line.text[(bullet or numbered).end() :]]  # type: ignore[union-attr]
            else:
                if apart or turned:
                    flush()
                text.append(line.text)
        previous = line
        place += 1
    flush()
    return blocks


def _leading(lines: Sequence[_Line]) -> float:
    """The commonest distance between two lines, in points."""
    gaps: Counter[float] = Counter()
    for above, below in pairwise(lines):
        if above.page == below.page and above.y > below.y:
            gaps[round(above.y - below.y)] += 1
    return gaps.most_common(1)[0][0] if gaps else 0.0


def _heading_level(line: _Line, body: float, levels: Sequence[float], bold_body: bool) -> int:
    words = line.text.split()
    if not words or len(words) > _HEADING_WORDS or not any(letter.isalpha() for letter in line.text):
        return 0
    if round(line.size) in levels:
        return min(6, levels.index(round(line.size)) + 1)
    if (
        line.bold
        and not bold_body
        and len(line.cells) == 1
        and line.text[-1] not in ".,;:"
        and line.size >= body - 0.5
    ):
        return min(6, len(levels) + 1)
    return 0


def _table_at(lines: Sequence[_Line], start: int, body: float) -> tuple[list[list[str]], int] | None:
    """Rows that begin at `start` and how many lines they took, when at least two lines share columns."""
    if len(lines[start].cells) < 2:
        return None
    columns = [x for x, _ in lines[start].cells]
    rows: list[list[str]] = []
    used = 0
    for line in lines[start:]:
        places = [_column(columns, x, body) for x, _ in line.cells]
        if None in places or (rows and line.page != lines[start].page):
            break
        if len(line.cells) == 1 and (not rows or places[0] == 0):
            break
        if len(line.cells) == 1 or (places and places[0] != 0):
            # A cell that goes on in the next line.
            for place, (_, text) in zip(places, line.cells, strict=True):
                rows[-1][place or 0] = clean(f"{rows[-1][place or 0]} {text}")
        else:
            row = [""] * len(columns)
            for place, (_, text) in zip(places, line.cells, strict=True):
                row[place or 0] = clean(f"{row[place or 0]} {text}")
            rows.append(row)
        used += 1
    return (rows, used) if len(rows) >= 2 else None


def _column(columns: Sequence[float], x: float, body: float) -> int | None:
    near = min(range(len(columns)), key=lambda place: abs(columns[place] - x))
    return near if abs(columns[near] - x) <= 1.5 * body else None


def _join(lines: Sequence[str]) -> str:
    """Lines of one paragraph; a word divided at a line's end is made whole."""
    joined = ""
    for line in lines:
        if joined.endswith("-") and line[:1].islower() and joined[-2:-1].isalpha():
            joined = joined[:-1] + line
        else:
            joined = f"{joined} {line}" if joined else line
    return clean(joined)
