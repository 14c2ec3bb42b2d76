"""What the page shows as HTML: pictures inside it, so that the server keeps no files."""

import base64
import json
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import urlencode

from torch import Tensor

from facade_gan.explore_page.facades import Facade
from facade_gan.explore_page.settings import Settings, Wall
from facade_gan.sampling import encode_png, grid


def texts(checkpoint: str, query: Mapping[str, str]) -> dict[str, str]:
    """What stands in a PNG's metadata, from which the page makes the picture again."""
    address = f"?{urlencode(query)}"
    return {"checkpoint": checkpoint, "settings": json.dumps(query), "explore": address}


def embedded(png: bytes) -> str:
    """Write a PNG as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def verdict(facade: Facade) -> str:
    """Put D's logit in words."""
    if facade.relative:
        return f"D {facade.logit:+.2f}: more is more like a photo"
    said = "takes it for a photo" if facade.logit > 0 else "sees that it is generated"
    return f"D {facade.logit:+.2f}: {said}"


def picture(facade: Facade, settings: Settings, checkpoint: str, sent: float, ms: float) -> str:
    """Show the facade in the middle, and what the page's script has to know about it.

    Args:
        facade: to show.
        settings: that it was made by.
        checkpoint: its name.
        sent: the browser's clock when it asked.
        ms: that the server took.
    """
    query = settings.query()
    source = embedded(encode_png(facade.image, texts(checkpoint, query)))
    return (
        f'<img class="picture" alt="facade" src="{source}" data-query="{escape(urlencode(query))}" '
        f'data-a="{settings.a}" data-b="{settings.b}" data-sent="{sent}" data-ms="{ms:.0f}" '
        'onload="explorePage.shown(this)">'
        f'<p class="note">{verdict(facade)}<br><span id="latency">&nbsp;</span></p>'
    )


def ends(a: Tensor, b: Tensor) -> str:
    """Show the two facades that the slider lies between, uint8 (3, H, W)."""
    shown = (
        f'<div class="end is-{letter.lower()}">'
        f'<img alt="facade" src="{embedded(encode_png(image))}">{letter}</div>'
        for letter, image in (("A", a), ("B", b))
    )
    return f'<div class="ends">{"".join(shown)}</div>'


def grid_of_run(png: bytes, epoch: int) -> str:
    """Show a run's grid."""
    return f'<img class="grid" alt="grid" src="{embedded(png)}"><p class="note">epoch {epoch}</p>'


def neighbours(png: bytes) -> str:
    """Show the figure of the generated images nearest to photos."""
    words = "Copies? The generated facades nearest to photos, when metrics were last taken."
    return f'{note(words)}<img class="grid" alt="neighbours" src="{embedded(png)}">'


def note(text: str) -> str:
    """Say something in a line of its own."""
    return f'<p class="note">{escape(text)}</p>'


def strip(images: Tensor) -> str:
    """Show facades along a direction, uint8 (N, 3, H, W)."""
    row = encode_png(grid(images, len(images)))
    return f'<img class="strip" alt="along the direction" src="{embedded(row)}">'


def wall(
    facades: Sequence[tuple[int, Facade]], shown: Wall, variety: float, checkpoint: str
) -> str:
    """Show facades to pick from, each with its seed and D's logit."""
    tiles = "".join(
        tile(Settings(seed, variety=variety), facade, checkpoint) for seed, facade in facades
    )
    return f'<div class="wall" data-query="{escape(urlencode(shown.query()))}">{tiles}</div>'


def tile(settings: Settings, facade: Facade, checkpoint: str) -> str:
    """Show one facade of the wall, the first of ``settings``, as a button."""
    seed = settings.a
    png = encode_png(facade.image, texts(checkpoint, settings.query()))
    words = f"seed {seed}, {verdict(facade)}"
    return (
        f'<button class="tile" data-seed="{seed}" title="{words}" aria-label="{words}">'
        f'<img alt="" src="{embedded(png)}"><span>{seed}</span><span>{facade.logit:+.1f}</span>'
        "</button>"
    )
