"""More evidence never lowers a similarity, and what answers comes first."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import ranking, words

CALIBRATION = ranking.calibration_load()
UNIT = st.floats(0, 1)


def vocabulary(*texts: str) -> ranking.Vocabulary:
    stems = [set(words.terms(text)) for text in texts]
    frequency = {stem: sum(stem in one for one in stems) for one in stems for stem in one}
    return ranking.Vocabulary.build(len(texts), frequency)


def candidate(
    *sentences: str, cosines: list[float], title: str = "Harbour", ordinal: int = 3
) -> ranking.Candidate:
    return ranking.Candidate(
        chunk_id=ordinal, title=title, headings=(), ordinal=ordinal, sentences=sentences,
        speakable=tuple(True for _ in sentences), passage_cosine=0.4, sentence_cosines=np.array(cosines, dtype=np.float32),
    )  # fmt: skip


@given(UNIT, UNIT, UNIT, st.sampled_from([0.0, 1.0]), st.sampled_from(ranking.FEATURES), UNIT)
def test_more_evidence_never_lowers_a_similarity(
    sentence: float, passage: float, coverage: float, missing: float, name: str, more: float
) -> None:
    features = {"sentence": sentence, "passage": passage, "coverage": coverage, "missing": missing}
    raised = {**features, name: max(features[name], more)}
    before, after = CALIBRATION.probability(features), CALIBRATION.probability(raised)
    assert 0 <= before <= 1
    assert after <= before + 1e-12 if name == "missing" else after >= before - 1e-12


def test_a_product_that_no_document_mentions_is_evidence_against() -> None:
    known = vocabulary("Boats moor at the pier.", "Fees are paid at night.")
    asked = ranking.question_read(
        "does the pier integrate with Zorblax v2.0", vocabulary=known, rank=lambda word: 900
    )
    plain = ranking.question_read("does the pier moor boats", vocabulary=known, rank=lambda word: 900)
    moor = candidate("Boats moor at the pier.", cosines=[0.5])
    against, for_it = ranking.features_of(asked, moor), ranking.features_of(plain, moor)
    assert against["missing"] == 1.0
    assert for_it["missing"] == 0.0
    assert CALIBRATION.probability(against) < CALIBRATION.probability(for_it)


@pytest.mark.parametrize(
    "polite",
    ["Hi, can you tell me {}", "hello there, I'd like to know {}", "um so do you know {}", "I was wondering about {}",
     "could you please tell me about {} please?", "good morning sir, {} thanks"],
)  # fmt: skip
def test_politeness_around_a_question_is_no_part_of_it(polite: str) -> None:
    assert words.question_strip(polite.format("the mooring fee")) == "the mooring fee"


@pytest.mark.parametrize(
    ("heard", "meant"),
    [("what is your har bore policy", "harbour"), ("the sea star twelve", "seastar 12"), ("do you take u p i", "upi"),
     ("reef and policy", "refund")],
)  # fmt: skip
def test_words_that_were_taken_apart_are_put_together_by_the_corpus(heard: str, meant: str) -> None:
    known = vocabulary("The harbour policy", "The SeaStar 12 boat", "We take UPI", "A refund")
    assert meant in ranking.question_read(heard, vocabulary=known, rank=lambda word: None).text


def test_a_typing_slip_finds_the_word_and_a_strange_word_finds_none() -> None:
    known = vocabulary("The warranty covers batteries", "Delivery is free")
    assert known.nearest(words.stem("warrenty")) == words.stem("warranty")
    assert known.nearest("salesforc") is None


def test_the_sentence_that_says_it_comes_first() -> None:
    known = vocabulary("Boats moor here. The fee is 12 crowns. Pay at the office.")
    asked = ranking.question_read("what is the fee", vocabulary=known, rank=lambda word: 3000)
    told = candidate(
        "Boats moor here.", "The fee is 12 crowns.", "Pay the fee at the office.", cosines=[0.2, 0.7, 0.55]
    )
    assert ranking.best_sentences(asked, told) == (1, 2)


def test_a_question_for_the_whole_subject_gets_the_documents_beginning() -> None:
    known = vocabulary("Mooring rules apply.", "Boats moor.")
    asked = ranking.question_read("mooring rules?", vocabulary=known, rank=lambda word: 3000)
    opening = candidate(
        "Boats report first.", "Then they moor.", cosines=[0.3, 0.6], title="Mooring Rules", ordinal=0
    )
    later = candidate("Rules on mooring at night.", cosines=[0.62], title="Mooring Rules", ordinal=4)
    ranked = ranking.rank_candidates(asked, [later, opening], CALIBRATION, limit=2)
    assert [item.candidate.ordinal for item in ranked] == [0, 4]
    assert ranked[0].best[0] == 0
    assert ranked[0].similarity >= ranked[1].similarity


def test_how_long_asks_for_more_than_the_subject() -> None:
    known = vocabulary("Mooring rules apply.", "Boats moor.")
    opening = candidate("Boats report first.", cosines=[0.3], title="Mooring", ordinal=0)
    for text, general in (("what about mooring?", True), ("how long can I moor", False)):
        asked = ranking.question_read(text, vocabulary=known, rank=lambda word: 3000)
        assert ranking.is_general(asked, opening) is general


@settings(max_examples=50)
@given(
    st.lists(st.lists(st.integers(0, 30), unique=True, max_size=20), min_size=1, max_size=3),
    st.integers(1, 20),
)
def test_fusion_keeps_order_where_lists_agree_and_loses_no_winner(lists: list[list[int]], limit: int) -> None:
    fused = ranking.fuse(lists, limit=limit)
    assert len(fused) == min(limit, len({item for one in lists for item in one}))
    everywhere = [one[0] for one in lists if one]
    if len(everywhere) == len(lists) and len(set(everywhere)) == 1:
        assert fused[0] == everywhere[0]
