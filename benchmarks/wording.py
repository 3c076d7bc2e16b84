"""The guard of notes: how fast it reads, and whether its time grows as the note does.

Claims: a note of 20,000 characters is examined in less than half a second; four times the text takes at most six
times as long. The baseline reads the same text once for words, which no guard could do without.
"""

import random
import re
import time
from collections.abc import Callable

from benchmarks._measuring import interleaved
from prevenance.core.wording import lexicon
from prevenance.engines.wording import examine

SENTENCES = [
    "Le jeune est venu au rendez-vous, il a avancé sur son CV.", "Ne peut pas venir le mardi avant juin.",
    "Son frère Karim l’attend à la sortie du lycée Pierre-de-Coubertin.", "Il a été convoqué au tribunal.",
    "Stage chez Renault, puis entretien à la mission locale.", "Elle dit suivre un traitement.",
    "Prochain point le 12.",
]  # fmt: skip
SHORT, LONG, ROUNDS = 5_000, 20_000, 9


def note(length: int) -> str:
    drawn = random.Random(20)
    text = ""
    while len(text) < length:
        text += drawn.choice(SENTENCES) + " "
    return text[:length]


def timed(work: Callable[[str], object], text: str) -> Callable[[], list[float]]:
    def once() -> list[float]:
        start = time.perf_counter()
        work(text)
        return [time.perf_counter() - start]

    return once


def main() -> None:
    known, words = lexicon(), re.compile(r"\w+")
    short, long = note(SHORT), note(LONG)
    examine(long, known)
    quarter, whole, bare = interleaved(
        ROUNDS,
        timed(lambda text: examine(text, known), short),
        timed(lambda text: examine(text, known), long),
        timed(words.findall, long),
    )
    rate = LONG / whole
    print(f"20 000 caractères   {whole * 1000:7.1f} ms   {rate / 1000:.0f} 000 caractères par seconde")
    print(f"5 000 caractères    {quarter * 1000:7.1f} ms   quatre fois le texte : × {whole / quarter:.2f} (≤ 6)")
    print(f"les mots seuls      {bare * 1000:7.1f} ms   × {whole / bare:.0f}")
    if whole > 0.5 or whole / quarter > 6:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
