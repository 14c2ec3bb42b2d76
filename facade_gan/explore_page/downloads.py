"""What the page saves: made when it is asked for and sent, so that nothing stays on this disk."""

from collections.abc import Callable
from importlib.util import find_spec
from mimetypes import guess_type
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from fastapi import APIRouter, Request, Response

from facade_gan.errors import UserError
from facade_gan.explore_page.enlarge import enlarged, factor
from facade_gan.explore_page.facades import Facades
from facade_gan.explore_page.markup import texts
from facade_gan.explore_page.settings import Settings, Wall
from facade_gan.figures import FIGURE
from facade_gan.film.walk import write_walk
from facade_gan.image_size import sides
from facade_gan.sampling import encode_png, grid

FILM = "walk.mp4" if find_spec("av") else "walk.webp"
SECONDS, FPS = 6.0, 25
FILM_SIDE = 512  # pixels, that the longer side of a film is enlarged to


class Downloads:
    """Makes files of the page's settings, with what they were made by inside.

    Args:
        facades: generates them.
        checkpoint: its name.
        count: facades of a wall.
    """

    def __init__(self, facades: Facades, checkpoint: str, count: int) -> None:
        self.facades, self.checkpoint, self.count = facades, checkpoint, count

    def picture(self, settings: Settings, wall: Wall) -> bytes:
        """Make the picture as generated."""
        image = self.facades.picture(settings).image
        return encode_png(image, texts(self.checkpoint, settings.query()))

    def for_print(self, settings: Settings, wall: Wall) -> bytes:
        """Make the picture enlarged, and said to be."""
        image = self.facades.picture(settings).image
        said = f"{factor(*image.shape[1:])} times by Lanczos; no detail was added"
        inside = texts(self.checkpoint, settings.query()) | {"enlarged": said}
        return encode_png(enlarged(image), inside)

    def wall(self, settings: Settings, wall: Wall) -> bytes:
        """Make one picture of the wall."""
        shown = self.facades.wall(wall, settings.variety, self.count)
        query = wall.query() | {"variety": str(settings.variety)}
        inside = texts(self.checkpoint, query) | FIGURE
        inside["seeds"] = " ".join(str(seed) for seed, _ in shown)
        return encode_png(grid(torch.stack([facade.image for _, facade in shown])), inside)

    def film(self, settings: Settings, wall: Wall) -> bytes:
        """Film the way from the first facade to the second and back."""
        generator, ends = self.facades.way(settings)
        with TemporaryDirectory() as folder:
            write_walk(
                generator,
                ends,
                Path(folder) / FILM,
                seconds=SECONDS,
                fps=FPS,
                enlarge=-(-FILM_SIDE // max(sides(generator.image_size))),
                resampling="lanczos",
                texts=texts(self.checkpoint, settings.query()),
                batch_size=self.facades.batch_size,
            )
            return (Path(folder) / FILM).read_bytes()

    def routes(self) -> APIRouter:
        """Make a route of each, which takes the page's own address after its ``?``."""
        router = APIRouter()
        times = factor(*sides(self.facades.generator.image_size))
        for route, name, make in (
            ("facade.png", "facade.png", self.picture),
            ("print.png", f"facade_enlarged_{times}x.png", self.for_print),
            ("wall.png", "wall.png", self.wall),
            (FILM, FILM, self.film),
        ):
            router.add_api_route(f"/{route}", self.answer(name, make))
        return router

    def answer(
        self, name: str, make: Callable[[Settings, Wall], bytes]
    ) -> Callable[[Request], Response]:
        """Make a function that sends a file to be saved, or says in words why it can't."""

        def answer_(request: Request) -> Response:
            settings, wall, complaints = self.facades.limits.read(request.query_params)
            if complaints:
                return Response("\n".join(complaints), status_code=400, media_type="text/plain")
            try:
                content = make(settings, wall)
            except (UserError, OSError) as error:  # the disk for temporary files is full, say
                return Response(f"{name}: {error}", status_code=500, media_type="text/plain")
            disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
            return Response(content, headers=disposition, media_type=guess_type(name)[0])

        return answer_
