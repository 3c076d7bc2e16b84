"""What changed between two texts can be read forwards and backwards, and nothing of either is lost."""

from hypothesis import given
from hypothesis import strategies as st

from prevenance.core.changes import changes

WORDS = st.lists(st.sampled_from(["le", "groupe", "se", "réunit", "deux", "fois,", "par", "an.", "-", "#"]), max_size=8)
TEXTS = st.lists(WORDS.map(" ".join), max_size=7).map("\n".join)


def one_side(blocks, left_out):
    lines = []
    for block in blocks:
        if block.kind == left_out:
            continue
        lines.append("".join(words for kind, words in block.pieces if kind != left_out))
    return lines


@given(TEXTS, TEXTS)
def test_without_what_was_added_the_former_text_remains_and_without_what_was_removed_the_new_one(before, after):
    blocks = changes(before, after)
    assert one_side(blocks, "added") == before.splitlines()
    assert one_side(blocks, "removed") == after.splitlines()


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text):
    assert {block.kind for block in changes(text, text)} <= {"same"}


def test_a_word_changed_in_a_paragraph_is_told_as_a_word():
    (block,) = changes("Le groupe se réunit deux fois par an.", "Le groupe se réunit trois fois par an.")
    assert block.kind == "changed"
    assert ("removed", "deux") in block.pieces
    assert ("added", "trois") in block.pieces
    assert block.text == "Le groupe se réunit trois fois par an."


def test_a_paragraph_put_in_the_middle_leaves_its_neighbours_alone():
    blocks = changes("Un.\nDeux.\nTrois.", "Un.\nDeux.\nArticle nouveau.\nTrois.")
    assert [block.kind for block in blocks] == ["same", "same", "added", "same"]


def test_two_paragraphs_that_share_nothing_are_one_removed_and_one_added():
    kinds = {block.kind for block in changes("Objet du groupe", "Tout autre chose ici")}
    assert kinds == {"removed", "added"}


def test_marks_of_titles_and_items_are_drawn_not_read():
    title, item = changes("# Objet\n- Un point ancien ici", "# Objet\n- Un point nouveau ici")
    assert (title.line, title.shown) == ("heading", (("same", "Objet"),))
    assert item.line == "item"
    assert item.shown[0] == ("same", "Un point ")
