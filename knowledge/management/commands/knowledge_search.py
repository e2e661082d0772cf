"""Ask the knowledge base as a call does: passages, their similarity, and whether they clear the threshold."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from knowledge import selectors


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query")
        parser.add_argument("--limit", type=int, default=3)
        parser.add_argument("--json", action="store_true", help="One JSON document on stdout.")

    def handle(self, *args: Any, **options: Any) -> None:
        passages = selectors.passages_search(query=options["query"], limit=options["limit"])
        if options["json"]:
            document = {
                "query": options["query"],
                "threshold": settings.KNOWLEDGE_THRESHOLD,
                "clears": any(passage.clears for passage in passages),
                "passages": [
                    {
                        "similarity": passage.similarity,
                        "clears": passage.clears,
                        "document": passage.document_slug,
                        "title": passage.document_title,
                        "heading": passage.heading,
                        "text": passage.text,
                        "answer": " ".join(passage.sentences[place] for place in passage.best),
                        "features": dict(passage.raw),
                    }
                    for passage in passages
                ],
            }
            self.stdout.write(json.dumps(document, ensure_ascii=False))
            return
        if not passages:
            self.stdout.write("Nothing found.")
        for passage in passages:
            mark = "clears" if passage.clears else "does not clear"
            self.stdout.write(
                f"{passage.similarity:.2f} {mark} {settings.KNOWLEDGE_THRESHOLD:g}  "
                f"{passage.document_title} › {passage.heading}"
            )
            answer = " ".join(passage.sentences[place] for place in passage.best)
            self.stdout.write(f"     {answer or passage.text}")
