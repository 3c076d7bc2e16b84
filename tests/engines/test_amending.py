"""A text amended: what each function does on small texts, then what holds for every history of a text."""

import datetime as dt
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevenance.engines import amending
from prevenance.engines.amending import (
    DuplicateAnchor,
    Edit,
    NoRoom,
    Paragraph,
    UnknownAnchor,
    Version,
    amended,
    apply,
    between,
    consolidated,
    counted,
    edits_between,
    join,
    sentences,
    split,
    traced,
)

DAY = dt.date(2025, 1, 6)


def anchors():
    """A source of anchors, the same at each run."""
    numbers = count(1)
    return lambda: UUID(int=next(numbers))


def text(*paragraphs, part="preamble"):
    return tuple(
        Paragraph(UUID(int=1000 + rank), part, Decimal(rank), words) for rank, words in enumerate(paragraphs, start=1)
    )


def reads(paragraphs):
    return [one.text for one in paragraphs]


# ------------------------------------------------------------------------------------------------ applying


def test_an_unknown_or_a_double_anchor_is_refused_by_its_type():
    before = text("Un.", "Deux.")
    away = UUID(int=7)
    for kind in ("replace", "remove"):
        with pytest.raises(UnknownAnchor):
            apply(before, [Edit(kind, away, "preamble", Decimal(1), "Trois." if kind == "replace" else "")])
    with pytest.raises(DuplicateAnchor):
        apply(before, [Edit("insert", before[0].anchor, "preamble", Decimal(3), "Trois.")])
    once = Edit("remove", before[0].anchor, "preamble", Decimal(1))
    with pytest.raises(DuplicateAnchor):
        apply(before, [once, once])


def test_a_text_in_two_parts_comes_part_by_part():
    before = (*text("Un.", part="steering"), *text("Deux.", part="diagnosis")[:0])
    after = apply(before, [Edit("insert", UUID(int=5), "diagnosis", Decimal(9), "Deux.")])
    assert [(one.part, one.text) for one in after] == [("diagnosis", "Deux."), ("steering", "Un.")]


# ------------------------------------------------------------------------------------------------ finding edits


def test_blank_lines_part_paragraphs_and_lines_of_a_list_stay_together():
    typed = "\r\n# Objet\r\n\r\nUn début.\r\n- ceci\r\n- cela\r\n \t\r\n\r\nUne fin.\r\n"
    assert split(typed) == ("# Objet", "Un début.\n- ceci\n- cela", "Une fin.")
    assert split("  \n\n ") == ()


def test_only_what_changed_is_edited_and_an_anchor_survives_a_rewriting():
    before = text("Le conseil se réunit deux fois par an.", "Il écoute les habitants.", "Il rend compte.")
    after = [
        "Le conseil se réunit trois fois par an.",
        "Il écoute les habitants.",
        "Un bilan paraît.",
        "Il rend compte.",
    ]
    found = edits_between(before, after, "preamble", anchors())
    assert [(edit.kind, edit.text) for edit in found] == [("replace", after[0]), ("insert", after[2])]
    assert found[0].anchor == before[0].anchor
    assert before[1].position < found[1].position < before[2].position
    assert reads(apply(before, found)) == after


def test_a_paragraph_found_elsewhere_was_moved_under_its_anchor():
    before = text("Premier objet du plan.", "Deuxième sujet tout autre.", "Troisième point encore.")
    found = edits_between(before, [before[2].text, before[0].text, before[1].text], "preamble", anchors())
    assert [(edit.kind, edit.anchor) for edit in found] == [("replace", before[2].anchor)]
    assert found[0].position < before[0].position


def test_nothing_changed_is_no_edit_and_another_part_is_left_alone():
    before = (*text("Un.", "Deux."), *(Paragraph(UUID(int=9), "steering", Decimal(1), "Ailleurs."),))
    assert edits_between(before, ["Un.", "Deux."], "preamble", anchors()) == ()
    emptied = edits_between(before, [], "preamble", anchors())
    assert reads(apply(before, emptied)) == ["Ailleurs."]


def test_two_amendments_may_have_written_at_one_place():
    """Each on the same text, at the same position: a third paragraph between them makes all take a new one."""
    before = text("Un.", "Deux.")
    before = (before[0], replace(before[1], position=before[0].position))
    after = ["Un.", "Entre les deux, rien de commun.", "Deux."]
    new = apply(before, edits_between(before, after, "preamble", anchors()))
    assert reads(new) == after
    assert [one.position for one in new] == [1, 2, 3]


