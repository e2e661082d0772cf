"""Shapes with light on them, for the pictures of the demo shop's products. A development tool.

Coordinates are pixels of a picture of 1200 x 900; everything is drawn at SCALE times that and scaled down at the end.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

SCALE = 2
WIDTH, HEIGHT = 1200 * SCALE, 900 * SCALE

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]
Point = tuple[float, float]


def canvas() -> Image.Image:
    return Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))


def rounded(box: Box, radius: float) -> Image.Image:
    """A mask of a rounded rectangle; numbers are in pixels of the finished picture."""
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    ImageDraw.Draw(mask).rounded_rectangle([value * SCALE for value in box], radius * SCALE, fill=255)
    return mask


def ellipse(box: Box) -> Image.Image:
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    ImageDraw.Draw(mask).ellipse([value * SCALE for value in box], fill=255)
    return mask


def polygon(points: list[Point]) -> Image.Image:
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    ImageDraw.Draw(mask).polygon([(x * SCALE, y * SCALE) for x, y in points], fill=255)
    return mask


def gradient(stops: list[tuple[float, Colour]], angle: float = 90.0) -> Image.Image:
    """A linear gradient over the whole canvas; 90 degrees runs from the top down."""
    radians = math.radians(angle)
    y, x = np.mgrid[0:HEIGHT:4, 0:WIDTH:4].astype(np.float32)
    along = (x / WIDTH - 0.5) * math.cos(radians) + (y / HEIGHT - 0.5) * math.sin(radians) + 0.5
    places = [place for place, _ in stops]
    channels = [np.interp(along, places, [colour[index] for _, colour in stops]) for index in range(3)]
    small = Image.fromarray(np.stack(channels, axis=-1).astype(np.uint8), "RGB")
    return small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)


def across(mask: Image.Image, stops: list[tuple[float, Colour]], angle: float = 90.0) -> Image.Image:
    """A gradient that runs over the extent of ``mask`` rather than over the canvas."""
    box = mask.getbbox() or (0, 0, WIDTH, HEIGHT)
    part = gradient(stops, angle).resize((box[2] - box[0], box[3] - box[1]))
    whole = Image.new("RGB", (WIDTH, HEIGHT))
    whole.paste(part, box[:2])
    return whole


def lay(
    image: Image.Image, mask: Image.Image, stops: list[tuple[float, Colour]], angle: float = 90.0
) -> None:
    """Fill ``mask`` on ``image`` with a gradient over the mask's extent."""
    image.paste(across(mask, stops, angle).convert("RGBA"), (0, 0), mask)


def wash(image: Image.Image, mask: Image.Image, colour: Colour, opacity: float, blur: float = 0.0) -> None:
    """Lay a translucent colour over ``mask``, softened by ``blur`` pixels."""
    soft = mask.filter(ImageFilter.GaussianBlur(blur * SCALE)) if blur else mask
    layer = Image.new("RGBA", (WIDTH, HEIGHT), (*colour, 0))
    layer.putalpha(soft.point(lambda value: int(value * opacity)))
    image.alpha_composite(layer)


def clipped(mask: Image.Image, by: Image.Image) -> Image.Image:
    return ImageChops.multiply(mask, by)


def shadow(image: Image.Image, centre: Point, width: float, height: float, opacity: float = 0.34) -> None:
    """The soft shadow under something that stands on a table."""
    x, y = centre
    wash(
        image,
        ellipse((x - width / 2, y - height / 2, x + width / 2, y + height / 2)),
        (22, 30, 52),
        opacity,
        14,
    )


def moved(mask: Image.Image, dx: float, dy: float) -> Image.Image:
    return ImageChops.offset(mask, int(dx * SCALE), int(dy * SCALE))


def bevel(image: Image.Image, mask: Image.Image, strength: float = 0.55) -> None:
    """A bright edge where the light falls and a dark one opposite, both inside ``mask``."""
    light = clipped(ImageChops.subtract(mask, moved(mask, 2.5, 2.5)), mask)
    dark = clipped(ImageChops.subtract(mask, moved(mask, -2.5, -2.5)), mask)
    wash(image, light, (255, 255, 255), strength, 0.8)
    wash(image, dark, (0, 0, 0), strength * 0.5, 0.8)


