"""Names of persons: by what introduces them (a title, a relative, a role), by their form, by lists of names.

« Lycée Pierre-de-Coubertin », « boulangerie Martin », « stage chez Renault » name a place or a company.
"""

from __future__ import annotations

from collections.abc import Iterator

from prevenance.engines.wording.folding import Word
from prevenance.engines.wording.lexicon import STOPS, Names

PARTICLES = frozenset(
    [
        "de",
        "da",
        "dos",
        "du",
        "des",
        "d",
        "el",
        "al",
        "ben",
        "bel",
        "bin",
        "ould",
        "van",
        "von",
        "le",
        "la",
        "di",
        "o",
        "m",
        "n",
        "abu",
        "abou",
    ]
)
# Typed small, they begin no name.
SHORT_TITLES = frozenset(["mr", "mme", "mmes", "mlle", "mlles", "dr"])
ARTICLES = frozenset(["le", "la", "l", "les", "un", "une", "son", "sa", "ses", "leur", "leurs", "mon", "ma"])
FAMILIES = frozenset(["famille", "familles", "clan", "fratrie", "couple"])
DEFINITE = ARTICLES | frozenset(["du", "au", "aux", "ce", "cet", "cette", "ces"])
QUOTES = frozenset('«"“')
TOWNS = frozenset(["sur", "en", "les", "lez", "sous", "la", "le", "du", "de"])
FURTHEST = 6  # words walked back to find what is named after somebody


class Reader:
    """One text's words, with what its sentences look like."""

    def __init__(self, words: tuple[Word, ...], names: Names) -> None:
        self.words, self.names = words, names
        typed: dict[int, list[bool]] = {}
        for word in words:
            if len(word.key) > 1 and not word.key.isdigit():
                typed.setdefault(word.sentence, []).append(word.upper)
        # A sentence typed in capitals: capitals say nothing there.
        self.shouted = {s for s, flags in typed.items() if all(flags) and len(flags) > 1}

    def at(self, place: int) -> Word | None:
        return self.words[place] if 0 <= place < len(self.words) else None

    def follows(self, place: int, allowed: str = "") -> Word | None:
        """The word at `place` if it goes on with the sentence of the word before."""
        word, before = self.at(place), self.at(place - 1)
        if word is None or before is None or word.sentence != before.sentence:
            return None
        return None if STOPS.difference(allowed).intersection(word.before) else word

    def shaped(self, word: Word) -> bool:
        """Typed like a name: a capital, and neither an acronym nor a word that names nobody."""
        key = word.key
        if len(key) < 2 or not key.isalpha() or key in self.names.never:
            return False
        if word.sentence in self.shouted:
            return key in self.names.family or self.sure(word)
        acronym = word.upper and len(key) <= 5 and key not in self.names.given and key not in self.names.family
        return word.capital and not acronym

    def sure(self, word: Word) -> bool:
        """A given name that is no other word."""
        return word.key in self.names.given and word.key not in self.names.also_words

    def called(self, word: Word) -> bool:
        """A name where a name is expected: typed with a capital, or known."""
        return self.shaped(word) or (self.sure(word) and len(word.key) > 2)

    def end_of_name(self, place: int) -> int:
        """Where the name whose first word is at `place` ends: family name, particles, initial."""
        end = place + 1
        while (word := self.follows(end)) is not None and end < place + 5:
            hyphen = word.before.strip() in ("-", "‐", "‑")
            if hyphen and (word.capital or word.key in self.names.given):
                end += 1
            elif word.before.strip():
                break
            elif word.key in PARTICLES and self._goes_on(end + 1):
                end += 2
            elif self.shaped(word) or (len(word.key) == 1 and word.capital and word.dotted):
                end += 1
            else:
                break
        return end

    def _goes_on(self, place: int) -> bool:
        word = self.follows(place)
        return word is not None and not word.before.strip(" '-") and self.shaped(word)

    def of_a_place(self, place: int) -> bool:
        """Whether the name at `place` is that of a street, a school, a shop."""
        for back in range(place - 1, place - 1 - FURTHEST, -1):
            word = self.at(back)
            if word is None or self.follows(back + 1) is None:
                return False
            if word.key in self.names.places:
                return True
            linking = word.key in self.names.linking or word.key in self.names.given
            if not linking and not (word.capital and not word.first):
                return False
        return False

    def elsewhere(self, place: int) -> bool:
        """Whether the name at `place` is no person's: a place, a company, somebody famous, part of a town's name."""
        word, after, before = self.words[place], self.follows(place + 1), self.at(place - 1)
        if self.of_a_place(place):
            return True
        if before is not None and self.follows(place) and f"{before.key} {word.key}" in self.names.famous:
            return True
        if after is not None:
            two = f"{word.key} {after.key}"
            third = self.follows(place + 2)
            if two in self.names.famous or (third and f"{two} {third.key}" in self.names.famous):
                return True
            if after.before == "-" and after.key in TOWNS and third is not None and third.before.strip() in ("-", "'"):
                return True
        if before is not None and before.key == "chez" and self.follows(place):
            sentence = [w.key for w in self.words[max(0, place - 12) : place + 4] if w.sentence == word.sentence]
            return bool(self.names.working.intersection(sentence))
        return False


