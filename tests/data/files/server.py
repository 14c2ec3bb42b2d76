"""A web server for tests that misbehaves as it is told, one way per request."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Site:
    """The files served, how the next requests go wrong, and what was asked for."""

    files: dict[str, bytes]
    troubles: list[Callable[["Handler"], None]] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    etag: str | None = '"v1"'
    url: str = ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        site = self.server.site
        site.requests.append(dict(self.headers))
        self.close_connection = True
        trouble = site.troubles.pop(0) if site.troubles else serve
        try:
            trouble(self)
        except (BrokenPipeError, ConnectionResetError):
            return  # the client has given up, as it should

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    @property
    def body(self) -> bytes:
        return self.server.site.files[self.path]

    @property
    def validator(self) -> dict[str, str]:
        etag = self.server.site.etag
        return {"ETag": etag} if etag else {}


class Server(ThreadingHTTPServer):
    site: Site
    daemon_threads = True


def serve(handler: Handler, sent: int | None = None) -> None:
    """Answer well, ranges included; stop after ``sent`` bytes."""
    body, status = handler.body, 200
    headers = handler.validator
    asked = handler.headers.get("Range")
    if asked and handler.headers.get("If-Range") == handler.server.site.etag:
        start = int(asked.removeprefix("bytes=").rstrip("-"))
        headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        body, status = body[start:], 206
    handler.begin(status, headers | {"Content-Length": str(len(body))})
    handler.wfile.write(body[:sent])


# -- troubles


def cut_after(count: int) -> Callable[[Handler], None]:
    """The connection is cut after so many bytes of the body."""
    return lambda handler: serve(handler, count)


def status(code: int, body: bytes = b"<html>error</html>") -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.begin(code, {"Content-Length": str(len(body))})
        handler.wfile.write(body)

    return answer


def claim_length(length: int) -> Callable[[Handler], None]:
    """All of the body under a wrong Content-Length."""

    def answer(handler: Handler) -> None:
        handler.begin(200, handler.validator | {"Content-Length": str(length)})
        handler.wfile.write(handler.body)

    return answer


def no_length(handler: Handler) -> None:
    handler.begin(200, {"Connection": "close"})
    handler.wfile.write(handler.body[:1000])


def stall(handler: Handler) -> None:
    """A part of the body, then silence."""
    handler.begin(200, handler.validator | {"Content-Length": str(len(handler.body))})
    handler.wfile.write(handler.body[:1000])
    handler.wfile.flush()
    time.sleep(2)


def trickle(handler: Handler) -> None:
    """A byte now and then: no read ever times out."""
    handler.begin(200, handler.validator | {"Content-Length": str(len(handler.body))})
    for byte in handler.body[:200]:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.02)


def hang_up(handler: Handler) -> None:
    """Not a word."""
    handler.connection.close()


def wrong_range(handler: Handler) -> None:
    """Another part than it was asked for."""
    body = handler.body[10:]
    headers = {"Content-Range": f"bytes 10-{len(handler.body) - 1}/{len(handler.body)}"}
    handler.begin(206, handler.validator | headers | {"Content-Length": str(len(body))})
    handler.wfile.write(body)


def redirect(address: str) -> Callable[[Handler], None]:
    return lambda handler: handler.begin(302, {"Location": address, "Content-Length": "0"})


@contextmanager
def running(site: Site) -> Iterator[Site]:
    server = Server(("127.0.0.1", 0), Handler)
    server.site = site
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
