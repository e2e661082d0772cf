"""The companies' data: whole, consistent, and honest about what it can answer."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections import defaultdict
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from contactcenter.demo.company import (
    CompanyError,
    Moment,
    company_load,
    documents_read,
    front_matter_read,
    questions_load,
)
from knowledge.readers import mime_for, read_blocks
from tests.demo.conftest import FERNLEIGH, ROOT, TECHCORP

KOLKATA = ZoneInfo("Asia/Kolkata")


def flat(text: str) -> str:
    """Text without markup or line breaks, to compare what different formats hold."""
    return " ".join(re.sub(r"[#*_`\\]", " ", text).split())


@lru_cache(maxsize=64)
def words_of(path: Path) -> str:
    content = path.read_bytes()
    blocks = read_blocks(content=content, mime=mime_for(file_name=path.name, content=content))
    return flat(" ".join(block.text for block in blocks))


def test_every_built_document_says_word_for_word_what_its_source_says(directory: Path) -> None:
    by_slug = {document.slug: document for document in documents_read(directory)}
    for source in (directory / "documents" / "sources").glob("*.md"):
        head, text = front_matter_read(source)
        built = words_of(by_slug[head["slug"]].path)
        paragraphs = [flat(part) for part in text.split("\n\n") if part.strip() and not part.startswith("#")]
        missing = [paragraph for paragraph in paragraphs if paragraph not in built]
        assert not missing, f"{head['file_name']} is older than its source: {missing[0]!r}"


def test_every_labelled_answer_stands_in_the_document_that_it_is_labelled_with(directory: Path) -> None:
    texts = {document.slug: words_of(document.path) for document in documents_read(directory)}
    for question in questions_load(directory):
        if question.kind == "answerable":
            assert question.answer in texts[question.document], question.text


def test_no_question_and_no_answered_fact_is_in_both_splits(directory: Path) -> None:
    questions = questions_load(directory)
    texts = [question.text.lower() for question in questions]
    assert len(texts) == len(set(texts))
    splits = defaultdict(set)
    for question in questions:
        assert question.split in {"fit", "test"}
        if question.answer:
            splits[question.document, question.answer].add(question.split)
    assert {len(found) for found in splits.values()} == {1}


@pytest.mark.parametrize(
    ("where", "answerable", "unanswerable", "fit"), [(TECHCORP, 150, 80, True), (FERNLEIGH, 60, 30, False)]
)
def test_there_are_enough_labelled_questions_to_judge_retrieval_by(
    where: Path, answerable: int, unanswerable: int, fit: bool
) -> None:
    questions = questions_load(where)
    assert sum(question.kind == "answerable" for question in questions) >= answerable
    assert sum(question.kind != "answerable" for question in questions) >= unanswerable
    share = sum(question.split == "fit" for question in questions) / len(questions)
    assert (0.4 < share < 0.6) if fit else share == 0


def test_the_question_nobody_can_answer_is_answered_by_no_document(directory: Path) -> None:
    asked = {question.text: question for question in questions_load(directory)}
    unknown = asked["Do you have integration with Salesforce API v2.0?"]
    assert (unknown.kind, unknown.split) == ("near", "test")
    for document in documents_read(directory):
        assert not re.search(r"salesforce|\bcrm\b|\bapi\b", words_of(document.path), re.IGNORECASE)


def test_the_first_company_has_documents_of_every_format_and_a_catalog_with_pictures() -> None:
    documents = {document.file_name: document for document in documents_read(TECHCORP)}
    assert len(documents) >= 14
    assert {Path(name).suffix for name in documents} == {".pdf", ".docx", ".html", ".md", ".txt"}
    assert documents["refund_policy.pdf"].title == "Refund Policy"
    assert 2_000_000 < documents["product_catalog.pdf"].path.stat().st_size < 3_000_000
    assert sum(document.path.stat().st_size for document in documents.values()) < 6_000_000


def test_the_companies_share_neither_names_nor_numbers_nor_policies() -> None:
    one, other = company_load(TECHCORP), company_load(FERNLEIGH)
    assert one.name != other.name and one.order_prefix != other.order_prefix
    assert not {lead.id for lead in one.leads} & {lead.id for lead in other.leads}
    assert not {agent.id for agent in one.agents} & {agent.id for agent in other.agents}
    assert "30-day money-back guarantee" in words_of(TECHCORP / "documents" / "refund_policy.pdf")
    assert "30-day money-back guarantee" not in " ".join(words_of(d.path) for d in documents_read(FERNLEIGH))


def test_order_ids_have_the_form_that_the_company_says_they_have(directory: Path) -> None:
    company = company_load(directory)
    for order in company.orders:
        assert re.fullmatch(company.order_pattern, order.order_id)
        assert order.order_id.startswith(company.order_prefix)


def test_nothing_of_the_first_company_is_in_the_code() -> None:
    company = company_load(TECHCORP)
    # Names such as Jane Doe are anybody's; these are the company's own.
    private = [company.name, *(product["name"] for product in company.shop["products"])]
    private += [value for order in company.orders for value in (order.order_id, order.tracking_id) if value]
    pattern = re.compile("|".join(map(re.escape, private)))
    for folder in ("calls", "leads", "knowledge", "escalations", "contactcenter", "static", "templates"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix not in {".py", ".js", ".html", ".css", ".txt"} or "companies" in path.parts:
                continue
            found = pattern.search(path.read_text(encoding="utf-8"))
            assert found is None, f"{path.relative_to(ROOT)} holds {found.group(0) if found else ''}"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-10T09:00", "2026-03-10T18:00"),
        ("2026-03-10T17:59", "2026-03-10T18:00"),
        ("2026-03-10T18:00", "2026-03-11T18:00"),
        ("2026-03-10T23:30", "2026-03-11T18:00"),
        ("2026-12-31T20:00", "2027-01-01T18:00"),
    ],
)
def test_today_at_six_is_today_as_long_as_it_is_ahead_and_tomorrow_afterwards(
    now: str, expected: str
) -> None:
    moment = Moment(days=0, time=dt.time(18), ahead=True)
    found = moment.resolve(now=dt.datetime.fromisoformat(now).replace(tzinfo=KOLKATA), zone=KOLKATA)
    assert found == dt.datetime.fromisoformat(expected).replace(tzinfo=KOLKATA)


def test_the_day_is_the_companys_own_and_not_that_of_the_server() -> None:
    late_in_utc = dt.datetime(2026, 3, 10, 20, 0, tzinfo=dt.UTC)  # 01:30 on the 11th in Kolkata
    found = Moment(days=0, time=dt.time(18)).resolve(now=late_in_utc, zone=KOLKATA)
    assert found == dt.datetime(2026, 3, 11, 18, tzinfo=KOLKATA)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.pop("name"), "name"),
        (lambda data: data["orders"][0].update(lead="nobody"), "nobody"),
        (lambda data: data["logins"][0].update(role="king"), "king"),
        (lambda data: data.update(tracking_url="https://track.example/"), "tracking_id"),
        (lambda data: data["shop"].update(accent="blue"), "accent"),
        (lambda data: data["orders"][0]["placed"].update(time="noon"), "noon"),
    ],
)
def test_wrong_data_is_refused_with_one_line_that_names_it(change, words: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    data = yaml.safe_load((TECHCORP / "company.yaml").read_text(encoding="utf-8"))
    change(data)
    (tmp_path / "company.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(CompanyError, match=words) as caught:
        company_load(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_document_that_was_never_built_is_named_together_with_the_way_to_build_it(tmp_path: Path) -> None:
    shutil.copytree(FERNLEIGH, tmp_path / "copy")
    (tmp_path / "copy" / "documents" / "plant_care.docx").unlink()
    with pytest.raises(CompanyError, match=r"plant_care\.docx is missing; run .*build_documents"):
        documents_read(tmp_path / "copy")