def test_a_hundred_paragraphs_slip_in_at_one_place_then_all_take_a_new_one():
    before = text("Début.", "Fin.")
    shortest, renewed = 0, False
    for rank in range(200):
        middle = f"Ajout numéro {rank} sans rien de commun {rank * 7919}."
        after = [reads(before)[0], middle, *reads(before)[1:]]
        found = edits_between(before, after, "preamble", lambda rank=rank: UUID(int=5000 + rank))
        before = apply(before, found)
        assert reads(before) == after
        renewed = renewed or len(found) > 1
        shortest += not renewed
    assert shortest >= 100
    with pytest.raises(NoRoom):
        between(Decimal(1), Decimal(1) + Decimal(1).scaleb(-amending.PLACES), 1)


# ------------------------------------------------------------------------------------------------ sentences


@pytest.mark.parametrize(
    "paragraph, expected",
    [
        ("Un plan. Il vit.", ["Un plan. ", "Il vit."]),
        ("Vu l’art. L. 132-6 du code. Le maire décide.", ["Vu l’art. L. 132-6 du code. ", "Le maire décide."]),
        ("Qui\u00a0? Le conseil\u00a0! Vraiment… Oui.", ["Qui\u00a0? ", "Le conseil\u00a0! ", "Vraiment… ", "Oui."]),
        ("Objectifs\u00a0:\n- écouter\n- répondre", ["Objectifs\u00a0:\n", "- écouter\n", "- répondre"]),
        ("« Rien sans nous. » Ils l’ont dit.", ["« Rien sans nous. » ", "Ils l’ont dit."]),
        ("Il y en a 3.5 par an. Élan.", ["Il y en a 3.5 par an. ", "Élan."]),
        ("Sans point", ["Sans point"]),
        ("", []),
    ],
)  # fmt: skip
def test_sentences_are_cut_as_a_reader_would(paragraph, expected):
    assert list(sentences(paragraph)) == expected


def test_a_sentence_kept_through_two_amendments_keeps_the_first():
    first = text("Le conseil écoute. Il répond.")
    versions = amended((), 0, DAY, [Edit("insert", first[0].anchor, "preamble", Decimal(1), first[0].text)])
    for number, words in ((1, "Le conseil écoute. Il agit."), (2, "Le conseil écoute. Il agit. Il rend compte.")):
        on = DAY + dt.timedelta(30 * number)
        current = consolidated(versions, on)
        versions = amended(versions, number, on, edits_between(current, [words], "preamble", anchors()))
    found = traced(versions, dt.date(2030, 1, 1))
    assert [(one.text.strip(), one.brought_by) for one in found[0].sentences] == [
        ("Le conseil écoute.", 0), ("Il agit.", 1), ("Il rend compte.", 2),
    ]  # fmt: skip
    assert found[0].amendments == (0, 1, 2)
    assert [one.brought_by for one in traced(versions, DAY)[0].sentences] == [0, 0]


def test_a_sentence_moved_to_another_paragraph_of_its_part_is_not_new():
    first = text("Le conseil écoute. Il répond.")
    versions = amended((), 0, DAY, [Edit("insert", first[0].anchor, "preamble", Decimal(1), first[0].text)])
    on = DAY + dt.timedelta(1)
    found = edits_between(
        consolidated(versions, on), ["Le conseil écoute.", "Il répond. Enfin."], "preamble", anchors()
    )
    lines = traced(amended(versions, 1, on, found), on)
    assert [[(one.text.strip(), one.brought_by) for one in line.sentences] for line in lines] == [
        [("Le conseil écoute.", 0)], [("Il répond.", 0), ("Enfin.", 1)],
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------ every history

WORDS = st.sampled_from(
    ["Le conseil", "La ville", "Un groupe", "écoute", "répond", "deux fois", "par an", "au collège"]
)
SENTENCE = st.lists(WORDS, min_size=1, max_size=4).map(lambda words: " ".join(words).capitalize() + ".")
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=3).map(" ".join)
PARTS = ("preamble", "steering")


@st.composite
def edited(draw, before):
    """What a person makes of a list of paragraphs: kept, moved, rewritten, removed, others written."""
    after = []
    for paragraph in before:
        match draw(st.sampled_from(["keep", "keep", "rewrite", "remove", "before"])):
            case "keep":
                after.append(paragraph)
            case "rewrite":
                after.append(paragraph + " " + draw(SENTENCE))
            case "before":
                after += [draw(PARAGRAPH), paragraph]
    if draw(st.booleans()):
        after = draw(st.permutations(after))
    return [*after, *draw(st.lists(PARAGRAPH, max_size=2))]


