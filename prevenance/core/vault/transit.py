"""Master keys that never leave a key service: the Transit HTTP interface of OpenBao and HashiCorp Vault."""

import base64
import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from prevenance.core.vault.store import Entry
from prevenance.core.vault.troubles import MasterLost

A_CALL = 1000  # keys in one request


class Transit:
    """Calls `/v1/MOUNT/encrypt/KEY` and `/decrypt/KEY` by batches.

    A master key is named "transit:KEY:v3", by the version that the service says it used; the identifier of the data
    key goes as `associated_data`, so the service's key must be of a kind that authenticates it (aes256-gcm96, the
    default).
    """

    def __init__(
        self, *, url: str, key: str, token: str = "", token_file: str = "", mount: str = "transit",
        namespace: str = "", authority: str = "", timeout: float = 5,
    ) -> None:  # fmt: skip
        if not url.startswith(("https://", "http://")):
            raise MasterLost(_("L’adresse du service de clés doit commencer par https:// (PREVENANCE_TRANSIT_URL)."))
        self.base, self.key = f"{url.rstrip('/')}/v1/{mount}", key
        self.token, self.token_file, self.namespace, self.timeout = token, token_file, namespace, timeout
        self.authority = authority

    @property
    def current(self) -> str:
        """Asked by wrapping nothing of value: the right to encrypt is then enough."""
        return self.wrap_many([(UUID(int=0), bytes(32))])[0][0]

    def wrap_many(self, keys: Sequence[tuple[UUID, bytes]]) -> list[tuple[str, bytes]]:
        items = [{"plaintext": encoded(secret), "associated_data": encoded(key_id.bytes)} for key_id, secret in keys]
        found = []
        for result in self.results("encrypt", items):
            text = result.get("ciphertext", "")
            if text.count(":") != 2:
                raise MasterLost(
                    _("Le service de clés n’a pas enveloppé la clé : vérifiez le nom et la nature de sa clé.")
                )
            found.append((f"transit:{self.key}:{text.split(':')[1]}", text.encode()))
        return found

    def unwrap_many(self, entries: Sequence[Entry]) -> list[bytes | None]:
        ours = [entry.master.startswith(f"transit:{self.key}:") for entry in entries]
        items = [
            {"ciphertext": entry.wrapped.decode("ascii", "replace"), "associated_data": encoded(entry.key_id.bytes)}
            for entry, mine in zip(entries, ours, strict=True)
            if mine
        ]
        results = self.results("decrypt", items)
        opened = (decoded(result.get("plaintext")) for result in results)
        return [next(opened) if mine else None for mine in ours]

    def results(self, act: str, items: list[dict[str, str]]) -> Iterator[dict[str, Any]]:
        """One result an item, in order. An item refused alone has no text in its result."""
        for start in range(0, len(items), A_CALL):
            part = items[start : start + A_CALL]
            answer = self.post(f"{self.base}/{act}/{self.key}", {"batch_input": part})
            results = (answer.get("data") or {}).get("batch_results") or []
            if len(results) != len(part):
                raise MasterLost(_("Le service de clés a répondu autre chose que ce qui lui était demandé."))
            yield from results

    def post(self, url: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            token = self.token or Path(self.token_file).read_text().strip()  # a file is renewed by the service's agent
        except OSError as problem:
            raise MasterLost(_("Le jeton du service de clés manque (PREVENANCE_TRANSIT_TOKEN).")) from problem
        headers = {"X-Vault-Token": token, "X-Vault-Request": "true", "Content-Type": "application/json"}
        if self.namespace:
            headers["X-Vault-Namespace"] = self.namespace
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310  (http or https, above)
        # No proxy of the environment comes between: what is sent are data keys.
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({}), NowhereElse()]
        if self.authority:
            context = ssl.create_default_context(cafile=self.authority)
            handlers.append(urllib.request.HTTPSHandler(context=context))
        try:
            with urllib.request.build_opener(*handlers).open(request, timeout=self.timeout) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as problem:
            answer = refused(problem)
        except (OSError, http.client.HTTPException, ValueError) as problem:
            raise MasterLost(unanswered()) from problem
        return answer if isinstance(answer, dict) else {}


class NowhereElse(urllib.request.HTTPRedirectHandler):
    """The token goes to the address that the operator gave, and to no other that it would name."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def refused(problem: urllib.error.HTTPError) -> Any:
    """A batch of which some items fail is answered 400 (500 for an inner failure) with every result, as one that went
    well; anything else is a refusal of the whole."""
    with problem:
        if problem.code in (400, 500):
            try:
                answer = json.load(problem)
            except (OSError, http.client.HTTPException, ValueError):
                answer = None
            if isinstance(answer, dict) and (answer.get("data") or {}).get("batch_results"):
                return answer
        if problem.code == 403:
            raise MasterLost(
                _("Le service de clés refuse d’ouvrir : son jeton est périmé ou n’a pas les droits.")
            ) from problem
        raise MasterLost(unanswered()) from problem


def unanswered() -> str:
    return _(
        "Le service de clés ne répond pas : rien de protégé ne peut être lu ni enregistré pour l’instant. "
        "Réessayez dans une minute."
    )


def decoded(text: str | None) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True) if text else None
    except ValueError:
        return None


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()
