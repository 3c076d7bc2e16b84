"""A key service on the loopback that answers Transit's `encrypt` and `decrypt` by batches as OpenBao does.

Compared on 28 November 2026 with OpenBao's API page (secret/transit) and its `builtin/logical/transit`: the envelope,
`key_version` and `reference` of each result, a batch of which an item fails answered 400 with every result, an empty
`plaintext` beside an error, associated data refused item by item under a 200 when the key does not authenticate it, a
missing key (400 to decrypt; to encrypt it would be created, which a token that may only `update` is refused: 403).

Not played here: policies and namespaces (the token is right or wrong), derived and convergent keys, key types but the
default and one that authenticates nothing, failures inside the service (500) and sealed or standby nodes (503, 307),
which tests say by `answer`; `min_decryption_version` is, by `oldest`. No real server was asked.
"""

import base64
import binascii
import json
import os
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "jeton-invente"


class KeyService:
    def __init__(self):
        self.versions = [AESGCM(AESGCM.generate_key(256))]
        self.calls = []
        self.oldest = 1  # min_decryption_version of the key
        self.authenticates = True  # whether its kind takes associated data
        self.answer = None  # (status, body) or (status, body, headers) said whatever is asked
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                service.calls.append((self.path, body, dict(self.headers)))
                status, answer, *more = service.answer or service.said(self.path, body, self.headers)
                content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **(more[0] if more else {})}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self):  # nobody should ask
                service.calls.append((self.path, None, dict(self.headers)))
                self.send_error(404)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *problem):
        self.stop()

    def stop(self):
        if self.thread.is_alive():
            self.server.shutdown()
            self.server.server_close()
            self.thread.join()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def rotate(self):
        self.versions.append(AESGCM(AESGCM.generate_key(256)))

    def said(self, path, body, headers):
        if headers["X-Vault-Token"] != TOKEN:
            return 403, {"errors": ["permission denied"]}
        act, key = path.removeprefix("/v1/transit/").split("/")
        if not body.get("batch_input"):
            return 400, {"errors": ["missing batch input to process"]}
        if key != "prevenance" and act == "encrypt":  # it would be created
            return 403, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]}
        if key != "prevenance":
            return 400, {"errors": ["encryption key not found"]}
        if not self.authenticates:
            failed = [{"error": f"'[{rank}].associated_data' provided for non-AEAD cipher suite aes256-cbc",
                       "reference": ""} | ({"plaintext": ""} if act == "decrypt" else {})
                      for rank, _item in enumerate(body["batch_input"])]  # fmt: skip
            return 200, enveloped(failed)
        results = [getattr(self, act)(item) | {"reference": ""} for item in body["batch_input"]]
        return (400 if any("error" in result for result in results) else 200), enveloped(results)

    def encrypt(self, item):
        try:
            plain = base64.b64decode(item["plaintext"], validate=True)
        except binascii.Error as problem:
            return {"error": str(problem)}
        nonce, bound = os.urandom(12), base64.b64decode(item["associated_data"])
        sealed = nonce + self.versions[-1].encrypt(nonce, plain, bound)
        version = len(self.versions)
        return {"ciphertext": f"vault:v{version}:{base64.b64encode(sealed).decode()}", "key_version": version}

    def decrypt(self, item):
        def refused(why):
            return {"plaintext": "", "error": why}

        prefix, _colon, rest = item["ciphertext"].partition(":v")
        version, _colon, text = rest.partition(":")
        if not item["ciphertext"]:
            return refused("missing ciphertext to decrypt")
        if prefix != "vault" or not version.isdecimal():
            return refused("invalid ciphertext: no prefix")
        if int(version) > len(self.versions):
            return refused("invalid ciphertext: version is too new")
        if int(version) < self.oldest:
            return refused("ciphertext or signature version is disallowed by policy (too old)")
        try:
            sealed, bound = base64.b64decode(text, validate=True), base64.b64decode(item["associated_data"])
            plain = self.versions[int(version) - 1].decrypt(sealed[:12], sealed[12:], bound)
        except binascii.Error:
            return refused("invalid ciphertext: could not decode base64")
        except (InvalidTag, ValueError):
            return refused("cipher: message authentication failed")
        return {"plaintext": base64.b64encode(plain).decode()}


def enveloped(results):
    """As every answer of the service, and as what it says with another status than 200."""
    return {
        "request_id": str(uuid.uuid4()), "lease_id": "", "renewable": False, "lease_duration": 0,
        "data": {"batch_results": results}, "wrap_info": None, "warnings": None, "auth": None,
    }  # fmt: skip
