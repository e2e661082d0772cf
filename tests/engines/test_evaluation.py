"""Figures are honest: drawn by seeds, judged on test splits alone, and never without set, split and n."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from calls.evaluation.answers import answer_figures
from calls.evaluation.figures import EvaluationError, Figure, auroc, table
from calls.evaluation.intents import banking_figures, clinc_figures, shots_draw
from calls.evaluation.keeping import Kept
from calls.evaluation.moods import mood_figures, moods_read

COLOURS = ("red", "green", "blue")


def _vectors(texts: Sequence[str]) -> np.ndarray:
    """An axis a colour, a little of the text's length, and a fourth axis for what names no colour."""
    rows = []
    for text in texts:
        row = [2.0 * (colour in text) for colour in COLOURS]
        rows.append([*row, 0.05 * (len(text) % 7), 2.0 * (not any(row))])
    made = np.array(rows, dtype=np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def _pairs(name: str, count: int) -> list[list[str]]:
    return [
        [f"{name} {'x' * number} {colour} {number}", colour] for colour in COLOURS for number in range(count)
    ]


def _clinc(folder: Path, **changed: object) -> Path:
    nothing = [[f"nothing {number}", "oos"] for number in range(8)]
    data = {
        "train": _pairs("learn", 14),
        "val": _pairs("try", 4),
        "test": _pairs("judge", 5),
        "oos_train": nothing,
        "oos_val": nothing,
        "oos_test": nothing,
    } | changed
    path = folder / "clinc.json"
    path.write_text(json.dumps(data))
    return path


def test_draws_depend_on_the_seed_alone() -> None:
    pairs = [(text, label) for text, label in _pairs("say", 20)]
    first = shots_draw(pairs, shots=10, seed=1)
    assert first == shots_draw(list(reversed(pairs)), shots=10, seed=1)
    assert first != shots_draw(pairs, shots=10, seed=2)
    assert len(set(first)) == 30
    assert {label for _, label in first} == set(COLOURS)


def test_what_is_plain_to_tell_is_told(tmp_path: Path) -> None:
    figures = {one.what: one for one in clinc_figures(_clinc(tmp_path), embed=_vectors)}
    assert figures["intent accuracy, 10-shot"].value == 1.0
    assert figures["out-of-scope AUROC, 10-shot"].value == 1.0
    assert figures["out-of-scope recall, 10-shot"].value == 1.0
    assert (figures["intent accuracy, 10-shot"].split, figures["intent accuracy, 10-shot"].n) == ("test", 15)


def test_a_test_split_with_wrong_labels_lowers_the_figure_and_changes_nothing_else(tmp_path: Path) -> None:
    asked: list[str] = []

    def watched(texts: Sequence[str]) -> np.ndarray:
        asked.extend(texts)
        return _vectors(texts)

    wrong = [[text, COLOURS[(COLOURS.index(label) + 1) % 3]] for text, label in _pairs("judge", 5)]
    figures = {one.what: one for one in clinc_figures(_clinc(tmp_path, test=wrong), embed=watched)}
    assert figures["intent accuracy, 10-shot"].value == 0.0
    assert figures["out-of-scope recall, 10-shot"].value == 1.0
    assert len({text for text in asked if text.startswith("learn")}) <= 42


@pytest.mark.parametrize("content", ["", "[]", '{"train": []}'])
def test_another_kind_of_file_is_named_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(EvaluationError) as raised:
        clinc_figures(path, embed=_vectors)
    assert "other.json" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_banking_is_read_from_two_tables(tmp_path: Path) -> None:
    for name, count in (("train", 14), ("test", 5)):
        with (tmp_path / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["text", "category"])
            writer.writerows(_pairs(name, count))
    few, full = banking_figures(tmp_path, embed=_vectors, full=True)
    assert (few.value, few.n, few.split, few.data) == (1.0, 15, "test", "Banking77")
    assert full.value == 1.0


def test_auroc_counts_ties_for_half() -> None:
    assert auroc([3, 4], [1, 2]) == 1.0
    assert auroc([1, 2], [3, 4]) == 0.0
    assert auroc([1, 1], [1, 1]) == 0.5
    assert auroc([2, 0], [1]) == 0.5


def test_every_row_shows_what_it_was_measured_on() -> None:
    shown = table([Figure(what="accuracy", data="Some Set", split="test", n=123, value=0.5, note="seed 1")])
    assert shown.splitlines()[1].split() == ["accuracy", "Some", "Set", "test", "123", "0.500", "seed", "1"]


def test_moods_are_read_from_tables_and_ratings(tmp_path: Path) -> None:
    table_file = tmp_path / "tweets.csv"
    table_file.write_text('airline_sentiment,text\nnegative,"@a Late, again #fail"\npositive,Thanks!\n')
    assert moods_read(table_file) == [("Late, again fail", "negative"), ("Thanks!", "positive")]
    ratings = tmp_path / "ratings.txt"
    ratings.write_text("1\t-2.1\tIt broke.\n2\t0.2\tIt is a phone.\n3\t3.0\tI love it.\nno rating\n")
    assert [mood for _, mood in moods_read(ratings)] == ["negative", "neutral", "positive"]
    empty = tmp_path / "empty.csv"
    empty.write_text("a,b\n1,2\n")
    with pytest.raises(EvaluationError, match="two moods"):
        moods_read(empty)


def test_moods_are_judged_by_the_words_of_the_call_record(tmp_path: Path) -> None:
    file = tmp_path / "moods.csv"
    rows = [f"negative,bad {n}\nneutral,plain {n}\npositive,good {n}" for n in range(40)]
    file.write_text("sentiment,text\n" + "\n".join(rows) + "\n")
    scores = {"bad": -0.2, "plain": 0.1, "good": 0.4}
    figures = {one.what: one for one in mood_figures(file, sentiment_of=lambda text: scores[text.split()[0]])}
    assert figures["mood, accuracy of three"].value == 1.0
    assert figures["unhappy or not, AUROC"].value == 1.0
    assert 0 < figures["mood, accuracy of three"].n < 120


def test_questions_marked_for_fitting_are_never_judged(tmp_path: Path) -> None:
    path = tmp_path / "questions.yaml"
    path.write_text(
        "answerable:\n"
        "  - {document: a, answer: Nine Days, split: test, ask: [how long]}\n"
        "  - {document: a, answer: Nine Days, split: fit, ask: [fitted]}\n"
        "unanswerable:\n"
        "  - {kind: far, split: test, ask: [who am I]}\n"
    )
    asked = []

    def search(*, query: str, limit: int) -> list[SimpleNamespace]:
        asked.append(query)
        good = query == "how long"
        first = SimpleNamespace(document_slug="b", text="else", similarity=0.9 if good else 0.1)
        return [first, SimpleNamespace(document_slug="a", text="It takes nine days.", similarity=0.05)]

    figures = {one.what: one.value for one in answer_figures(path, search=search, threshold=0.7)}
    assert asked == ["how long", "who am I"]
    assert figures["answer or none, AUROC"] == 1.0
    assert figures["answer or none, balanced accuracy"] == 1.0
    assert figures["right passage first"] == 0.0
    assert figures["right passage among three"] == 1.0


def test_sentences_are_embedded_once_and_kept(tmp_path: Path) -> None:
    asked: list[str] = []

    def counting(texts: Sequence[str]) -> np.ndarray:
        asked.extend(texts)
        return _vectors(texts)

    texts = [f"red {number}" for number in range(2100)]
    first = Kept(counting, tmp_path)(texts)
    again = Kept(counting, tmp_path)(texts)
    assert len(asked) == 2100
    assert np.array_equal(first, again)


def test_the_command_wants_something_to_measure() -> None:
    with pytest.raises(CommandError, match="nothing to measure"):
        call_command("understanding_eval", stdout=StringIO())


@pytest.mark.models
def test_the_command_prints_figures_and_json(tmp_path: Path) -> None:
    path = _clinc(tmp_path)
    printed = StringIO()
    call_command("understanding_eval", clinc=path, cache=tmp_path, json=True, stdout=printed)
    figures = json.loads(printed.getvalue())["figures"]
    assert {"what", "data", "split", "n", "value", "note"} <= set(figures[0])
    assert figures[0]["data"] == "CLINC150"
    assert figures[0]["value"] > 0.9
