"""``understanding_eval``: how well callers are understood, on data sets given by path. docs/understanding.md says where to get
them and what was measured."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from calls.engines.offline import OfflineEngine
from calls.evaluation.answers import answer_figures
from calls.evaluation.figures import EvaluationError, Figure, table
from calls.evaluation.intents import banking_figures, clinc_figures
from calls.evaluation.keeping import Kept
from calls.evaluation.moods import mood_figures
from calls.evaluation.slot_dialogues import datetime_dialogues
from calls.evaluation.slot_sets import Score
from calls.evaluation.slots import slots_scores, yesno_dialogues, yesno_intents
from calls.playbooks import INTENTS
from knowledge import embedder
from knowledge.selectors import document_for, passages_search


class Command(BaseCommand):
    help = (
        "Measures understanding on data sets given by path. Test splits are only judged, never learnt from: "
        "examples are drawn from training splits, thresholds from validation splits, by fixed seeds."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clinc", type=Path, metavar="FILE", help="CLINC150's data_full.json")
        parser.add_argument(
            "--banking77", type=Path, metavar="DIR", help="train.csv and test.csv of Banking77"
        )
        parser.add_argument(
            "--full", action="store_true", help="also train on whole training splits (minutes)"
        )
        parser.add_argument("--recognizers", type=Path, metavar="DIR", help="Recognizers-Text, or its Specs")
        parser.add_argument("--nemo", type=Path, metavar="DIR", help="NeMo-text-processing")
        parser.add_argument("--sgd", type=Path, metavar="DIR", help="one split of Schema-Guided Dialogue")
        parser.add_argument(
            "--part",
            choices=["", "dev", "held-out"],
            default="",
            help="of recognizers and nemo: all, or a part by checksum",
        )
        parser.add_argument(
            "--questions",
            type=Path,
            nargs="*",
            default=[],
            metavar="FILE",
            help="questions about the documents loaded here",
        )
        parser.add_argument(
            "--sentiment",
            type=Path,
            nargs="*",
            default=[],
            metavar="FILE",
            help="sentences with a mood (CSV), or rated (VADER)",
        )
        parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "understanding-eval")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        figures: list[Figure] = []
        for measure in self._measures(options):
            try:
                found = measure()
            except EvaluationError as error:
                raise CommandError(str(error)) from error
            figures += found
            if not options["json"]:
                self.stdout.write(table(found) + "\n")
        if not figures:
            raise CommandError("nothing to measure: give at least one data set (--help says which)")
        if options["json"]:
            self.stdout.write(
                json.dumps({"figures": [one.as_json() for one in figures]}, ensure_ascii=False, indent=2)
            )

    def _measures(self, options: dict[str, Any]) -> list[Callable[[], list[Figure]]]:
        embed = Kept(embedder.embed, options["cache"])
        measures: list[Callable[[], list[Figure]]] = []
        if options["clinc"]:
            measures.append(lambda: clinc_figures(options["clinc"], embed=embed, full=options["full"]))
            measures.append(lambda: _readers([yesno_intents(options["clinc"])], "test"))
        if options["banking77"]:
            measures.append(lambda: banking_figures(options["banking77"], embed=embed, full=options["full"]))
        if options["recognizers"] or options["nemo"]:
            measures.append(
                lambda: _readers(
                    slots_scores(specs=options["recognizers"], pairs=options["nemo"], part=options["part"]),
                    options["part"] or "all",
                )
            )
        if options["sgd"]:
            folder = options["sgd"]
            measures.append(
                lambda: _readers([datetime_dialogues(folder), yesno_dialogues(folder)], folder.name)
            )
        for path in options["questions"]:
            measures.append(
                lambda path=path: answer_figures(  # type: ignore[misc]
                    path, search=passages_search, threshold=float(settings.KNOWLEDGE_THRESHOLD)
                )
            )
        if options["sentiment"]:
            engine = _engine(embed)
            measures += [
                lambda path=path: mood_figures(path, sentiment_of=engine.sentiment_of)  # type: ignore[misc]
                for path in options["sentiment"]
            ]
        return measures


def _engine(embed: Kept) -> OfflineEngine:
    """The engine with the examples that are shipped: a figure doesn't depend on what somebody has edited here."""
    examples = yaml.safe_load(INTENTS.read_text(encoding="utf-8"))
    return OfflineEngine(
        examples=lambda: ("shipped", examples), embed=embed, search=passages_search, document_for=document_for
    )


def _readers(scores: list[Score], split: str) -> list[Figure]:
    figures = []
    for score in scores:
        rest = f"asked {score.asked}, nothing heard {score.missed}, wrong {score.wrong}"
        for what, value, note in (
            ("right", score.accuracy, rest),
            ("right or asked about", score.right_or_asked, ""),
            (
                "false (scheduled, sent or agreed to, never said)",
                score.false / score.n if score.n else 0.0,
                "",
            ),
        ):
            figures.append(Figure(what=what, data=score.name, split=split, n=score.n, value=value, note=note))
    return figures
