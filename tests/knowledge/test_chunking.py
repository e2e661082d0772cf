"""Nothing of a document is lost, said twice or cut, whatever its shape."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import chunking
from knowledge.blocks import Block, blocks_dump, blocks_load

WORDS = st.sampled_from(
    "boat pier crew night storm rope lamp tide the a of we you pay open closed 12 3.5 e.g.".split()
)
SENTENCES = st.lists(WORDS, min_size=1, max_size=30).map(lambda words: " ".join(words).capitalize() + ".")
PARAGRAPHS = st.lists(SENTENCES, min_size=1, max_size=12).map(" ".join)
BLOCKS = st.lists(
    st.one_of(
        st.builds(Block, kind=st.just("heading"), text=st.lists(WORDS, min_size=1, max_size=5).map(" ".join),
                  level=st.integers(1, 4)),
        st.builds(Block, kind=st.just("paragraph"), text=PARAGRAPHS),
        st.builds(Block, kind=st.just("item"), text=PARAGRAPHS),
    ),
    max_size=12,
)  # fmt: skip


def words_of(text: str) -> Counter[str]:
    return Counter("".join(letter for letter in word if letter.isalnum()).lower() for word in text.split())


@settings(max_examples=60, deadline=None)
@given(BLOCKS)
def test_every_word_of_the_text_stands_in_exactly_one_chunk(blocks: list[Block]) -> None:
    pieces = chunking.chunk_blocks(blocks)
    wanted = sum((words_of(block.text) for block in blocks if block.kind != "heading"), Counter())
    found = sum((words_of(piece.text) for piece in pieces), Counter())
    # A short list is said in one breath, with an "and" before its last item.
    assert +(wanted - found) == Counter()
    assert set(found - wanted) <= {"and"}


@settings(max_examples=60, deadline=None)
@given(BLOCKS)
def test_chunks_stay_under_their_headings_and_near_their_size(blocks: list[Block]) -> None:
    headings: list[tuple[int, str]] = []
    known: set[tuple[str, ...]] = {()}
    for block in blocks:
        if block.kind == "heading":
            headings = [(level, text) for level, text in headings if level < block.level]
            headings.append((block.level, block.text))
            known.add(tuple(text for _, text in headings))
    for piece in chunking.chunk_blocks(blocks):
        assert piece.headings in known
        longest = max(len(sentence.text.split()) for sentence in piece.sentences)
        assert piece.words <= chunking.MAX_WORDS + max(chunking.MIN_WORDS, longest)


@settings(max_examples=30, deadline=None)
@given(BLOCKS)
def test_the_same_blocks_give_the_same_chunks_through_json_too(blocks: list[Block]) -> None:
    assert chunking.chunk_blocks(blocks) == chunking.chunk_blocks(blocks_load(blocks_dump(blocks)))


def test_a_short_list_becomes_one_sentence_and_a_long_one_many() -> None:
    intro = Block(kind="paragraph", text="To come aboard you need:")
    short = [intro, Block(kind="item", text="A ticket"), Block(kind="item", text="Warm clothes")]
    assert chunking.chunk_blocks(short)[0].text == "To come aboard you need: a ticket and warm clothes."
    long = [
        intro,
        *(
            Block(kind="item", text=f"Thing {number} that is needed for one more reason")
            for number in range(9)
        ),
    ]
    sentences = chunking.chunk_blocks(long)[0].sentences
    assert sentences[1].text == "Thing 0 that is needed for one more reason."
    assert not sentences[0].speakable


def test_a_model_number_at_a_sentences_end_is_not_taken_for_a_list() -> None:
    found = [
        item.text
        for item in chunking.sentences_of("For school take the Nova 13. For travel take the Nova 14.")
    ]
    assert found == ["For school take the Nova 13.", "For travel take the Nova 14."]


def test_links_and_rows_of_figures_are_not_spoken() -> None:
    assert not chunking.is_speakable("See https://example.com/terms for all of it.")
    assert not chunking.is_speakable("12.5 18.0 22.4 31.9")
    assert chunking.is_speakable("We are open from 9 AM to 5 PM.")
