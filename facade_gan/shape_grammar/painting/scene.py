"""What every painter gets: the drawing board, the light, and the dice."""

from dataclasses import dataclass
from random import Random

from facade_gan.shape_grammar.colours import shade
from facade_gan.shape_grammar.painting.canvas import Canvas, Colour


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
        alpha = min(230, int((60 + 75 * self.hard) * strength))
        return (14, 16, 26, alpha)


@dataclass(frozen=True)
class Scene:
    """One picture being painted."""

    canvas: Canvas
    light: Light
    r: Random

    def ledge(
        self, x0: float, y0: float, x1: float, y1: float, colour: Colour, drop: float
    ) -> None:
        """A moulding that stands out: lit above, dark below, its shadow ``drop`` metres deep."""
        box, light = self.canvas.box, self.light
        shift = -light.side * 0.5 * drop
        box(x0 + shift, y0 - drop, x1 + shift, y0, light.shadow(0.7))
        box(x0 + shift, y0 - drop * 0.45, x1 + shift, y0, light.shadow(0.7))
        third = (y1 - y0) / 3
        box(x0, y0, x1, y1, colour)
        box(x0, y1 - third, x1, y1, shade(colour, 1.14 + 0.06 * light.hard))
        box(x0, y0, x1, y0 + third, shade(colour, 0.68))

    def upright(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """A vertical strip that stands out: one edge lit, shadow on the side away from the sun."""
        box = self.canvas.box
        edge = min(0.08, (x1 - x0) / 4)
        box(x0, y0, x1, y1, colour)
        if self.light.side > 0:
            box(x0 - edge * 2, y0, x0, y1, self.light.shadow(0.8))
            box(x1 - edge, y0, x1, y1, shade(colour, 1.1))
        else:
            box(x1, y0, x1 + edge * 2, y1, self.light.shadow(0.8))
            box(x0, y0, x0 + edge, y1, shade(colour, 1.1))

    def stucco(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """Modelled ornament seen from afar: lit knobs above their own shadows."""
        if not self.canvas.sees(x0, y0, x1, y1):
            return
        uniform, box = self.r.uniform, self.canvas.box
        bright, dark = shade(colour, 1.16), self.light.shadow(1.0)
        count = min(10, 2 + int((x1 - x0) * (y1 - y0) * 6))
        size = min(0.3, (y1 - y0) * 0.4)
        for _ in range(count):
            x, y = uniform(x0, x1 - size * 0.5), uniform(y0, y1 - size * 0.5)
            wide, high = size * uniform(0.4, 1.0), size * uniform(0.4, 1.0)
            box(x, y - high * 0.5, x + wide, y + high * 0.3, dark)
            box(x, y, x + wide, y + high, bright)
