"""Invariant: a text is words with variables and never a program. What fills a variable is data wherever it stands:
it can bring neither markup, nor a line, nor another variable.

    {variable}              one that the message has
    [[ words {variable}]]   left out when a variable in it has no value
    [[variable? words]]     there only when the variable has a value

and in a mail, written once and read as HTML and as plain text: `# Heading`, `- point`, `**bold**`,
`[Words of a button]({url})` and blocks such as `{documents}` alone on their line. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final
from unicodedata import bidirectional

#: Pictures of a document or an order rather than words: alone on their line, and only in a mail (`points` anywhere).
BLOCKS: Final = frozenset({"documents", "order"})

_VARIABLE: Final = re.compile(r"\{(\w+)\}")
_PIECE: Final = re.compile(r"\[\[(?:(\w+)\?)?(.*?)\]\](?!\])", re.DOTALL)
_BUTTON: Final = re.compile(r"\[([^\[\]]+)\]\(\{(\w+)\}\)")
_TOKEN: Final = re.compile(rf"{_BUTTON.pattern}|{_VARIABLE.pattern}")
_BOLD: Final = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_ALONE: Final = re.compile(r"^\{(\w+)\}$")
_LEFTWARD: Final = frozenset({"R", "AL", "AN"})
_BLANK: Final = re.compile(r"\n[ \t]*\n+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the HTML of a mail is coloured with. `on_accent` can be read on `accent`, `link` on white."""

    accent: str
    on_accent: str
    link: str


def problems(
    text: str, *, allowed: Collection[str], must: Collection[str] = (), mail: bool = False
) -> list[str]:
    """What is wrong with a text, in words for whoever wrote it; empty when nothing is."""
    found: list[str] = []
    names = variables_of(text)
    for name in sorted(names - set(allowed)):
        found.append(f"There is no variable {{{name}}} here. There are: {_list(allowed)}.")
    rest = _VARIABLE.sub("", text)
    if "{" in rest or "}" in rest:
        found.append("A variable is its name in braces, such as {company}; nothing else may stand in them.")
    pieces = _PIECE.sub("", text)
    if "[[" in pieces or any("[[" in match[2] for match in _PIECE.finditer(text)):
        found.append(
            "A piece that may be left out begins with [[ and ends with ]], and has no other piece in it."
        )
    for match in _PIECE.finditer(text):
        if not match[1] and not _VARIABLE.search(match[2]):
            found.append(
                f"Nothing decides whether to leave out “{match[2].strip()[:40]}”: it has no variable in it."
            )
    surely = variables_of(_PIECE.sub("", text))
    for name in must:
        if name not in surely:
            found.append(f"{{{name}}} can't be left out: it is what the message is for.")
    for name in sorted(names & BLOCKS):
        alone = [line for line in text.splitlines() if line.strip() == f"{{{name}}}"]
        if not mail or len(alone) != text.count(f"{{{name}}}"):
            found.append(f"{{{name}}} stands alone on its line" + ("." if mail else ", in a mail only."))
    if not mail and (_BUTTON.search(text)):
        found.append("A button is for mails only; in a text {url} stands as it is.")
    return found


def variables_of(text: str) -> frozenset[str]:
    """Every variable that a text speaks of."""
    conditions = {match[1] for match in _PIECE.finditer(text) if match[1]}
    return frozenset(_VARIABLE.findall(text)) | conditions


def pieces_chosen(text: str, values: Mapping[str, str]) -> str:
    """The text without the pieces whose variables have no value."""

    def keep(match: re.Match[str]) -> str:
        names = [match[1]] if match[1] else _VARIABLE.findall(match[2])
        words = match[2].removeprefix(" ") if match[1] else match[2]
        return words if all(values.get(name) for name in names) else ""

    return _PIECE.sub(keep, text)


def plain(text: str, values: Mapping[str, str]) -> str:
    """An SMS, a WhatsApp message or a subject: the variables filled in, once."""
    return _VARIABLE.sub(lambda match: values.get(match[1], ""), pieces_chosen(text, values))


