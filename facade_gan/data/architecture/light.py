"""The light of one scene: where it comes from and how hard its shadows are."""

from dataclasses import dataclass
from random import Random

from facade_gan.data.architecture.canvas import Canvas, Colour
from facade_gan.data.architecture.materials import shade


@dataclass(frozen=True)
class Light:
    """``hard`` 0 (overcast) to 1 (sun); ``side`` -1 (from the left) to 1 (from the right)."""

    hard: float
    side: float

    @classmethod
    def draw(cls, r: Random) -> "Light":
        """Most photos are taken under an even sky, some in the sun."""
        hard = r.uniform(0.5, 1.0) if r.random() < 0.3 else r.uniform(0.0, 0.4)
        return cls(hard, r.uniform(-1, 1))

    def shadow(self, strength: float = 1.0) -> Colour:
        """The colour that darkens what lies in shadow."""
        alpha = min(230, int((55 + 75 * self.hard) * strength))
        return (14, 16, 26, alpha)

    def ledge(
        self, canvas: Canvas, x0: float, y0: float, x1: float, y1: float, colour: Colour, drop: float
    ) -> None:
        """A moulding that stands out: lit above, dark below, its shadow ``drop`` metres deep."""
        shift = -self.side * 0.5 * drop
        canvas.box(x0 + shift, y0 - drop, x1 + shift, y0, self.shadow(0.7))
        canvas.box(x0 + shift, y0 - drop * 0.45, x1 + shift, y0, self.shadow(0.7))
        third = (y1 - y0) / 3
        canvas.box(x0, y0, x1, y1, colour)
        canvas.box(x0, y1 - third, x1, y1, shade(colour, 1.12 + 0.06 * self.hard))
        canvas.box(x0, y0, x1, y0 + third, shade(colour, 0.72))

    def upright(
        self, canvas: Canvas, x0: float, y0: float, x1: float, y1: float, colour: Colour
    ) -> None:
        """A vertical strip that stands out: one edge lit, shadow on the side away from the sun."""
        edge = min(0.08, (x1 - x0) / 4)
        canvas.box(x0, y0, x1, y1, colour)
        if self.side > 0:
            canvas.box(x0 - edge * 2, y0, x0, y1, self.shadow(0.8))
            canvas.box(x1 - edge, y0, x1, y1, shade(colour, 1.1))
        else:
            canvas.box(x1, y0, x1 + edge * 2, y1, self.shadow(0.8))
            canvas.box(x0, y0, x0 + edge, y1, shade(colour, 1.1))
