"""What holds for every text, and the time it takes."""

import itertools
import string
import time
import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st

from prevenance.core.wording import lexicon
from prevenance.engines.wording import examine
from prevenance.engines.wording.folding import plain, words_of

SAID = [
    "Il a été condamné en mars", "Placé en garde à vue", "Son frère Karim est venu", "Mme Dupont a rappelé",
    "Suivi au CMP", "D’origine algérienne",
    "Elle porte le voile", "Né à Bamako", "K. B. sera là", "rdv avec M. Le Goff à 14 h",
    "Stage chez Renault", "rue de l’Église", "il vole de ses propres ailes", "enceinte de 3 mois", "Rose a téléphoné",
]  # fmt: skip
NEUTRAL = ["Le dossier avance.", "Prochain point le 12.", "Il a bien travaillé.", "Tout est prêt.", "RAS", ""]
WORDS = st.sampled_from(" ".join([*SAID, *NEUTRAL]).split())
NOTES = st.lists(WORDS | st.text(max_size=6), max_size=30).map(" ".join)
TIMED = 20_000  # characters


def passages(text):
    return [(finding.category, finding.passage) for finding in examine(text, lexicon())]


@settings(max_examples=400, deadline=None)
@given(st.text() | NOTES)
@example("İ̇ß ŒUVRE ﬁ … ⅷ K․B. \u0301\u0301")
@example("e\u0301" * 50)
def test_any_text_is_read_and_passages_are_where_they_are_said_to_be(text):
    last = {}
    for finding in examine(text, lexicon()):
        assert 0 <= finding.start < finding.end <= len(text)
        assert text[finding.start : finding.end] == finding.passage
        assert finding.start >= last.get(finding.category, 0)
        last[finding.category] = finding.end


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SAID), st.sampled_from(NEUTRAL), st.sampled_from(NEUTRAL), st.sampled_from(["\n", "\n\n"]))
def test_neutral_text_around_changes_nothing(said, before, after, between):
    assert passages(f"{before}{between}{said}.{between}{after}") == passages(f"{said}.")


@settings(max_examples=150, deadline=None)
@given(NOTES)
def test_accents_and_their_encoding_change_nothing(text):
    seen = [finding.category for finding in examine(text, lexicon())]
    for form in ("NFC", "NFD"):
        assert [f.category for f in examine(unicodedata.normalize(form, text), lexicon())] == seen


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SAID))
def test_what_is_said_is_found_without_accents_and_in_capitals(said):
    bare = "".join(c for c in unicodedata.normalize("NFD", said) if not unicodedata.combining(c))
    seen = {finding.category for finding in examine(said, lexicon())}
    assert {finding.category for finding in examine(bare, lexicon())} == seen
    # A name that is also a word is told by its capital alone.
    kept = seen - ({"third"} if said.startswith("Rose") else set())
    assert {finding.category for finding in examine(said.upper(), lexicon())} == kept


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert plain(plain(text)) == plain(text)


@given(st.text(alphabet=string.printable + "éèçœ’«»…\u00a0"))
def test_words_are_in_order_and_do_not_overlap(text):
    words = words_of(text)
    assert all(one.end <= other.start and one.sentence <= other.sentence for one, other in itertools.pairwise(words))


def seconds(text):
    start = time.perf_counter()
    examine(text, lexicon())
    return time.perf_counter() - start


def test_a_long_note_takes_well_under_a_second_and_time_is_linear():
    examine(" ".join(SAID), lexicon())  # tables are made once
    hard = {
        "prose": (". ".join(SAID) + ". ") * 300,
        "no space": "a" * TIMED,
        "points": "a." * TIMED,
        "capitals": "Karim Karim " * TIMED,
        "kin": "son frère, " * TIMED,
        "places": "rue de la " * TIMED,
        "gaps": "consomme de " * TIMED,
        "marks": "e\u0301" * TIMED,
        "stems": "condamn " * TIMED,
    }
    for name, text in hard.items():
        short, long = text[: TIMED // 4], text[:TIMED]
        seconds(short)
        once = min(seconds(short) for _time in range(3))
        four = min(seconds(long) for _time in range(3))
        assert four < 1, name
        assert four < 12 * once + 0.02, name  # 4 if linear, 16 if quadratic; a loaded machine varies
