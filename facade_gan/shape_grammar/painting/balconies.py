"""How balconies, parapets and iron railings are painted."""

from facade_gan.shape_grammar.colours import RGB, shade
from facade_gan.shape_grammar.painting.canvas import Canvas
from facade_gan.shape_grammar.painting.scene import Scene
from facade_gan.shape_grammar.plan import Window


def paint_guard(scene: Scene, window: Window, x: float, y: float, railing: RGB, slab: RGB) -> None:
    """Paint the rail or balcony in front of a window whose opening starts at ``y``."""
    half = window.width / 2
    if window.guard == "rail":
        paint_railing(scene.canvas, x - half, x + half, y, y + 0.85, railing)
    elif window.guard in ("balcony", "stone"):
        reach = half + max(0.3, window.surround + 0.2)
        paint_balcony(scene, x - reach, x + reach, y, railing, slab, window.guard == "stone")


def paint_balcony(
    scene: Scene, x0: float, x1: float, y: float, railing: RGB, slab: RGB, solid: bool
) -> None:
    """Paint a balcony: slab on brackets, its shadow, an iron railing or a parapet."""
    canvas = scene.canvas
    y -= 0.05
    for x in (x0 + 0.2, x1 - 0.2):
        canvas.box(x - 0.1, y - 0.55, x + 0.1, y - 0.1, shade(slab, 0.8))
    scene.ledge(x0, y - 0.2, x1, y, slab, 0.8)
    if not solid:
        paint_railing(canvas, x0, x1, y, y + 0.95, railing)
        return
    canvas.box(x0, y, x1, y + 0.9, shade(slab, 0.9))
    step = 0.3
    for i in range(int((x1 - x0 - 0.3) / step)):
        x = x0 + 0.25 + i * step
        canvas.box(x, y + 0.12, x + step * 0.45, y + 0.72, shade(slab, 0.55))
    canvas.box(x0, y + 0.78, x1, y + 0.9, shade(slab, 1.1))


def paint_railing(canvas: Canvas, x0: float, x1: float, y0: float, y1: float, iron: RGB) -> None:
    """Iron bars between two rails; from afar a dark veil."""
    canvas.box(x0, y1 - 0.08, x1, y1, iron)
    canvas.box(x0, y0 + 0.02, x1, y0 + 0.1, iron)
    if canvas.scale < 14:
        canvas.box(x0, y0, x1, y1, (*iron, 105))
        return
    for i in range(int((x1 - x0) / 0.14) + 1):
        x = x0 + 0.14 * i
        canvas.box(x, y0, x + 0.045, y1, iron)
