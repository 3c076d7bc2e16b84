"""Hourly seals: the ends of the chains, signed and kept outside the database.

A seal is a file. It names the file before it by digest, so that a seal cannot be taken out either. What was written
after the last seal is the stated limit of the proof (docs/security.md).
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from prevenance.core.audit.verify import Link


class BrokenSeal(Exception):
    """A seal is missing, changed or signed by another key; the message names the file, in French."""


@dataclass
class Known:
    """What the seals remember: points of each chain, where dropped history stops, the last file's digest."""

    points: dict[str, list[Link]] = field(default_factory=dict)
    anchors: dict[str, Link] = field(default_factory=dict)
    last: str = ""
    count: int = 0

    def end_of(self, scope: str) -> Link | None:
        return max(self.points.get(scope, []), key=lambda link: link.seq, default=None)


def write(
    folder: Path, key: Ed25519PrivateKey, heads: dict[str, Link], now: datetime, anchors: dict[str, Link] | None = None
) -> Path | None:
    """Seal the chains that moved since the last seal; None when none did. Returns the new file.

    Raises BrokenSeal when an earlier seal does not hold: sealing over it would hide it.
    """
    known = read(folder, key.public_key())
    moved = {scope: head for scope, head in heads.items() if known.end_of(scope) != head}
    if not moved and not anchors:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    body = json.dumps(
        {
            "sealed_at": now.isoformat(timespec="seconds"),
            "previous": known.last,
            "heads": {scope: [link.seq, link.hash.hex()] for scope, link in sorted(moved.items())},
            "anchors": {scope: [link.seq, link.hash.hex()] for scope, link in sorted((anchors or {}).items())},
        },
        sort_keys=True,
    )
    path = folder / f"{known.count + 1:08d}.json"
    text = json.dumps({"body": body, "signature": key.sign(body.encode()).hex()})
    partial = path.with_suffix(".new")
    partial.write_text(text)
    partial.replace(path)
    public = folder / "public-key.pem"
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path


def read(folder: Path, key: Ed25519PublicKey) -> Known:
    """Everything the seals remember, each one checked. Raises BrokenSeal at the first that does not hold."""
    known = Known()
    for number, path in enumerate(sorted(folder.glob("[0-9]*.json")), 1):
        if path.name != f"{number:08d}.json":
            raise BrokenSeal(f"Le sceau {number:08d}.json manque.")
        text = path.read_bytes()
        try:
            sealed = json.loads(text)
            key.verify(bytes.fromhex(sealed["signature"]), sealed["body"].encode())
            body = json.loads(sealed["body"])
        except (ValueError, KeyError, TypeError, InvalidSignature) as error:
            raise BrokenSeal(f"Le sceau {path.name} a été modifié ou n’est pas de cette clé.") from error
        if body["previous"] != known.last:
            raise BrokenSeal(f"Le sceau {path.name} ne suit pas celui qui le précède.")
        for scope, (seq, hashed) in body["heads"].items():
            known.points.setdefault(scope, []).append(Link(seq, bytes.fromhex(hashed)))
        for scope, (seq, hashed) in body["anchors"].items():
            known.anchors[scope] = Link(seq, bytes.fromhex(hashed))
        known.last = hashlib.sha256(text).hexdigest()
        known.count = number
    return known
