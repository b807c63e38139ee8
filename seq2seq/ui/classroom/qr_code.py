"""The QR code of a class's link, for the projector."""

from functools import lru_cache
from typing import Any

import segno

MAX_LINK = 1000  # characters; a code with more is too fine to be read from a wall


@lru_cache(maxsize=64)
def _svg(link: str) -> str:
    # A border of 4 modules, as the standard requires; `segno` draws on the background below it.
    return segno.make(link, error="m", micro=False).svg_inline(border=4, omitsize=True)


def qr_code(link: Any) -> str:
    """The code of a link as SVG; "" for what is no link or too long."""
    if not isinstance(link, str) or len(link) > MAX_LINK \
            or not link.startswith(("http://", "https://")):
        return ""
    return _svg(link)
