"""The committed figures can be had again, and hold for a company that was never fitted on."""

import json
from pathlib import Path

import pytest

from knowledge import calibrating, embedder, ranking

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "contactcenter/demo/companies/techcorp/questions.yaml"
UNSEEN = ROOT / "tests/companies/fernleigh/questions.yaml"


@pytest.fixture(scope="module")
def reported() -> dict[str, dict[str, float]]:
    document = json.loads(ranking.CALIBRATION_FILE.read_text(encoding="utf-8"))
    return document["reported"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(("path", "split", "name"), [
    (DEMO, "test", "techcorp/test"), (UNSEEN, None, "fernleigh/all, unseen company"),
])  # fmt: skip
def test_the_reported_figures_can_be_had_again(
    reported: dict[str, dict[str, float]], path: Path, split: str | None, name: str
) -> None:
    bench = calibrating.Bench(calibrating.corpus_load(path))
    found = calibrating.verdicts(bench, ranking.calibration_load(), split=split)
    figures = calibrating.report(found, threshold=0.7)
    assert abs(figures["auroc"] - reported[name]["auroc"]) <= 0.02
    assert abs(figures["balanced_accuracy"] - reported[name]["balanced_accuracy"]) <= 0.04
    # A wrong answer is worse than an offer to ask a person: at least nine of ten such questions are kept back.
    assert figures["unanswerable_kept_back"] >= 0.9 * figures["unanswerable"]
    assert figures["answerable_cleared"] >= 0.7 * figures["answerable"]


def test_no_fact_is_in_both_splits() -> None:
    questions = calibrating.corpus_load(DEMO).questions
    fit = {(q.document, q.answer) for q in questions if q.split == "fit" and q.document}
    test = {(q.document, q.answer) for q in questions if q.split == "test" and q.document}
    assert fit and test
    assert not fit & test


def test_fitting_raises_what_answers_above_what_does_not() -> None:
    bench = calibrating.Bench(calibrating.corpus_load(ROOT / "knowledge/calibration/bank/questions.yaml"))
    calibration = calibrating.calibration_fit([bench], split="fit")
    assert all(sign * weight >= 0 for sign, weight in zip(ranking.SIGNS, calibration.weights, strict=True))
    figures = calibrating.report(calibrating.verdicts(bench, calibration, split="fit"), threshold=0.5)
    assert figures["auroc"] > 0.9


def test_a_text_has_the_same_vector_alone_and_in_company() -> None:
    text = "How long may a boat stay?"
    alone = embedder.embed([text])[0]
    embedder._cache.clear()
    together = embedder.embed(["Something much longer than that, in several words more.", text])[1]
    assert (alone == together).all()
    assert abs(float(alone @ alone) - 1) < 1e-5
