"""prevenance wording: what must not be written in a note, and how well the guard does on labelled sentences.

Needs no database and no server. A result goes to standard output, advice to standard error.
"""

import argparse
import csv
import json
import sys
from dataclasses import asdict
from pathlib import Path

from prevenance.core.wording import lexicon
from prevenance.engines.wording import Sentence, examine, measure, sentences_from, table


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="prevenance wording",
        description="Dit ce qui ne doit pas s’écrire dans une note, et comment le dire autrement.",
    )
    parser.add_argument("file", type=Path, help="texte à examiner ; avec --measure, tableau CSV sentence,labels")
    parser.add_argument("--measure", action="store_true", help="mesure précision et rappel sur des phrases étiquetées")
    parser.add_argument("--mistakes", action="store_true", help="avec --measure, montre aussi les phrases mal jugées")
    parser.add_argument("--json", action="store_true", help="avec --measure, résultat en JSON")
    options = parser.parse_args(arguments)
    try:
        text = options.file.read_text(encoding="utf-8-sig")
        if not options.measure:
            print(json.dumps(findings(text), ensure_ascii=False, indent=2))
            return 0
        sentences = sentences_from(csv.DictReader(text.splitlines()))
    except OSError as problem:
        print(f"Fichier illisible : {problem.filename} ({problem.strerror}).", file=sys.stderr)
        return 1
    except UnicodeDecodeError:
        print(f"{options.file} n’est pas en UTF-8 : enregistrez-le dans ce codage.", file=sys.stderr)
        return 1
    except ValueError as problem:
        print(f"{options.file} : {problem}. Colonnes attendues : sentence,labels.", file=sys.stderr)
        return 1
    measures = measure(sentences, lexicon())
    if options.json:
        print(json.dumps([asdict(m) | {"precision_interval": m.precision_interval,
                                       "recall_interval": m.recall_interval} for m in measures], indent=2))  # fmt: skip
    else:
        print(f"{len(sentences)} sentences")
        print(table(measures))
    if options.mistakes:
        for line in mistakes(sentences):
            print(line)
    return 0


def findings(text: str) -> list[dict[str, object]]:
    """What `examine` finds, with the sentence of advice."""
    known = lexicon()
    return [asdict(found) | {"advice": known.advice[found.advice_key]} for found in examine(text, known)]


def mistakes(sentences: tuple[Sentence, ...]) -> list[str]:
    """One line a sentence where a category is missed or found wrongly."""
    lines = []
    for sentence in sentences:
        found = {f.category: f.passage for f in examine(sentence.text, lexicon())}
        missed, wrong = sentence.labels - found.keys(), found.keys() - sentence.labels
        if missed or wrong:
            said = [f"-{c}" for c in sorted(missed)] + [f"+{c} « {found[c]} »" for c in sorted(wrong)]
            lines.append(f"{', '.join(said)} | {sentence.text}")
    return lines
