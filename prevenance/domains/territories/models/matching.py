"""What a name becomes to be searched."""

from prevenance.core.text import plain

SHORTENED = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
BODIES = {"cc": "communaute de communes", "ca": "communaute d agglomeration", "cu": "communaute urbaine"}


def searchable(name: str, *, of_body: bool = False) -> str:
    """`name` without accents, hyphens or apostrophes, with its usual abbreviations opened.

    `of_body`: the name is that of an intercommunal body, which may begin with « CC », « CA » or « CU ».
    """
    words = [SHORTENED.get(word, word) for word in plain(name).split()]
    if of_body and words and words[0] in BODIES:
        words[0] = BODIES[words[0]]
    return " ".join(words)