def known(word: Word, names: Names) -> bool:
    return word.key in names.given or word.key in names.family


def persons(words: tuple[Word, ...], names: Names) -> Iterator[tuple[int, int]]:
    """(start, end) in words of each name of a person."""
    reader = Reader(words, names)
    for place in range(len(words)):
        yield from _titled(reader, place)
        yield from _introduced(reader, place)
        yield from _given(reader, place)
        yield from _initials(reader, place)
        yield from _explained(reader, place)


def _titled(reader: Reader, place: int) -> Iterator[tuple[int, int]]:
    """« Mme Dupont », « M. Le Goff », « mlle diallo », « docteur Haddad »."""
    title, name = reader.words[place], reader.follows(place + 1)
    if title.key not in reader.names.titles or name is None or "'" in name.before:
        return
    if title.key in ("m", "me", "pr") and not title.capital and not title.dotted:
        return
    if title.key == "m" and name.before.strip(" ") not in ("", "."):
        return
    at = place + 1
    if len(name.key) > 1 and (name.key in PARTICLES or name.key in ("et", "ou")):
        joined = reader.follows(place + 2)
        if name.key in ("et", "ou"):  # « M. et Mme Dupont » is found at the second title
            return
        if joined is None or joined.key in reader.names.roles | reader.names.never:
            return
        if not reader.shaped(joined) and joined.sentence not in reader.shouted:
            return
        if name.key in ARTICLES and not name.capital:
            return
        at = place + 2
    elif name.key in reader.names.roles or name.key in reader.names.kin:
        return
    elif len(name.key) == 1:  # « Mme D. »
        if not name.capital or "'" in name.before or (title.key == "m" and not title.dotted):
            return
    elif not reader.called(name):
        # « mme benali » and « MME BENALI »: nothing but a name follows these, or a word of the sentence.
        short = title.key in SHORT_TITLES or (title.key == "m" and title.dotted)
        if not known(name, reader.names) and not (
            short and len(name.key) > 2 and name.key.isalpha() and name.key not in reader.names.never
        ):
            return
    if not reader.of_a_place(place + 1):
        yield place, reader.end_of_name(at)


