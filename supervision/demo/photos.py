"""Small pictures of nobody and nothing: shapes with a caption, as JPEG."""

import io
import random
from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFont

SIZE = (640, 480)
FONT = Path(pylopdf_fonts_zh_cn.__file__).parent / "NotoSansSC-Regular.otf"


@lru_cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)


def photo(kind: str, caption: str, *, seed: int) -> bytes:
    """A JPEG of `kind` (paper, house, board, meeting) that says 演练照片 and the caption."""
    rng = random.Random(seed)
    image = Image.new("RGB", SIZE, (rng.randint(190, 235), rng.randint(200, 230), 222))
    draw = ImageDraw.Draw(image)
    {"house": _house, "board": _board, "meeting": _meeting}.get(kind, _paper)(draw, rng)
    draw.rectangle((0, 420, 640, 480), fill=(40, 48, 60))
    draw.text((16, 432), f"演练照片  {caption}", font=_font(24), fill="white")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70)
    return out.getvalue()


def _paper(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    left = rng.randint(60, 110)
    draw.rectangle((left, 40, left + 440, 400), fill="white", outline=(90, 90, 90), width=2)
    draw.text((left + 150, 60), "演  练  材  料", font=_font(26), fill=(150, 30, 30))
    for line in range(8):
        width = rng.randint(200, 380)
        y = 120 + line * 32
        draw.line((left + 30, y, left + 30 + width, y), fill=(120, 120, 120), width=5)


def _house(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    draw.rectangle((0, 320, 640, 420), fill=(168, 160, 132))
    x, roof = rng.randint(90, 180), (rng.randint(130, 180), 78, 60)
    draw.rectangle((x, 190, x + 320, 360), fill=(226, 214, 190), outline=(80, 70, 60), width=3)
    draw.polygon([(x - 30, 190), (x + 160, 90), (x + 350, 190)], fill=roof)
    draw.rectangle((x + 40, 230, x + 120, 300), fill=(140, 180, 210), outline="white", width=4)
    draw.rectangle((x + 200, 240, x + 270, 360), fill=(110, 74, 50))


def _board(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    draw.rectangle((50, 40, 590, 400), fill=(30, 70, 120), outline=(200, 170, 60), width=8)
    draw.text((230, 56), "公  示  栏", font=_font(34), fill="white")
    for column in range(3):
        x = 80 + column * 170
        draw.rectangle((x, 120, x + 140, 380), fill="white")
        for line in range(9):
            y = 145 + line * 25
            draw.line((x + 14, y, x + rng.randint(60, 125), y), fill=(110, 110, 110), width=3)


def _meeting(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    draw.rectangle((90, 230, 550, 330), fill=(134, 98, 62))
    for seat in range(9):
        x, y = 90 + seat % 5 * 110, 150 if seat < 5 else 350
        shade = rng.randint(60, 150)
        draw.ellipse((x, y, x + 46, y + 46), fill=(220, 186, 154))
        draw.rectangle((x - 8, y + 44, x + 54, y + 84), fill=(shade, 80, 110))
