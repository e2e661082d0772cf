"""A summary is the document's own sentences."""

from hypothesis import given
from hypothesis import strategies as st

from leads.summary import POINT_LENGTH, POINTS, Section, summarise

sections = st.lists(
    st.builds(
        Section,
        headings=st.lists(st.text(max_size=20), max_size=3).map(tuple),
        sentences=st.lists(st.text(max_size=300), max_size=4).map(tuple),
    ),
    max_size=12,
)


def test_what_stands_below_the_title_is_the_introduction_and_each_heading_is_a_point() -> None:
    intro, points = summarise(
        [
            Section(headings=("Acme Refund Policy",), sentences=("We want you to be happy.",)),
            Section(
                headings=("Acme Refund Policy", "How long"), sentences=("30 days.", "From the delivery.")
            ),
            Section(headings=("Acme Refund Policy", "How long"), sentences=("A second part.",)),
        ],
        title="Refund Policy",
    )
    assert intro == "We want you to be happy."
    assert points == (("How long", "30 days. From the delivery."),)


@given(sections, st.text(max_size=20))
def test_a_summary_is_short_and_made_of_the_documents_own_words(parts: list[Section], title: str) -> None:
    intro, points = summarise(parts, title=title)
    words = {word for part in parts for sentence in part.sentences for word in sentence.split()}
    assert len(points) <= POINTS
    for text in (intro, *(point for _, point in points)):
        assert len(text) <= POINT_LENGTH
        assert all(word in words or word.endswith("…") for word in text.split())
