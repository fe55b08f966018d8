"""A small OpenID provider on the loopback: what Google's and Microsoft's do, and no more."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

CLIENT, SECRET = "attendance", "a client secret that is long enough to sign with"


@dataclass
class Provider:
    """Who is signed in there is `claims`; each code is good once, and for who began."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    is_broken: bool = False


@contextmanager
def running() -> Iterator[Provider]:
    """The provider, until the block ends."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            path, asked = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
            if path == "/.well-known/openid-configuration":
                ends = ("authorization", "token", "userinfo")
                self._say({"issuer": provider.issuer, "jwks_uri": f"{provider.issuer}/keys"} | {
                    f"{end}_endpoint": f"{provider.issuer}/{end}" for end in ends})  # fmt: skip
            elif path == "/authorization":
                code = secrets.token_hex(8)
                provider.codes[code] = {name: values[0] for name, values in asked.items()}
                back = urlencode({"code": code, "state": asked["state"][0]})
                self.send_response(302)
                self.send_header("Location", f"{asked['redirect_uri'][0]}?{back}")
                self.end_headers()
            elif path == "/userinfo" and self.headers["Authorization"].removeprefix("Bearer ") in provider.tokens:
                self._say(provider.claims)
            else:
                self._say({"error": "not found"}, 404)

        def do_POST(self) -> None:
            body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            sent = {name: values[0] for name, values in body.items()}
            began = provider.codes.pop(sent.get("code", ""), None)
            digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
            proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            if (
                provider.is_broken
                or began is None
                or began["code_challenge"] != proof
                or began["redirect_uri"] != sent["redirect_uri"]
                or sent.get("client_secret") != SECRET
            ):
                self._say({"error": "invalid_grant"}, 400)
                return
            token = secrets.token_hex(8)
            provider.tokens.add(token)
            facts = {"iss": provider.issuer, "aud": CLIENT, "exp": int(time.time()) + 600, "iat": int(time.time())}
            self._say({
                "access_token": token, "token_type": "Bearer", "expires_in": 600,
                "id_token": jwt.encode({**provider.claims, **facts}, SECRET, "HS256"),
            })  # fmt: skip

        def _say(self, answer: dict[str, Any], status: int = 200) -> None:
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield provider
        server.shutdown()


def settings_of(provider: Provider) -> dict[str, Any]:
    """The settings of an installation that takes accounts of this provider."""
    account = {"id": "school", "name": "Google", "issuer": provider.issuer, "client_id": CLIENT, "secret": SECRET}
    rules = {"name": "Google", "domains": ["school.example"], "must": {"hd": "school.example"}}
    app = {
        "provider_id": "school", "name": "Google", "client_id": CLIENT, "secret": SECRET,
        "settings": {"server_url": provider.issuer, "token_auth_method": "client_secret_post", **rules},
    }  # fmt: skip
    return {
        "OIDC": [account | rules],
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}},
    }
