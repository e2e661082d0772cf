"""A small company's documents in memory, searched with the real embedder: enough knowledge for an engine
to be judged on.

The search is a stand-in for the product's own; what it finds is not what is tested here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from calls.core.sentences import split
from calls.core.wordlist import word_set

DOCUMENTS = {
    ("Refund Policy", "policy"): {
        "Money back": "We offer a 30-day money-back guarantee. If you are not satisfied with your "
        "purchase, contact us within 30 days for a full refund. Opened items can be returned as long as "
        "they are undamaged.",
        "Processing": "Refunds are processed within 5-7 business days. The money goes back to the payment "
        "method that you used.",
        "Receipt": "The original receipt is required for every refund request. There is no charge for "
        "returning an item.",
        "Exchanges": "An item can be exchanged for another size or model within 30 days of delivery.",
        "Cancelling": "An order can be cancelled free of charge until it has been shipped.",
    },
    ("Shipping and Delivery", "policy"): {
        "Times": "Standard delivery takes 3 to 5 business days. Express delivery arrives on the next "
        "business day.",
        "Costs": "Shipping is free for orders above $50. Smaller orders cost $4.99 to ship.",
        "Weekends": "We deliver from Monday to Saturday, not on Sundays.",
        "Lost parcels": "If a parcel is lost on the way, we send a new one at no cost.",
    },
    ("Warranty Terms", "policy"): {
        "Length": "Every device has a warranty of two years from the date of purchase.",
        "Coverage": "The warranty covers defects of material and workmanship. Water damage and drops are "
        "not covered by the guarantee.",
    },
    ("Privacy Policy", "policy"): {
        "Sharing": "We never sell personal data and share it only with the courier who delivers your order.",
    },
    ("Payment Methods", "policy"): {
        "Cards": "We accept Visa, Mastercard and American Express credit cards, and bank transfer.",
        "Instalments": "Purchases above $300 can be paid in installments over 12 months.",
    },
    ("Product Catalog", "catalog"): {
        "Laptops": "We sell three laptops: the Aero 13, the Aero 15 and the Titan 17. The Aero 13 costs "
        "$899 and weighs 1.1 kilograms.",
        "Monitors": "For gaming we recommend the Vista 27 monitor with 165 hertz. The Vista 24 is the "
        "better choice for offices.",
        "Tablets": "The cheapest tablet is the Leaf 8 at $149. It comes in black, silver and green colors.",
        "Headsets": "The Echo headset works with iPhone and Android phones over Bluetooth.",
        "Accessories": "Spare chargers, cables and bags are available for every model.",
        "Discounts": "Companies that buy ten or more devices get a discount of 8 percent.",
    },
}


@dataclass(frozen=True)
class Found:
    document_id: int
    document_title: str
    document_kind: str
    heading: str
    text: str
    similarity: float
    clears: bool
    sentences: tuple[str, ...]
    best: tuple[int, ...]
    chunk_id: int = 0
    document_slug: str = ""
    raw: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    document_id: int
    title: str
    kind: str
    slug: str = ""


_COMMON = word_set(
    "what is your the a an do you of for how and to in it are can i my me on at if be with or that",
    "this does have get from by long much which when",
)


def _stems(text: str) -> set[str]:
    return {word[:5] for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in _COMMON}


class Library:
    """``search`` and ``document_for`` as the engine takes them."""

    def __init__(self, embed: Callable[[Sequence[str]], np.ndarray], documents: dict | None = None) -> None:
        self._embed = embed
        self.documents: list[Document] = []
        self._rows: list[tuple[Document, str, str, tuple[str, ...]]] = []
        for (title, kind), parts in (documents or DOCUMENTS).items():
            document = Document(len(self.documents) + 1, title, kind)
            self.documents.append(document)
            self._rows.extend((document, heading, text, split(text)) for heading, text in parts.items())
        self._vectors = embed([f"{doc.title}. {heading}. {text}" for doc, heading, text, _ in self._rows])
        self._sentences = [
            embed([f"{doc.title}: {sentence}" for sentence in sentences])
            for doc, _, _, sentences in self._rows
        ]

    def search(self, *, query: str, limit: int = 3) -> list[Found]:
        vector = self._embed([query])[0]
        wanted = _stems(query)
        found = []
        for index, (doc, heading, text, sentences) in enumerate(self._rows):
            each = self._sentences[index] @ vector
            cosine = max(float(self._vectors[index] @ vector), float(each.max()))
            overlap = len(wanted & _stems(f"{doc.title} {heading} {text}")) / max(1, len(wanted))
            similarity = 1 / (1 + np.exp(-(9 * (cosine - 0.42) + 3 * (overlap - 0.35))))
            best = tuple(sorted(int(i) for i in np.flatnonzero(each >= each.max() - 0.12)))
            found.append(
                Found(
                    doc.document_id,
                    doc.title,
                    doc.kind,
                    heading,
                    text,
                    float(similarity),
                    bool(similarity >= 0.7),
                    sentences,
                    best,
                )
            )
        return sorted(found, key=lambda item: -item.similarity)[:limit]

    def document_for(self, *, query: str) -> Document | None:
        wanted = _stems(query)
        scored = [(len(wanted & _stems(doc.title)), doc) for doc in self.documents]
        best = max(scored, key=lambda item: item[0])
        if best[0] == 0:
            found = self.search(query=query, limit=1)[0]
            return (
                next(doc for doc in self.documents if doc.document_id == found.document_id)
                if found.similarity > 0.6
                else None
            )
        return best[1]
