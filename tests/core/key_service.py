"""A key service on the loopback that speaks Transit as OpenBao does, errors of single items included."""

import base64
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "jeton-invente"


class KeyService:
    def __init__(self):
        self.versions = [AESGCM(AESGCM.generate_key(256))]
        self.calls = []
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
        if key != "prevenance":
            return 400, {"errors": ["encryption key not found"]}
        results = [getattr(self, act)(item) for item in body["batch_input"]]
        return (400 if any("error" in result for result in results) else 200), {"data": {"batch_results": results}}

    def encrypt(self, item):
        nonce = os.urandom(12)
        plain, bound = base64.b64decode(item["plaintext"]), base64.b64decode(item["associated_data"])
        sealed = nonce + self.versions[-1].encrypt(nonce, plain, bound)
        return {"ciphertext": f"vault:v{len(self.versions)}:{base64.b64encode(sealed).decode()}"}

    def decrypt(self, item):
        _vault, version, text = item["ciphertext"].split(":")
        sealed, bound = base64.b64decode(text), base64.b64decode(item["associated_data"])
        try:
            plain = self.versions[int(version[1:]) - 1].decrypt(sealed[:12], sealed[12:], bound)
        except (InvalidTag, IndexError):
            return {"plaintext": "", "error": "cipher: message authentication failed"}
        return {"plaintext": base64.b64encode(plain).decode()}
