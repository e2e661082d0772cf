"""What a reader hands on: a document as a flat list of blocks, with nothing of the file format left in it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """`text` for headings (with `level`, from 1), paragraphs and list items; `rows` for tables, the head first.

    `ordered` is the number of an item in a numbered list, else 0.
    """

    kind: Literal["heading", "paragraph", "item", "table"]
    text: str = ""
    level: int = 0
    ordered: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


def blocks_dump(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """As JSON-ready dictionaries: how blocks leave the reading process."""
    return [
        {
            "kind": b.kind,
            "text": b.text,
            "level": b.level,
            "ordered": b.ordered,
            "rows": [list(r) for r in b.rows],
        }
        for b in blocks
    ]


def blocks_load(items: Iterable[Mapping[str, Any]]) -> list[Block]:
    """The inverse of `blocks_dump`."""
    return [
        Block(
            kind=item["kind"],
            text=item["text"],
            level=item["level"],
            ordered=item["ordered"],
            rows=tuple(tuple(row) for row in item["rows"]),
        )
        for item in items
    ]
