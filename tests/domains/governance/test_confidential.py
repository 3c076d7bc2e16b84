"""What looks like the name or the initials of a person helped is refused; ordinary French is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevenance.core.refusals import Refused
from prevenance.domains.governance.rules.confidential import check_names_nobody, names_somebody

CAPITALS = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZÉÀÇ")


@pytest.mark.parametrize(
    "text",
    [
        "Situation de K. Z.",
        "K.Z. et son frère",
        "Point sur J.-P. D.",
        "Kévin B. au lycée",
        "Zoé-Lou M.",
        "É. B., 15 ans",
    ],
)
def test_initials_and_given_names_with_an_initial_are_refused(text):
    with pytest.raises(Refused, match="semble désigner une personne"):
        check_names_nobody(text)


@pytest.mark.parametrize(
    "text",
    [
        "Dossier 2026-014",
        "Article L. 132-5 du code",
        "Vu l’article D. 132-8",
        "Bâtiment B. et hall C.",
        "Le C.C.A.S. et la S.N.C.F.",
        "Le CLSPD, la PJJ et la CAF",
        "Trois jeunes devant le lycée. Une réponse est attendue.",
        "M. le maire ouvre la séance.",
    ],
)
def test_ordinary_french_is_accepted(text):
    check_names_nobody(text)


def test_where_nobody_may_be_named_a_civil_title_is_refused_too():
    check_names_nobody("Présenté par Mme Exemple")
    with pytest.raises(Refused, match="Mme Exemple"):
        check_names_nobody("Présenté par Mme Exemple", titles=True)


@given(CAPITALS, CAPITALS, st.sampled_from(["", " ", "\u00a0", "\u202f"]))
def test_any_two_initials_are_found_in_the_middle_of_a_sentence(first, second, space):
    assert names_somebody(f"Le cas de {first}.{space}{second}. est vu.")


@given(st.integers(2000, 2099), st.integers(1, 9999))
def test_no_file_number_is_taken_for_a_name(year, rank):
    assert names_somebody(f"Dossier {year}-{rank:03d}") == ""
