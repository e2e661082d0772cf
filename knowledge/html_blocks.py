"""HTML of any origin (a page, Markdown, Word) becomes the same blocks; nothing that runs or is hidden survives."""

import re

import markdown
from bs4 import BeautifulSoup, NavigableString, Tag

from knowledge.blocks import Block
from knowledge.chunking import clean

_DROPPED = (
    "script", "style", "noscript", "template", "svg", "canvas", "iframe", "object", "embed", "form", "button",
    "select", "input", "textarea", "nav", "head", "audio", "video", "dialog", "map",
)  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CONTAINERS = {
    "html", "body", "main", "article", "section", "div", "header", "footer", "aside", "figure", "details", "center",
    "fieldset", "address", "blockquote", "dl", "[document]",
}  # fmt: skip
_FRONT_MATTER = re.compile(r"\A---\s*\n.*?\n---\s*\n", re.DOTALL)
_BOLD_LINE_WORDS = 14
_MAX_DEPTH = 120


def markdown_blocks(text: str) -> list[Block]:
    """Blocks of a Markdown text (tables and nested lists included); front matter is no content."""
    body = _FRONT_MATTER.sub("", text.replace("\r\n", "\n"))
    return html_blocks(markdown.markdown(body, extensions=["tables", "sane_lists", "fenced_code"]))


def html_blocks(html: str) -> list[Block]:
    """Blocks of an HTML page or fragment, in reading order."""
    soup = BeautifulSoup(html, "lxml")
    for tag in soup.find_all(_DROPPED):
        tag.decompose()
    for tag in soup.find_all(True):
        if tag.attrs and (
            tag.has_attr("hidden")
            or tag.get("aria-hidden") == "true"
            or _HIDDEN.search(str(tag.get("style", "")))
        ):
            tag.extract()
    blocks: list[Block] = []
    _walk(soup, blocks, 0)
    return blocks


def _walk(node: Tag, blocks: list[Block], depth: int) -> None:
    inline: list[str] = []

    def flush() -> None:
        text = clean("".join(inline))
        inline.clear()
        if text:
            blocks.append(Block(kind="paragraph", text=text))

    if depth > _MAX_DEPTH:  # Deeper nesting is an attack or a mistake: its text is enough.
        inline.append(node.get_text(" "))
        flush()
        return
    for child in node.children:
        if isinstance(child, NavigableString):
            if type(child) is NavigableString:  # not a comment, a doctype or CDATA
                inline.append(str(child))
            continue
        if not isinstance(child, Tag):
            continue
        name = child.name
        if name in _HEADINGS:
            flush()
            _heading(child, _HEADINGS[name], blocks)
        elif name in {"p", "pre", "summary", "caption", "figcaption", "dd"}:
            flush()
            _paragraph(child, blocks, depth)
        elif name == "dt":
            flush()
            _heading(child, 6, blocks)
        elif name in {"ul", "ol", "menu"}:
            flush()
            _list(child, blocks, depth)
        elif name == "table":
            flush()
            _table(child, blocks, depth)
        elif name in _CONTAINERS:
            flush()
            _walk(child, blocks, depth + 1)
        elif name in {"br", "hr"}:
            flush() if name == "hr" else inline.append(" ")
        elif child.find(["p", "div", "ul", "ol", "table", "section", *_HEADINGS]):
            flush()
            _walk(child, blocks, depth + 1)
        else:
            inline.append(_inline(child))
    flush()


def _inline(tag: Tag) -> str:
    for br in tag.find_all("br"):
        br.replace_with(" ")
    return tag.get_text()


def _heading(tag: Tag, level: int, blocks: list[Block]) -> None:
    text = clean(_inline(tag))
    if text:
        blocks.append(Block(kind="heading", text=text, level=level))


def _paragraph(tag: Tag, blocks: list[Block], depth: int) -> None:
    if tag.find(["ul", "ol", "table"]):
        _walk(tag, blocks, depth + 1)
        return
    text = clean(_inline(tag))
    if not text:
        return
    bold = tag.find(["strong", "b"])
    if (
        bold is not None
        and clean(bold.get_text()) == text
        and len(text.split()) <= _BOLD_LINE_WORDS
        and not text.endswith((".", ":", ","))
    ):
        # A line that is bold from end to end is how people write headings without saying so.
        blocks.append(Block(kind="heading", text=text, level=6))
    else:
        blocks.append(Block(kind="paragraph", text=text))


def _list(tag: Tag, blocks: list[Block], depth: int) -> None:
    for number, item in enumerate(tag.find_all("li", recursive=False), start=1):
        own: list[str] = []
        nested: list[Tag] = []
        for child in item.children:
            if isinstance(child, Tag) and child.name in {"ul", "ol", "table"}:
                nested.append(child)
            elif isinstance(child, Tag):
                own.append(f" {_inline(child)} " if child.name in {"p", "div"} else _inline(child))
            elif type(child) is NavigableString:
                own.append(str(child))
        text = clean("".join(own))
        if text:
            blocks.append(Block(kind="item", text=text, ordered=number if tag.name == "ol" else 0))
        if nested and depth < _MAX_DEPTH:
            for child in nested:
                if child.name == "table":
                    _table(child, blocks, depth + 1)
                else:
                    _list(child, blocks, depth + 1)


def _table(tag: Tag, blocks: list[Block], depth: int) -> None:
    if tag.find("table") or tag.find(list(_HEADINGS)):  # a table used for layout
        for cell in tag.find_all(["td", "th"]):
            if cell.find_parent("table") is tag:
                _walk(cell, blocks, depth + 1)
        return
    rows = tuple(
        tuple(clean(_inline(cell)) for cell in row.find_all(["td", "th"], recursive=False))
        for row in tag.find_all("tr")
    )
    rows = tuple(row for row in rows if any(row))
    if rows:
        blocks.append(Block(kind="table", rows=rows))
