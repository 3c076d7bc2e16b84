"""What must not be written in a note about a person who is followed: passages found, with what to write instead.

A guard, not a proof. Five categories: `offence` (offences, convictions, police or courts about the person), `health`,
`origin`, `religion` (belief, and political or union opinion), `third` (names of other persons). Nothing is learnt and
nothing leaves the machine: lexicons (`prevenance/data/followup/wording`) say expressions, the expressions that excuse
them, and the words that must or must not stand near.

Text is read as words without accents or capitals, with the commonest slips of spelling undone. A denial is found like
the assertion: « n’a jamais été condamné » says something of a criminal record all the same. Time is linear in the
text: words are looked up in tables, and expressions have a bounded length; no regular expression can backtrack.
"""

from prevenance.engines.wording.examining import Finding, examine
from prevenance.engines.wording.lexicon import CATEGORIES, Lexicon
from prevenance.engines.wording.measure import Measure, Sentence, measure, sentences_from, table, wilson
from prevenance.engines.wording.reading import LexiconError, lexicon_from

__all__ = [
    "CATEGORIES",
    "Finding",
    "Lexicon",
    "LexiconError",
    "Measure",
    "Sentence",
    "examine",
    "lexicon_from",
    "measure",
    "sentences_from",
    "table",
    "wilson",
]
