"""Draws the pictures of the demo shop's products. A development tool: the pictures it made are kept as data.

Every picture is on transparent ground, with one light from the upper left, so that all can stand beside each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PIL import Image, ImageChops

from contactcenter.demo.build_drawing import (
    SCALE,
    Colour,
    bevel,
    canvas,
    clipped,
    ellipse,
    keys,
    lay,
    moved,
    polygon,
    rounded,
    screen,
    shadow,
    tilted,
    turned,
    wash,
)


def laptop(body: Colour, look: int, key: Colour = (40, 43, 50)) -> Image.Image:
    image = canvas()
    shadow(image, (600, 792), 1010, 64)
    bright: Colour = (min(body[0] + 34, 255), min(body[1] + 34, 255), min(body[2] + 34, 255))
    dark: Colour = (max(body[0] - 46, 0), max(body[1] - 46, 0), max(body[2] - 46, 0))
    lid = rounded((232, 116, 968, 612), 24)
    lay(image, lid, [(0.0, bright), (1.0, dark)], 60)
    lay(image, rounded((238, 122, 962, 612), 20), [(0.0, (22, 24, 29)), (1.0, (12, 13, 16))])
    screen(image, (256, 142, 944, 584), 6, look)
    wash(image, ellipse((597, 128, 603, 134)), (70, 84, 110), 1.0)
    deck = canvas()
    lay(deck, rounded((0, 0, 1200, 900), 30), [(0.0, bright), (0.5, body), (1.0, bright)], 70)
    lay(deck, rounded((96, 54, 1104, 520), 24), [(0.0, dark), (1.0, body)])
    keys(deck, (112, 76, 1088, 500), key)
    pad = rounded((400, 566, 800, 846), 24)
    lay(deck, pad, [(0.0, body), (1.0, bright)], 60)
    bevel(deck, pad, 0.35)
    image.alpha_composite(tilted(deck, [(236, 612), (964, 612), (1092, 768), (108, 768)]))
    front = polygon([(108, 767), (1092, 767), (1080, 790), (120, 790)])
    lay(image, front, [(0.0, bright), (0.35, body), (1.0, dark)])
    lay(image, polygon([(540, 767), (660, 767), (650, 777), (550, 777)]), [(0.0, dark), (1.0, body)])
    wash(image, rounded((236, 604, 964, 618), 4), (0, 0, 0), 0.55, 2)
    return image


def phone_back(colour: Colour) -> Image.Image:
    image = canvas()
    body = rounded((430, 80, 790, 830), 54)
    dark: Colour = (max(colour[0] - 60, 0), max(colour[1] - 60, 0), max(colour[2] - 60, 0))
    bright: Colour = (min(colour[0] + 40, 255), min(colour[1] + 40, 255), min(colour[2] + 40, 255))
    lay(image, body, [(0.0, bright), (0.45, colour), (1.0, dark)], 60)
    bevel(image, body)
    island = rounded((458, 108, 600, 330), 44)
    lay(image, island, [(0.0, bright), (1.0, colour)], 60)
    bevel(image, island, 0.5)
    for y in (170, 268):
        lay(image, ellipse((487, y - 42, 571, y + 42)), [(0.0, (70, 74, 84)), (1.0, (14, 15, 18))], 60)
        lay(image, ellipse((499, y - 30, 559, y + 30)), [(0.0, (12, 14, 20)), (1.0, (52, 62, 96))], 60)
        wash(image, ellipse((509, y - 22, 529, y - 4)), (190, 210, 255), 0.55, 2)
    lay(image, ellipse((640, 146, 664, 170)), [(0.0, (255, 250, 228)), (1.0, (230, 214, 168))])
    return image


def phone_front(look: int) -> Image.Image:
    image = canvas()
    body = rounded((430, 80, 790, 830), 54)
    lay(image, body, [(0.0, (120, 124, 134)), (0.5, (52, 55, 62)), (1.0, (26, 28, 33))], 60)
    lay(image, rounded((437, 87, 783, 823), 48), [(0.0, (8, 8, 10)), (1.0, (8, 8, 10))])
    screen(image, (444, 94, 776, 816), 42, look)
    wash(image, ellipse((601, 110, 619, 128)), (6, 6, 8), 1.0)
    wash(image, rounded((548, 796, 672, 801), 2), (255, 255, 255), 0.85)
    for index in range(8):
        x, y = 476 + index % 4 * 70, 596 + index // 4 * 78
        tile = rounded((x, y, x + 52, y + 52), 15)
        hue: Colour = [(246, 120, 104), (252, 188, 80), (96, 190, 130), (84, 148, 246)][
            (index + index // 4) % 4
        ]
        lay(
            image,
            tile,
            [(0.0, (min(hue[0] + 30, 255), min(hue[1] + 30, 255), min(hue[2] + 30, 255))), (1.0, hue)],
        )
    return image


def pulse() -> Image.Image:
    image = canvas()
    shadow(image, (745, 846), 610, 44)
    image.alpha_composite(turned(phone_back((238, 126, 104)), 7, (600, 460)), (0, 0))
    back = ImageChops.offset(image, -150 * SCALE, -6 * SCALE)
    front = ImageChops.offset(turned(phone_front(1), -4, (600, 460)), 120 * SCALE, 10 * SCALE)
    wash(back, front.getchannel("A"), (12, 16, 32), 0.32, 16)
    back.alpha_composite(front)
    return back


def tablet() -> Image.Image:
    image = canvas()
    shadow(image, (600, 772), 900, 46)
    body = rounded((150, 150, 1010, 752), 40)
    lay(image, body, [(0.0, (196, 202, 212)), (0.5, (126, 132, 144)), (1.0, (84, 90, 102))], 50)
    lay(image, rounded((156, 156, 1004, 746), 35), [(0.0, (12, 13, 16)), (1.0, (12, 13, 16))])
    screen(image, (182, 182, 978, 720), 14, 2)
    wash(image, ellipse((166, 446, 174, 454)), (60, 76, 104), 1.0)
    pen = canvas()
    stick = rounded((575, 120, 605, 770), 15)
    lay(pen, stick, [(0.0, (214, 218, 226)), (0.35, (255, 255, 255)), (1.0, (150, 156, 168))], 0)
    lay(
        pen,
        polygon([(577, 762), (603, 762), (592, 812), (588, 812)]),
        [(0.0, (232, 234, 240)), (1.0, (150, 154, 166))],
        0,
    )
    wash(pen, rounded((583, 190, 597, 250), 7), (120, 128, 146), 0.45)
    leaning = ImageChops.offset(turned(pen, -12, (590, 460)), 470 * SCALE, 0)
    wash(image, moved(leaning.getchannel("A"), 10, 8), (12, 16, 32), 0.3, 9)
    image.alpha_composite(leaning)
    return image


def headphones() -> Image.Image:
    image = canvas()
    shadow(image, (600, 812), 640, 44)
    for outer, inner, stops in (
        (
            (286, 90, 914, 800),
            (334, 138, 866, 800),
            [(0.0, (92, 98, 112)), (0.4, (46, 50, 60)), (1.0, (20, 22, 28))],
        ),
        ((322, 122, 878, 800), (352, 154, 848, 800), [(0.0, (74, 78, 90)), (1.0, (30, 32, 38))]),
    ):
        band = ImageChops.subtract(ellipse(outer), ellipse(inner))
        above = rounded((0, 0, 1200, 470), 0)
        band = clipped(band, above)
        lay(image, band, stops, 70)
        bevel(image, band, 0.4)
    for side in (-1, 1):
        x = 600 + side * 290
        arm = rounded((x - 20, 430, x + 20, 560), 16)
        lay(image, arm, [(0.0, (168, 174, 186)), (0.5, (226, 230, 238)), (1.0, (120, 126, 138))], 0)
        cushion = rounded((x - side * 96 - 52, 470, x - side * 96 + 52, 782), 52)
        lay(image, cushion, [(0.0, (60, 63, 72)), (0.5, (36, 38, 45)), (1.0, (18, 19, 24))], 20)
        for y in range(500, 770, 22):
            wash(
                image,
                clipped(rounded((x - side * 96 - 52, y, x - side * 96 + 52, y + 3), 1), cushion),
                (0, 0, 0),
                0.25,
                1,
            )
        cup = rounded((x - 92, 448, x + 92, 804), 92)
        lay(image, cup, [(0.0, (104, 110, 126)), (0.45, (52, 56, 67)), (1.0, (20, 22, 28))], 55)
        bevel(image, cup, 0.5)
        plate = rounded((x - 64, 484, x + 64, 768), 64)
        lay(image, plate, [(0.0, (42, 45, 54)), (1.0, (82, 88, 102))], 60)
        wash(image, clipped(ellipse((x - 70, 470, x + 26, 620)), plate), (255, 255, 255), 0.16, 14)
        wash(image, ellipse((x - 5, 730, x + 5, 740)), (110, 220, 255), 0.95, 1.2)
    return image


def earbuds() -> Image.Image:
    image = canvas()
    shadow(image, (600, 782), 760, 48)
    lid = rounded((350, 210, 850, 520), 120)
    lay(image, lid, [(0.0, (255, 255, 255)), (0.6, (228, 232, 238)), (1.0, (188, 194, 204))], 70)
    bevel(image, lid, 0.6)
    lay(image, rounded((386, 300, 814, 520), 70), [(0.0, (150, 156, 168)), (1.0, (206, 211, 220))])
    for x, side in ((500, 1), (700, -1)):
        stem = rounded((x - 25, 400, x + 25, 590), 25)
        lay(image, stem, [(0.0, (255, 255, 255)), (0.5, (240, 243, 247)), (1.0, (180, 186, 198))], 0)
        head = ellipse((x - 66, 306, x + 66, 444))
        lay(image, head, [(0.0, (255, 255, 255)), (0.55, (232, 236, 242)), (1.0, (166, 173, 187))], 60)
        lay(
            image,
            ellipse((x + side * 44 - 30, 352, x + side * 44 + 30, 424)),
            [(0.0, (92, 98, 110)), (1.0, (48, 52, 60))],
            60,
        )
        wash(image, ellipse((x - 38, 322, x - 4, 352)), (255, 255, 255), 0.9, 5)
    base = rounded((340, 486, 860, 772), 118)
    lay(image, base, [(0.0, (255, 255, 255)), (0.5, (230, 234, 240)), (1.0, (172, 179, 192))], 75)
    bevel(image, base, 0.7)
    lay(image, rounded((340, 486, 860, 512), 12), [(0.0, (204, 209, 218)), (1.0, (244, 246, 249))])
    wash(image, ellipse((593, 612, 607, 626)), (84, 214, 140), 1.0, 1.4)
    return image


def monitor() -> Image.Image:
    image = canvas()
    shadow(image, (600, 836), 560, 46)
    foot = polygon([(420, 806), (780, 806), (836, 836), (364, 836)])
    lay(image, foot, [(0.0, (216, 220, 228)), (1.0, (140, 146, 158))])
    lay(
        image,
        polygon([(364, 835), (836, 835), (830, 844), (370, 844)]),
        [(0.0, (120, 126, 138)), (1.0, (92, 98, 110))],
    )
    neck = polygon([(546, 640), (654, 640), (664, 812), (536, 812)])
    lay(image, neck, [(0.0, (168, 174, 186)), (0.4, (228, 232, 238)), (1.0, (128, 134, 146))], 0)
    wash(image, rounded((520, 640, 680, 690), 4), (0, 0, 0), 0.5, 8)
    panel = rounded((120, 70, 1080, 668), 20)
    lay(image, panel, [(0.0, (84, 88, 98)), (1.0, (26, 28, 33))], 50)
    lay(image, rounded((125, 75, 1075, 663), 16), [(0.0, (10, 10, 13)), (1.0, (14, 15, 18))])
    screen(image, (134, 84, 1066, 634), 6, 3)
    wash(image, rounded((584, 646, 616, 650), 2), (180, 188, 204), 0.8)
    return image


# Width, height and radius of the holes in the dock.
PORTS = {
    "usb": (74, 34, 3),
    "c": (46, 20, 10),
    "hdmi": (74, 30, 8),
    "net": (62, 52, 4),
    "audio": (30, 30, 15),
    "sd": (78, 14, 3),
}


def dock() -> Image.Image:
    image = canvas()
    shadow(image, (610, 640), 900, 66)
    top = polygon([(240, 350), (980, 350), (1060, 450), (160, 450)])
    lay(image, top, [(0.0, (150, 156, 168)), (0.5, (206, 211, 219)), (1.0, (238, 240, 244))])
    face = rounded((160, 446, 1060, 626), 26)
    lay(image, face, [(0.0, (126, 132, 144)), (0.2, (96, 102, 114)), (1.0, (52, 56, 65))])
    bevel(image, face, 0.4)
    x = 206.0
    for kind in ("usb", "usb", "c", "c", "hdmi", "hdmi", "net", "audio", "sd", "c"):
        width, height, radius = PORTS[kind]
        hole = rounded((x, 536 - height / 2, x + width, 536 + height / 2), radius)
        lay(image, hole, [(0.0, (10, 11, 13)), (1.0, (30, 32, 38))])
        bevel(image, hole, 0.3)
        if kind == "usb":
            wash(image, rounded((x + 8, 536, x + width - 8, 548), 1), (70, 130, 240), 0.9)
        x += width + 22
    wash(image, ellipse((596, 392, 624, 406)), (255, 255, 255), 0.7, 3)
    return image


def keyboard() -> Image.Image:
    image = canvas()
    shadow(image, (600, 690), 1080, 80)
    board = canvas()
    lay(board, rounded((0, 0, 1200, 900), 46), [(0.0, (60, 64, 74)), (1.0, (32, 34, 41))])
    keys(board, (40, 60, 1160, 840), (74, 79, 92), (104, 150, 255))
    accent = rounded((40, 60, 112, 208), 22)
    lay(board, accent, [(0.0, (255, 152, 92)), (1.0, (228, 108, 56))])
    image.alpha_composite(tilted(board, [(150, 330), (1050, 330), (1150, 650), (50, 650)]))
    edge = polygon([(52, 648), (1148, 648), (1140, 684), (60, 684)])
    lay(image, edge, [(0.0, (88, 93, 106)), (0.2, (52, 55, 64)), (1.0, (22, 24, 29))])
    return image


def mouse() -> Image.Image:
    image = canvas()
    shadow(image, (600, 802), 470, 70)
    body = ellipse((400, 110, 800, 810))
    lay(image, body, [(0.0, (255, 255, 255)), (0.5, (222, 227, 234)), (1.0, (136, 143, 157))], 62)
    wash(image, clipped(ellipse((470, 170, 640, 460)), body), (255, 255, 255), 0.55, 34)
    wash(image, clipped(rounded((598, 110, 602, 400), 1), body), (60, 66, 80), 0.55, 0.6)
    seam = ImageChops.subtract(ellipse((360, 10, 840, 440)), ellipse((360, 6, 840, 436)))
    wash(image, clipped(clipped(seam, body), rounded((0, 300, 1200, 900), 0)), (60, 66, 80), 0.5, 0.6)
    wheel = rounded((578, 190, 622, 310), 22)
    lay(image, wheel, [(0.0, (44, 47, 55)), (0.5, (116, 122, 136)), (1.0, (26, 28, 33))], 90)
    for y in range(200, 304, 12):
        wash(image, clipped(rounded((578, y, 622, y + 4), 1), wheel), (0, 0, 0), 0.45)
    bevel(image, body, 0.4)
    return image


def router() -> Image.Image:
    image = canvas()
    shadow(image, (600, 806), 520, 70)
    body = rounded((380, 150, 820, 806), 120)
    lay(
        image,
        body,
        [(0.0, (206, 212, 222)), (0.28, (255, 255, 255)), (0.7, (226, 230, 237)), (1.0, (150, 157, 171))],
        0,
    )
    top = ellipse((380, 130, 820, 330))
    lay(image, top, [(0.0, (255, 255, 255)), (1.0, (214, 219, 228))], 70)
    bevel(image, top, 0.5)
    lay(image, ellipse((470, 176, 730, 284)), [(0.0, (204, 210, 220)), (1.0, (240, 243, 247))])
    for y in range(420, 660, 24):
        wash(image, clipped(rounded((420, y, 780, y + 7), 3), body), (110, 118, 134), 0.4, 0.6)
    wash(image, rounded((560, 716, 640, 724), 4), (96, 176, 255), 0.9, 7)
    wash(image, rounded((560, 716, 640, 724), 4), (236, 246, 255), 1.0)
    return image


def power_bank() -> Image.Image:
    image = canvas()
    shadow(image, (600, 812), 470, 60)
    body = rounded((410, 90, 790, 806), 62)
    lay(image, body, [(0.0, (64, 86, 122)), (0.3, (96, 122, 166)), (1.0, (26, 38, 62))], 25)
    bevel(image, body, 0.5)
    wash(
        image, clipped(polygon([(410, 90), (560, 90), (470, 806), (410, 806)]), body), (255, 255, 255), 0.1, 6
    )
    for index in range(4):
        y = 700 - index * 26
        colour: Colour = (122, 232, 170) if index < 3 else (70, 86, 112)
        wash(image, rounded((580, y, 620, y + 10), 5), colour, 1.0, 0.6)
    lay(image, rounded((470, 90, 550, 106), 6), [(0.0, (10, 12, 16)), (1.0, (34, 40, 52))])
    lay(image, rounded((576, 90, 640, 104), 7), [(0.0, (10, 12, 16)), (1.0, (34, 40, 52))])
    lay(image, rounded((666, 90, 730, 104), 7), [(0.0, (10, 12, 16)), (1.0, (34, 40, 52))])
    bolt = polygon([(616, 300), (560, 430), (598, 430), (580, 520), (644, 384), (604, 384)])
    wash(image, bolt, (255, 255, 255), 0.9)
    return image


PICTURES: Mapping[str, Callable[[], Image.Image]] = {
    "studybook_13": lambda: laptop((96, 112, 140), 2, (58, 66, 82)),
    "aerobook_14": lambda: laptop((186, 192, 202), 0),
    "aerobook_16_pro": lambda: laptop((64, 68, 78), 1, (26, 28, 34)),
    "pulse_5g": pulse,
    "tabone_11": tablet,
    "hush_headphones": headphones,
    "hush_buds": earbuds,
    "clearview_27": monitor,
    "dockhub_10": dock,
    "keystone_keyboard": keyboard,
    "glide_mouse": mouse,
    "meshlink_router": router,
    "powercell_20k": power_bank,
}


def picture_draw(name: str, *, width: int = 1200) -> Image.Image:
    """The picture called ``name``, RGBA, ``width`` pixels wide and three quarters of that high."""
    return PICTURES[name]().resize((width, width * 3 // 4), Image.Resampling.LANCZOS)
