"""A mail server on the loopback that takes, refuses or hangs up as it is told: what smtplib speaks of RFC 5321."""

import socketserver
import threading


class SmtpServer:
    """`answers` are what the next connections meet: "taken", a refusal by the step it comes at ("greeting 421",
    "rcpt 450", "rcpt 550", "data 452"), or "hangs up after data". `taken` are the messages it took."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.taken: list[bytes] = []
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def port(self) -> int:
        return self.server.server_address[1]

    def __enter__(self) -> "SmtpServer":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def _handler(server: SmtpServer) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            step, _, code = (server.answers.pop(0) if server.answers else "taken").partition(" ")
            self.say(code if step == "greeting" else "220")
            while line := self.rfile.readline():
                match line[:4].strip().upper():
                    case b"RCPT" if step == "rcpt":
                        self.say(code)
                    case b"DATA":
                        self.say("354")
                        message = b"".join(iter(self.rfile.readline, b".\r\n"))
                        if step == "hangs":
                            return
                        if step == "data":
                            self.say(code)
                        else:
                            server.taken.append(message)
                            self.say("250")
                    case b"QUIT":
                        self.say("221")
                        return
                    case _:
                        self.say("250")

        def say(self, code: str) -> None:
            self.wfile.write(f"{code} said\r\n".encode())

    return Handler
