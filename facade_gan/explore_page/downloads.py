"""Pictures to keep: made when they are asked for and sent, so that no file is written here."""

import torch
from fastapi import APIRouter, Request, Response

from facade_gan.explore_page.enlarge import enlarged, factor
from facade_gan.explore_page.facades import Facades
from facade_gan.explore_page.markup import texts
from facade_gan.sampling import encode_png, grid


def downloads(facades: Facades, checkpoint: str, count: int) -> APIRouter:
    """Make the routes ``/facade.png``, ``/print.png`` and ``/wall.png``.

    Each takes the page's own address after its ``?``, and has it in its metadata.
    """
    router = APIRouter()

    @router.get("/facade.png")
    def facade(request: Request) -> Response:
        settings, _, complaints = facades.limits.read(request.query_params)
        image = facades.picture(settings).image
        return answer(encode_png(image, texts(checkpoint, settings.query())), "facade", complaints)

    @router.get("/print.png")
    def for_print(request: Request) -> Response:
        settings, _, complaints = facades.limits.read(request.query_params)
        image = facades.picture(settings).image
        times = factor(*image.shape[1:])
        said = f"{times} times by Lanczos; no detail was added"
        inside = texts(checkpoint, settings.query()) | {"enlarged": said}
        png = encode_png(enlarged(image), inside)
        return answer(png, f"facade_enlarged_{times}x", complaints)

    @router.get("/wall.png")
    def wall(request: Request) -> Response:
        settings, wall, complaints = facades.limits.read(request.query_params)
        shown = facades.wall(wall, settings.variety, count)
        query = wall.query() | {"variety": f"{settings.variety:g}"}
        seeds = {"seeds": " ".join(str(seed) for seed, _ in shown)}
        images = torch.stack([facade.image for _, facade in shown])
        return answer(
            encode_png(grid(images), texts(checkpoint, query) | seeds), "wall", complaints
        )

    return router


def answer(png: bytes, name: str, complaints: list[str]) -> Response:
    """Send a PNG to be saved, or say what is wrong with what was asked for."""
    if complaints:
        return Response("\n".join(complaints), status_code=400, media_type="text/plain")
    disposition = {"Content-Disposition": f'attachment; filename="{name}.png"'}
    return Response(png, media_type="image/png", headers=disposition)
