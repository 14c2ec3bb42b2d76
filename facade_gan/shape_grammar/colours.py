"""Colours of walls, roofs, frames and shutters."""

from random import Random

RGB = tuple[int, int, int]
Colour = RGB | tuple[int, int, int, int]  # with an alpha

# Muted tones of European streets, before light and exposure.
WALLS: dict[str, RGB] = {
    "ochre": (205, 172, 112),
    "yellow": (222, 186, 104),
    "cream": (222, 206, 166),
    "beige": (198, 180, 148),
    "sand": (180, 158, 124),
    "sandstone": (168, 144, 108),
    "limestone": (196, 186, 164),
    "warm grey": (168, 160, 146),
    "grey": (152, 150, 144),
    "dark grey": (108, 104, 98),
    "white": (226, 222, 212),
    "blue": (160, 176, 190),
    "green": (164, 170, 142),
    "pink": (208, 168, 154),
    "salmon": (204, 142, 108),
    "orange": (206, 132, 82),
    "brown": (134, 108, 88),
    "mauve": (150, 128, 124),
    "brick": (146, 86, 66),
    "dark brick": (108, 66, 56),
    "tan brick": (176, 138, 104),
    "red": (156, 78, 62),
    "concrete": (160, 154, 144),
}
ROOFS: dict[str, RGB] = {
    "tile": (132, 82, 64),
    "old tile": (102, 74, 64),
    "slate": (72, 74, 80),
    "zinc": (126, 132, 140),
    "dark": (58, 54, 54),
    "copper": (112, 140, 126),
}
FRAMES: dict[str, RGB] = {
    "white": (218, 216, 210),
    "cream": (196, 186, 162),
    "brown": (92, 66, 48),
    "dark": (48, 46, 46),
    "green": (60, 78, 66),
    "grey": (132, 134, 136),
    "red": (132, 58, 48),
}
SHUTTERS: dict[str, RGB] = {
    "green": (58, 82, 70),
    "dark green": (40, 58, 50),
    "blue grey": (92, 112, 124),
    "blue": (50, 84, 120),
    "brown": (88, 62, 48),
    "grey": (128, 128, 124),
    "red": (150, 48, 44),
    "white": (206, 204, 196),
    "sand": (166, 150, 122),
}
SIGNS: tuple[RGB, ...] = (
    (44, 60, 104),
    (132, 40, 38),
    (40, 84, 66),
    (208, 186, 88),
    (196, 192, 182),
    (52, 48, 46),
    (90, 62, 44),
    (186, 108, 48),
)


def shade(colour: Colour, factor: float) -> RGB:
    """Scale the brightness of a colour."""
    return (
        min(255, max(0, int(colour[0] * factor))),
        min(255, max(0, int(colour[1] * factor))),
        min(255, max(0, int(colour[2] * factor))),
    )


def mix(a: Colour, b: Colour, share: float) -> RGB:
    """``a`` with ``share`` of ``b`` in it."""
    return (
        int(a[0] + (b[0] - a[0]) * share),
        int(a[1] + (b[1] - a[1]) * share),
        int(a[2] + (b[2] - a[2]) * share),
    )


def vary(r: Random, colour: Colour, value: float = 0.14, hue: float = 0.05) -> RGB:
    """A neighbour of a colour: other brightness (share ``value``), other tint (``hue``)."""
    level = r.uniform(1 - value, 1 + value)
    red, green, blue = (int(v * level * r.uniform(1 - hue, 1 + hue)) for v in colour[:3])
    return min(red, 255), min(green, 255), min(blue, 255)
