"""The three marks of Markdown that lesson texts use: `**bold**`, `*slanted*` and backquotes.

Everything is escaped before a tag is written around it.
"""

import re
from html import escape

MARKS = ((r"`([^`]+)`", r"<code>\1</code>"), (r"\*\*([^*]+)\*\*", r"<b>\1</b>"),
         (r"\*([^*]+)\*", r"<i>\1</i>"))


def inline(text: str) -> str:
    """A line of text as HTML.

    >>> inline("**3** < `4`")
    '<b>3</b> &lt; <code>4</code>'
    """
    text = escape(text, quote=False).replace(" %", "&nbsp;%")  # no line begins with it
    for mark, tag in MARKS:
        text = re.sub(mark, tag, text)
    return text


def paragraphs(text: str) -> str:
    """Paragraphs with an empty line between them, as HTML."""
    return "".join(f"<p>{inline(part)}</p>" for part in text.split("\n\n") if part)