def mail_text(text: str, values: Mapping[str, str], blocks: Mapping[str, str]) -> str:
    """The plain-text half of a mail."""
    lines: list[str] = []
    for line in pieces_chosen(text, values).splitlines():
        alone = _ALONE.match(line.strip())
        if alone and alone[1] in blocks:
            lines.append(blocks[alone[1]])
            continue
        words = _BOLD.sub(r"\1", _BUTTON.sub(lambda match: f"{match[1]}: {{{match[2]}}}", line))
        lines.append(_VARIABLE.sub(lambda match: values.get(match[1], ""), words.removeprefix("# ")))
    return "\n".join(lines)


def mail_html(text: str, values: Mapping[str, str], blocks: Mapping[str, str], look: Look) -> str:
    """The HTML half of a mail: our markup read first, everything else escaped."""
    done: list[str] = []
    for part in _BLANK.split(pieces_chosen(text.replace("\r\n", "\n"), values).strip()):
        done.append(_part(part.strip("\n"), values, blocks, look))
    return "\n".join(piece for piece in done if piece)


def _part(part: str, values: Mapping[str, str], blocks: Mapping[str, str], look: Look) -> str:
    html: list[str] = []
    lines: list[str] = []
    points: list[str] = []

    def flush() -> None:
        if lines:
            html.append(f'<p style="margin:0 0 16px;">{"<br>".join(lines)}</p>')
        if points:
            items = "".join(f'<li style="margin:0 0 6px;">{point}</li>' for point in points)
            html.append(f'<ul style="margin:0 0 16px;padding:0 0 0 22px;">{items}</ul>')
        lines.clear()
        points.clear()

    for raw in part.splitlines():
        line = raw.strip()
        alone, button = _ALONE.match(line), _BUTTON.fullmatch(line)
        if alone and alone[1] in blocks:
            flush()
            html.append(blocks[alone[1]])
        elif button:
            flush()
            html.append(_button(button[1], values.get(button[2], ""), look))
        elif line.startswith("# "):
            flush()
            html.append(
                '<h1 class="mail-ink" style="margin:0 0 10px;font-size:21px;line-height:28px;color:#172026;">'
                f"{_inline(line[2:], values, look)}</h1>"
            )
        elif line.startswith("- "):
            if lines:
                flush()
            points.append(_inline(line[2:], values, look))
        elif line:
            if points:
                flush()
            lines.append(_inline(line, values, look))
    flush()
    return "\n".join(html)


def _inline(line: str, values: Mapping[str, str], look: Look) -> str:
    """One line: bold, links and variables become HTML, all words are escaped."""
    # Escaping leaves every character of the markup as it is.
    html = _BOLD.sub(r"<strong>\1</strong>", escape(line))

    def fill(match: re.Match[str]) -> str:
        if match[1] is None:
            return _value(values.get(match[3], ""))
        words = _VARIABLE.sub(lambda inner: _value(values.get(inner[1], "")), match[1])
        return _link(words, values.get(match[2], ""), look)

    # In one pass, so that what fills a variable is never read again.
    return _TOKEN.sub(fill, html)


def _value(value: str) -> str:
    # Isolated, so that a name written from right to left leaves its neighbours where they are.
    rightward = not any(bidirectional(letter) in _LEFTWARD for letter in value)
    return escape(value) if rightward else f"<bdi>{escape(value)}</bdi>"


def _safe(url: str) -> str:
    """A link in a mail is clicked: it leads to a page and nowhere else."""
    return url if url.startswith(("https://", "http://")) else ""


def _link(words: str, url: str, look: Look) -> str:
    if not _safe(url):
        return words
    return f'<a href="{escape(_safe(url))}" class="mail-link" style="color:{look.link};">{words}</a>'


def _button(words: str, url: str, look: Look) -> str:
    if not _safe(url):
        return ""
    href = escape(url)
    return (
        '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 12px;"><tr>'
        f'<td style="background-color:{look.accent};border-radius:6px;"><a href="{href}" style="display:inline-block;'
        f"padding:12px 26px;color:{look.on_accent};font-size:16px;line-height:22px;font-weight:700;"
        f'text-decoration:none;">{escape(words)}</a></td></tr></table>\n'
        '<p class="mail-soft" style="margin:0 0 24px;color:#52606a;font-size:14px;line-height:21px;'
        f'word-break:break-all;"><a href="{href}" class="mail-link" style="color:{look.link};">{href}</a></p>'
    )


def _list(names: Collection[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
