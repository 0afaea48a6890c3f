"""Names beside boxes, drawn with Pillow, which is imported when it is used."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kerasish.visualization._images import Color, Images

__all__ = ["Pen", "draw_text"]

_HEIGHT = 22  # of a name, in pixels, where `font_scale` is 1


class Pen(NamedTuple):
    """How names are written.

    Args:
        color: in RGB.
        scale: of the font.
        thickness: of the strokes.
    """

    color: Color
    scale: float
    thickness: int

    def for_channels(self, channels: int) -> Color:
        """Return the color for images of 1, 3 or 4 channels."""
        return {1: self.color[:1], 3: self.color, 4: (*self.color, 255)}[channels]


def draw_text(image: Images, text: str, corner: tuple[int, int], pen: Pen, margin: int) -> None:
    """Write a name above a corner of a box, or below it where there is no room above.

    Args:
        image: `(height, width, channels)`, which is changed.
        text: what to write.
        corner: x and y.
        pen: how.
        margin: how far from the corner, in pixels.

    Raises:
        ImportError: if Pillow is not installed.
    """
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError as error:
        raise ImportError(
            "Names beside boxes need Pillow: `pip install kerasish[images]`; without "
            "`class_mapping` only boxes are drawn."
        ) from error
    font = ImageFont.load_default(max(_HEIGHT * pen.scale, 1))
    mask = Image.new("L", (image.shape[1], image.shape[0]))
    draw = ImageDraw.Draw(mask)
    x, y = corner
    x, above = max(x, 0), y - margin - 2
    anchor, place = (
        ("ls", above) if above >= _HEIGHT * pen.scale else ("la", max(y, 0) + margin + 2)
    )
    draw.text((x, place), text, fill=255, font=font, anchor=anchor, stroke_width=pen.thickness - 1)
    share = np.asarray(mask, "float32")[..., None] / 255
    color = np.asarray(pen.for_channels(image.shape[-1]), "float32")
    image[:] = np.round(image * (1 - share) + color * share).astype("uint8")