def scenery(mask: Image.Image, sky: tuple[Colour, Colour], hills: list[Colour], seed: int) -> Image.Image:
    """What a screen shows: a sky and waves of hills, clipped to the extent of ``mask``."""
    picture = across(mask, [(0.0, sky[0]), (1.0, sky[1])], 75).convert("RGBA")
    left, top, right, bottom = mask.getbbox() or (0, 0, WIDTH, HEIGHT)
    width, height = right - left, bottom - top
    sun = Image.new("L", (WIDTH, HEIGHT), 0)
    middle, radius = (left + width * 0.68, top + height * 0.36), height * 0.1
    ImageDraw.Draw(sun).ellipse(
        (middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius), fill=255
    )
    wash(picture, sun, (255, 244, 214), 0.5, 30)
    wash(picture, sun, (255, 250, 235), 0.95, 1)
    for index, colour in enumerate(hills):
        line = []
        for step in range(101):
            t = step / 100
            wave = math.sin(t * (4.2 + index * 1.3) + seed + index * 2.1) * 0.06
            wave += math.sin(t * 9 + seed * 3 + index) * 0.02
            line.append((left + width * t, top + height * (0.56 + index * 0.13 + wave)))
        hill = Image.new("L", (WIDTH, HEIGHT), 0)
        ImageDraw.Draw(hill).polygon([*line, (right, bottom), (left, bottom)], fill=255)
        lighter: Colour = (min(colour[0] + 26, 255), min(colour[1] + 26, 255), min(colour[2] + 26, 255))
        lay(picture, hill, [(0.0, lighter), (1.0, colour)])
    return picture


def screen(image: Image.Image, box: Box, radius: float, look: int) -> None:
    """A lit display in ``box`` with a faint reflection."""
    looks: list[tuple[tuple[Colour, Colour], list[Colour]]] = [
        (((96, 150, 246), (250, 206, 176)), [(92, 110, 190), (60, 74, 150), (34, 44, 104)]),
        (((32, 24, 74), (214, 92, 122)), [(120, 46, 112), (74, 30, 92), (36, 18, 60)]),
        (((126, 206, 214), (248, 236, 196)), [(74, 162, 142), (38, 122, 118), (20, 82, 92)]),
        (((250, 178, 120), (250, 222, 186)), [(226, 116, 92), (178, 74, 86), (112, 44, 76)]),
    ]
    mask = rounded(box, radius)
    sky, hills = looks[look % len(looks)]
    image.paste(scenery(mask, sky, hills, look), (0, 0), mask)
    left, top, right, bottom = box
    glare = polygon(
        [
            (left, top),
            (left + (right - left) * 0.46, top),
            (left + (right - left) * 0.16, bottom),
            (left, bottom),
        ]
    )
    wash(image, clipped(glare, mask), (255, 255, 255), 0.09)


def tilted(image: Image.Image, corners: list[Point]) -> Image.Image:
    """``image`` seen in perspective: its four corners (from the upper left, clockwise) land on ``corners``."""
    source = [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]
    rows, values = [], []
    for (x, y), (u, v) in zip([(cx * SCALE, cy * SCALE) for cx, cy in corners], source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    coefficients = np.linalg.solve(np.array(rows, dtype=float), np.array(values, dtype=float))
    return image.transform(
        (WIDTH, HEIGHT), Image.Transform.PERSPECTIVE, list(coefficients), Image.Resampling.BICUBIC
    )


def turned(image: Image.Image, degrees: float, centre: Point) -> Image.Image:
    return image.rotate(degrees, Image.Resampling.BICUBIC, center=(centre[0] * SCALE, centre[1] * SCALE))


def keys(image: Image.Image, box: Box, colour: Colour, glow: Colour | None = None) -> None:
    """Five rows of keys, the lowest with a space bar."""
    left, top, right, bottom = box
    rows, gap = 5, (right - left) * 0.008
    height = (bottom - top - gap * (rows - 1)) / rows
    draw_mask = Image.new("L", (WIDTH, HEIGHT), 0)
    draw = ImageDraw.Draw(draw_mask)
    layouts = [
        [1.0] * 14,
        [1.5, *[1.0] * 11, 1.5],
        [1.8, *[1.0] * 10, 2.2],
        [2.3, *[1.0] * 9, 2.7],
        [1.2, 1.2, 1.4, 6.0, 1.4, 1.4, 1.4],
    ]
    for row, widths in enumerate(layouts):
        unit = (right - left - gap * (len(widths) - 1)) / sum(widths)
        x, y = left, top + row * (height + gap)
        for wide in widths:
            draw.rounded_rectangle(
                [x * SCALE, y * SCALE, (x + wide * unit) * SCALE, (y + height) * SCALE],
                height * 0.16 * SCALE,
                fill=255,
            )
            x += wide * unit + gap
    if glow:
        wash(image, draw_mask, glow, 0.9, 5)
    darker: Colour = (max(colour[0] - 18, 0), max(colour[1] - 18, 0), max(colour[2] - 18, 0))
    lay(image, draw_mask, [(0.0, colour), (1.0, darker)])
    wash(image, ImageChops.subtract(draw_mask, moved(draw_mask, 0, 1.6)), (255, 255, 255), 0.2)