def _introduced(reader: Reader, place: int) -> Iterator[tuple[int, int]]:
    """« son frère aîné, Karim », « la famille Benali », « l’éducatrice Julie », « surnommé Zizou »."""
    names, word = reader.names, reader.words[place]
    called = word.key in names.called
    kin = word.key in names.kin or word.key in names.groups
    if not (called or kin or word.key in names.roles):
        return
    at = place + 1
    while at < place + 4 and (between := reader.follows(at, ",:(")) is not None:
        if between.key in names.between or (between.key in names.called and not called):
            called = called or between.key in names.called
            at += 1
        else:
            break
    name = reader.follows(at, ",:(" if kin or called else "")
    if name is None or name.key in names.titles - {"m"}:
        return  # « sa mère (Mme Sow) »: the title finds it
    if len(name.key) == 1:
        typed = name.capital and (name.dotted or called or kin) and "'" not in name.before
        letters = typed and name.before.strip(" ,") == "" and not name.key.isdigit()
        if letters and word.sentence not in reader.shouted:
            yield place, at + 1
        return
    if "," in name.before and not reader.sure(name):
        return  # « sa mère, Marseille, le travail »: an enumeration
    if (name.key in PARTICLES and called and name.capital) or (
        (called or kin) and name.key.isalpha() and QUOTES.intersection(name.before)
    ):
        yield place, reader.end_of_name(at)
    elif word.key in names.groups and word.key not in FAMILIES and not (known(name, names) and reader.called(name)):
        return  # « un jeune Afghan »
    elif called and name.key.isalpha() and reader.called(name):
        yield place, reader.end_of_name(at)
    elif reader.called(name) and name.key not in names.roles and name.key not in names.places:
        elsewhere = reader.elsewhere(at) or (not kin and reader.of_a_place(at))
        if not elsewhere:
            yield place, reader.end_of_name(at)


def _given(reader: Reader, place: int) -> Iterator[tuple[int, int]]:
    """A known name, alone."""
    names, word = reader.names, reader.words[place]
    family = word.key in names.family
    if not family and word.key not in names.given:
        return
    sure = family or reader.sure(word)
    shouted = word.sentence in reader.shouted
    after = reader.follows(place + 1)
    if not sure:
        surname = (
            after is not None
            and after.before in (" ", "-")
            and ((reader.shaped(after) and after.key not in names.places) or (len(after.key) == 1 and after.capital))
        )
        if shouted or not reader.shaped(word):
            return
        before = reader.at(place - 1)
        if before is not None and reader.follows(place) and before.key in DEFINITE and not surname:
            return  # « la Marine », « les Roses »
        if word.first and not surname and (after is None or after.key not in names.verbs):
            return
    elif not word.capital and (len(word.key) < 4 or family):
        return
    if not reader.elsewhere(place):
        yield place, reader.end_of_name(place)


def _initial(word: Word) -> bool:
    return len(word.key) == 1 and word.capital


def _initials(reader: Reader, place: int) -> Iterator[tuple[int, int]]:
    """« K. B. », « K.B. », « Kévin B. »; three initials or more are an acronym."""
    word, after = reader.words[place], reader.follows(place + 1)
    shouted = word.sentence in reader.shouted
    if word.dotted and word.upper and len(word.key) == 2 and not shouted and word.end - word.start > 2:
        if word.key not in reader.names.never:
            yield place, place + 1
        return
    if after is None or len(after.key) != 1 or not after.capital or not after.dotted:
        return
    further = reader.follows(place + 2)
    if further is not None and further.before.startswith(".") and (further.key.isdigit() or _initial(further)):
        return  # an acronym, a number of article
    if len(word.key) == 1 and word.capital and word.dotted and after.before.strip(" -") == ".":
        before = reader.at(place - 1)
        if not (before and len(before.key) == 1 and reader.follows(place)):
            yield place, place + 2
    elif (
        not shouted
        and after.before == " "
        and reader.shaped(word)
        and word.key not in reader.names.places | reader.names.roles
    ):
        yield place, place + 2


def _explained(reader: Reader, place: int) -> Iterator[tuple[int, int]]:
    """« Djénaba, sa grande sœur », « Zo (un copain) »: whatever the name."""
    word = reader.words[place]
    if not reader.shaped(word) or word.key in reader.names.places or word.sentence in reader.shouted:
        return
    after = reader.at(place + 1)
    if after is None or after.sentence != word.sentence or after.key not in ("son", "sa", "un", "une", "leur"):
        return
    if after.before.strip() not in (",", "(", "-", "–"):
        return
    ahead = [w for w in reader.words[place + 2 : place + 5] if w.sentence == word.sentence]
    kin = next((rank for rank, w in enumerate(ahead) if w.key in reader.names.kin | reader.names.roles), None)
    if kin is not None and all(w.key in reader.names.between for w in ahead[:kin]) and not reader.of_a_place(place):
        yield place, place + 1
