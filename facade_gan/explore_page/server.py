"""Serves the page: on this machine alone unless told otherwise, and nothing from its disk."""

import errno
import os
import socket
import threading
import webbrowser

import gradio as gr
import uvicorn
from fastapi import FastAPI, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware

from facade_gan.errors import UserError
from facade_gan.explore_page.downloads import Downloads
from facade_gan.explore_page.layout import CSS, HEAD, Page

FIRST_PORT, LAST_PORT = 7860, 7959
LOOPBACK = ("127.0.0.1", "localhost")
# Gradio's routes to files of this machine and to other hosts. The page holds its pictures itself.
CLOSED = ("file", "upload", "proxy=", "stream", "process_recording", "component_server")
THEME = gr.themes.Base(
    primary_hue="stone",
    neutral_hue="stone",
    font=("system-ui", "sans-serif"),
    font_mono="monospace",
)


def listen(host: str, port: int | None) -> socket.socket:
    """Take a port to serve on: ``port``, or the first free one.

    Raises:
        UserError: where it is taken, or there is no such host here.
    """
    ports = range(FIRST_PORT, LAST_PORT + 1) if port is None else [port]
    reason = ""
    for each in ports:
        try:
            return socket.create_server((host, each))
        except OSError as error:
            # Python repeats the address behind what went wrong. A resolver's numbers are negative.
            reason = (error.strerror or str(error)).partition(" (while")[0]
            if error.errno is not None and error.errno > 0:
                reason = os.strerror(error.errno)
            if error.errno != errno.EADDRINUSE:
                break
    named = f"{ports[0]} to {ports[-1]}" if port is None else str(port)
    raise UserError(f"host={host} port={named}: can't be listened on ({reason}); choose another")


def application(page: Page, host: str) -> FastAPI:
    """Put the page and its downloads together."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    if host in LOOPBACK:  # a page elsewhere can't reach this one under a name of its own
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK])

    def closed() -> Response:
        return Response("closed", status_code=404)

    for name in CLOSED:
        for route in (f"/gradio_api/{name}{{rest:path}}", f"/{name}{{rest:path}}"):
            app.add_api_route(route, closed, methods=["GET", "HEAD", "POST"])
    app.include_router(Downloads(page.facades, page.checkpoint, page.count).routes())
    return gr.mount_gradio_app(
        app,
        page.blocks,
        path="/",
        theme=THEME,
        css=CSS,
        head=HEAD,
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        mcp_server=False,
    )


def serve(page: Page, host: str, port: int | None, browser: bool) -> None:
    """Serve until a signal comes."""
    listening = listen(host, port)
    address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{listening.getsockname()[1]}"
    config = uvicorn.Config(application(page, host), log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    print(f"{address}  (Ctrl-C ends it)", flush=True)
    if browser:
        threading.Timer(0.5, webbrowser.open, [address]).start()
    server.run(sockets=[listening])
