"""GOV.UK Notify on the loopback: as much of its API as our client calls, with faults on demand.

    with NotifyServer() as server:
        settings.NOTIFY_URL, settings.NOTIFY = server.url, {school.urn: server.account()}

What was accepted is in `server.sent`; `server.answers` holds what the next POSTs meet: a status, `"never"` (no answer,
nothing accepted), `"accepted, never answers"` or `"accepted, hangs up"`. The real thing:
docs.notifications.service.gov.uk/rest-api.html
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt

SERVICE, SECRET = "5ec1c3ce-0000-4000-8000-000000000001", "5ec1c3ce-0000-4000-8000-000000000002"
FAULTS: dict[Any, list[dict[str, str]]] = {
    400: [{"error": "ValidationError", "message": "phone_number Not enough digits: 07700 900 1"}],
    403: [{"error": "AuthError", "message": "Invalid token: API key not found"}],
    429: [{"error": "RateLimitError", "message": "Exceeded rate limit for key type LIVE of 3000 requests"}],
    500: [{"error": "Exception", "message": "Internal server error"}],
}


class NotifyServer:
    """A running server; leaving the block stops it."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.answers: list[int | str] = []
        self.received: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.accepted = threading.Event()
        self.released = threading.Event()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> "NotifyServer":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}"

    @staticmethod
    def account() -> dict[str, str]:
        """What `settings.NOTIFY` holds of one school."""
        return {
            "key": f"test-{SERVICE}-{SECRET}",
            "text_template": "11111111-1111-4111-8111-111111111111",
            "email_template": "22222222-2222-4222-8222-222222222222",
        }

    def becomes(self, status: str) -> None:
        """What was accepted last is now this far: `delivered`, `permanent-failure` ..."""
        self.sent[-1]["status"] = status

    def text_back(self, number: str, text: str, at: str) -> None:
        """Somebody texts the school's number."""
        self.received.insert(0, {"id": str(uuid4()), "user_number": number, "content": text, "created_at": at})


def _handler(server: NotifyServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not self._is_known():
                return
            answer = server.answers.pop(0) if server.answers else 201
            if answer == "never":
                server.released.wait(30)
                return
            if answer in FAULTS:
                self._say(answer, {"status_code": answer, "errors": FAULTS[answer]})
                return
            notification = {
                "id": str(uuid4()),
                "type": self.path.rpartition("/")[2],
                "status": "created",
                "reference": wanted.get("reference"),
                "wanted": wanted,
            }
            server.sent.append(notification)
            server.accepted.set()
            if answer == "accepted, hangs up":
                return
            if answer == "accepted, never answers":
                server.released.wait(30)
                return
            self._say(201, notification)

        def do_GET(self) -> None:
            server.asked.append(self.path)
            if not self._is_known():
                return
            address = urlsplit(self.path)
            if address.path == "/v2/received-text-messages":
                self._say(200, {"received_text_messages": server.received, "links": {"current": self.path}})
            elif address.path == "/v2/notifications":
                reference = parse_qs(address.query).get("reference", [None])[0]
                found = [each for each in server.sent if reference in (None, each["reference"])]
                self._say(200, {"notifications": found, "links": {"current": self.path}})
            else:
                found = [each for each in server.sent if each["id"] == address.path.rpartition("/")[2]]
                self._say(200, found[0]) if found else self._say(404, {"status_code": 404, "errors": []})

        def _is_known(self) -> bool:
            """A token signed with the service's key, as the real one asks; else 403."""
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            try:
                claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_iat": False})
            except jwt.InvalidTokenError:
                claims = {}
            if claims.get("iss") != SERVICE:
                self._say(403, {"status_code": 403, "errors": FAULTS[403]})
                return False
            return True

        def _say(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler
