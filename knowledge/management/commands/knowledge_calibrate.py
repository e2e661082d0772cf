"""Fit the map from features to similarity on the split "fit" and report on "test", or only check what is committed."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledge import calibrating, ranking


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--questions", nargs="+", type=Path, required=True, metavar="FILE")
        parser.add_argument(
            "--only-test", nargs="*", type=Path, default=[], metavar="FILE", help="Never fitted on."
        )
        parser.add_argument("--threshold", type=float, default=0.7)
        parser.add_argument(
            "--check", action="store_true", help="Report with the committed parameters; fit nothing."
        )
        parser.add_argument("--dry-run", action="store_true", help="Fit and report, but write no file.")
        parser.add_argument("--misses", action="store_true", help="List the questions on the wrong side.")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            fitted = [calibrating.Bench(calibrating.corpus_load(path)) for path in options["questions"]]
            unseen = [calibrating.Bench(calibrating.corpus_load(path)) for path in options["only_test"]]
            calibration = (
                ranking.calibration_load()
                if options["check"]
                else calibrating.calibration_fit(fitted, split="fit")
            )
        except (calibrating.CalibrationError, OSError) as error:
            raise CommandError(str(error)) from error
        figures: dict[str, Any] = {}
        for bench, split in [*((bench, "test") for bench in fitted), *((bench, None) for bench in unseen)]:
            found = calibrating.verdicts(bench, calibration, split=split)
            if not any(v.question.document for v in found) or all(v.question.document for v in found):
                continue  # A corpus that is only fitted on has nothing to report.
            name = f"{bench.corpus.name}/{split or 'all, unseen company'}"
            figures[name] = calibrating.report(found, threshold=options["threshold"])
            if options["misses"]:
                for verdict in found:
                    if (verdict.similarity >= options["threshold"]) != bool(verdict.question.document):
                        values = {key: round(value, 2) for key, value in verdict.features.items()}
                        self.stderr.write(
                            f"{verdict.similarity:.2f} {verdict.question.ask} | {verdict.heading} | {values}"
                        )
        document = {
            "about": "Written by knowledge_calibrate; see docs/knowledge.md. Do not edit by hand.",
            "features": {
                name: {"mean": mean, "scale": scale, "weight": weight}
                for name, mean, scale, weight in zip(
                    ranking.FEATURES, calibration.means, calibration.scales, calibration.weights, strict=True
                )
            },
            "bias": calibration.bias,
            "reported": figures,
        }
        if not options["check"] and not options["dry_run"]:
            text = json.dumps(document, indent=2, ensure_ascii=False)
            ranking.CALIBRATION_FILE.write_text(text + "\n", encoding="utf-8")
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False))
            return
        for name, figure in figures.items():
            self.stdout.write(
                f"{name}: AUROC {figure['auroc']:.3f}, balanced accuracy {figure['balanced_accuracy']:.3f} at "
                f"{figure['threshold']:g}; cleared {figure['answerable_cleared']} of {figure['answerable']} answerable, "
                f"kept back {figure['unanswerable_kept_back']} of {figure['unanswerable']} unanswerable; "
                f"labelled passage first {figure['labelled_passage_first']}, "
                f"right document first {figure['right_document_first']}"
            )
            for band in figure["reliability"]:
                self.stdout.write(
                    f"  {band['from']:.1f}-{band['to']:.1f}: n {band['n']}, promised {band['promised']}, "
                    f"labelled passage {band['labelled_passage']}, right document {band['right_document']}"
                )
