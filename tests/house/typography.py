"""French typography of what people read: no-break spaces, apostrophes, guillemets. Mended by ./dev format.

Looked at: text and translated strings of templates, strings given to gettext in Python, French sentences of data files.
"""

import ast
import re
import sys
from pathlib import Path

NBSP, NARROW = "\u00a0", "\u202f"
APOSTROPHE = "\u2019"
# Protected parts of a template: tags, comments, HTML tags with their attributes, entities.
TEMPLATE_CODE = re.compile(
    r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<!--.*?-->|<(?:style|script)\b.*?</(?:style|script)>|<[^>]*>|&\w+;", re.S
)
GETTEXT = re.compile(r"""(\{%\s*(?:trans|translate)\s+)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
URL = re.compile(r"https?://\S+|\b\d{1,2}:\d{2}\b|[\w.+-]+@[\w.-]+")


def mend(text):
    """`text` with its spaces and apostrophes as French prints them."""
    kept = []

    def keep(match):
        kept.append(match.group())
        return f"\ue000{len(kept) - 1}\ue001"

    text = URL.sub(keep, text)
    text = re.sub(r"(?<=[^\W\d_])'(?=[^\W\d_])", APOSTROPHE, text)
    text = re.sub(r"(?<=[\w»)\]\ue001%…’\"])[ \u202f]([;!?:»])(?=\W|$)", NBSP + r"\1", text)
    text = re.sub(r"«[ \u202f]?(?=\S)(?!\u00a0)", "«" + NBSP, text)
    text = re.sub(r"(?<=\d)[ ](?=(?:%|€|h\b|habitants?\b|ans?\b|jours?\b|minutes?\b))", NBSP, text)
    return re.sub("\ue000(\\d+)\ue001", lambda m: kept[int(m.group(1))], text)


def mend_template(source):
    """A template with its visible text and its translated strings mended; its code untouched."""
    source = GETTEXT.sub(lambda m: m.group(1) + m.group(2)[0] + mend(m.group(2)[1:-1]) + m.group(2)[0], source)
    parts, last = [], 0
    for code in TEMPLATE_CODE.finditer(source):
        parts += [mend(source[last : code.start()]), code.group()]
        last = code.end()
    return "".join([*parts, mend(source[last:])])


def mend_python(source):
    """Python source with its gettext strings and refusals mended."""
    lines = source.splitlines(keepends=True)
    edits = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "Refused", "action"}:
            continue
        for constant in [sub for argument in node.args for sub in ast.walk(argument) if isinstance(sub, ast.Constant)]:
            if isinstance(constant.value, str) and constant.lineno == constant.end_lineno:
                edits.append((constant.lineno - 1, constant.col_offset, constant.end_col_offset))
    for row, start, end in sorted(set(edits), reverse=True):
        line = lines[row].encode()
        literal = line[start:end].decode()
        body = literal if literal.count('"') >= 2 and literal.startswith(('"', 'f"')) else None
        if body is not None:
            lines[row] = (line[:start] + mend(literal).encode() + line[end:]).decode()
    return "".join(lines)


def files(root):
    """(path, function that mends it) of everything that holds French to be read."""
    package = root / "prevenance"
    for path in sorted(package.glob("templates/**/*")):
        if path.suffix in {".html", ".txt"}:
            yield path, mend_template
    for path in sorted(package.glob("**/*.py")):
        if "migrations" not in path.parts:
            yield path, mend_python


def main():
    root = Path(__file__).resolve().parents[2]
    for path, function in files(root):
        before = path.read_text()
        after = function(before)
        if after != before:
            path.write_text(after)
            sys.stderr.write(f"typographie : {path.relative_to(root)}\n")


if __name__ == "__main__":
    main()
