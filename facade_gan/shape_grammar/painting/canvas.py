"""The drawing board: boxes, polygons and arches in metres on a supersampled Pillow image."""

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

from facade_gan.shape_grammar.colours import Colour

Point = tuple[float, float]


class Canvas:
    """A window on the street: x to the right and y up, both in metres, ground at y = 0.

    Colours are RGB or RGBA in 0..255; alpha is blended. A box thinner than a pixel is drawn one
    pixel thick with its coverage as alpha, so mullions keep their weight at every size.

    Args:
        pixels: height and width of the image.
        left: x of its left edge.
        bottom: y of its lower edge.
        height: of the view, metres; its width follows.
    """

    def __init__(self, pixels: tuple[int, int], left: float, bottom: float, height: float) -> None:
        self.rows, self.columns = pixels
        self.left, self.bottom = left, bottom
        self.height, self.width = height, height * (self.columns / self.rows)
        self.right, self.top = left + self.width, bottom + height
        self.scale = self.rows / height
        self.image = Image.new("RGB", (self.columns, self.rows))
        self._pen = ImageDraw.Draw(self.image, "RGBA")

    def sees(self, x0: float, y0: float, x1: float, y1: float) -> bool:
        """Whether any of the box lies inside the view."""
        return x1 > self.left and x0 < self.right and y1 > self.bottom and y0 < self.top

    def pixel(self, x: float, y: float) -> Point:
        """Metres to pixels, y down."""
        return (x - self.left) * self.scale, (self.top - y) * self.scale

    def pixel_box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[int, int, int, int]:
        """The box in whole pixels, clipped to the view: left, top, right, bottom (exclusive)."""
        left, top = self.pixel(x0, y1)
        right, bottom = self.pixel(x1, y0)
        return (
            max(round(left), 0),
            max(round(top), 0),
            min(round(right), self.columns),
            min(round(bottom), self.rows),
        )

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """Fill an upright rectangle; (x0, y0) is its lower left corner."""
        scale = self.scale
        left, right = (x0 - self.left) * scale, (x1 - self.left) * scale
        top, bottom = (self.top - y1) * scale, (self.top - y0) * scale
        if right <= 0 or bottom <= 0 or left >= self.columns or top >= self.rows:
            return
        coverage = min(1.0, right - left) * min(1.0, bottom - top)
        if coverage <= 0.02:
            return
        if coverage < 1.0:
            alpha = colour[3] if len(colour) == 4 else 255
            colour = (colour[0], colour[1], colour[2], int(alpha * coverage))
        column, row = math.floor(left + 0.5), math.floor(top + 0.5)
        self._pen.rectangle(
            (
                column,
                row,
                max(column, math.floor(right + 0.5) - 1),
                max(row, math.floor(bottom + 0.5) - 1),
            ),
            fill=colour,
        )

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a polygon given by its corners."""
        self._pen.polygon([self.pixel(x, y) for x, y in points], fill=colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Draw a line ``width`` metres thick, thin ones by their coverage."""
        thick = width * self.scale
        if thick < 1.0:
            alpha = colour[3] if len(colour) == 4 else 255
            colour = (colour[0], colour[1], colour[2], int(alpha * max(thick, 0.0)))
        self._pen.line(
            [self.pixel(x, y) for x, y in points], fill=colour, width=max(1, round(thick))
        )

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        """Fill an upright ellipse around (x, y)."""
        left, top = self.pixel(x - rx, y + ry)
        self._pen.ellipse(
            (left, top, left + 2 * rx * self.scale, top + 2 * ry * self.scale), fill=colour
        )

    def arch(self, x0: float, x1: float, y: float, rise: float, colour: Colour) -> None:
        """Fill half an ellipse that stands on the line from (x0, y) to (x1, y)."""
        left, top = self.pixel(x0, y + rise)
        right, bottom = self.pixel(x1, y - rise)
        if right - left >= 1 and bottom - top >= 1:
            self._pen.pieslice((left, top, right - 1, bottom), 180, 360, fill=colour)