@st.composite
def histories(draw):
    """[(number, day, {part: paragraphs afterwards})]: each amendment on a day not before the last."""
    now = {part: draw(st.lists(PARAGRAPH, max_size=4)) for part in PARTS}
    day, steps = DAY, []
    for number in range(draw(st.integers(1, 5))):
        steps.append((number, day, now))
        now = {part: list(draw(edited(now[part]))) for part in PARTS}
        day += dt.timedelta(draw(st.integers(0, 3)))
    return steps


def lived(history):
    """(versions, [(number, day, edits)]) of a history, as a plan would live it."""
    versions, amendments, new = (), [], anchors()
    for number, day, after in history:
        current = [version.paragraph for version in versions if version.until is None]
        edits = tuple(edit for part in PARTS for edit in edits_between(current, after[part], part, new))
        versions = amended(versions, number, day, edits)
        amendments.append((number, day, edits))
    return versions, amendments


@given(st.lists(PARAGRAPH, max_size=6), st.data())
def test_edits_give_what_was_typed_with_the_fewest_and_strict_places(before, data):
    old = text(*before)
    after = data.draw(edited(before) | st.lists(PARAGRAPH, max_size=6))
    found = edits_between(old, after, "preamble", anchors())
    new = apply(old, found)
    assert reads(new) == list(after)
    assert len({one.position for one in new}) == len(new)
    was = {one.anchor: one for one in old}
    # No edit says what is so already, and what stays is not removed and inserted again.
    assert all(was.get(edit.anchor) != Paragraph(edit.anchor, edit.part, edit.position, edit.text) for edit in found)
    inserted = Counter(edit.text for edit in found if edit.kind == "insert")
    removed = Counter(was[edit.anchor].text for edit in found if edit.kind == "remove")
    assert not inserted & removed
    assert edits_between(new, after, "preamble", anchors()) == ()
    assert split(join(new)) == tuple(after)


@given(histories())
def test_amendments_one_by_one_equal_the_consolidated_text_at_every_date(history):
    versions, amendments = lived(history)
    for ahead in range(-1, (amendments[-1][1] - DAY).days + 2):
        on = DAY + dt.timedelta(ahead)
        by_applying, typed = (), {part: [] for part in PARTS}
        for (_number, day, edits), (_same, _day, after) in zip(amendments, history, strict=True):
            if day <= on:
                by_applying, typed = apply(by_applying, edits), after
        assert consolidated(versions, on) == by_applying
        assert {part: [one.text for one in by_applying if one.part == part] for part in PARTS} == typed


@given(histories())
def test_every_sentence_has_one_amendment_which_really_brought_it(history):
    """Compared with counts of sentences before and after each amendment, which know nothing of anchors."""
    before = {part: Counter() for part in PARTS}
    for number, _day, after in history:
        # The text just after this amendment: those of the same day that follow are not there yet.
        upto = reached(history, number)
        lines = traced(upto, dt.date(2099, 1, 1))
        assert [one.paragraph for one in lines] == list(consolidated(upto, dt.date(2099, 1, 1)))
        for line in lines:
            assert "".join(one.text for one in line.sentences) == line.paragraph.text
            assert all(0 <= one.brought_by <= number for one in line.sentences)
        now = {part: Counter() for part in PARTS}
        now |= counted([Paragraph(UUID(int=0), part, Decimal(0), one) for part in PARTS for one in after[part]])
        for part in PARTS:
            brought = Counter(
                " ".join(one.text.split())
                for line in lines
                if line.paragraph.part == part
                for one in line.sentences
                if one.brought_by == number
            )
            assert brought == now[part] - before[part]
        before = now


def reached(history, number):
    return lived([step for step in history if step[0] <= number])[0]


@given(histories())
def test_what_an_amendment_brought_was_in_its_own_versions(history):
    versions, amendments = lived(history)
    last = amendments[-1][1]
    for line in traced(versions, last):
        for one in line.sentences:
            wrote = [version for version in versions if version.brought_by == one.brought_by]
            assert any(one.text.strip() in version.paragraph.text for version in wrote)
    assert all(isinstance(version, Version) for version in versions)
