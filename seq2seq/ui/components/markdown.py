"""The Markdown that lesson texts use: `**bold**`, `*italic*` and backquotes.

All text is escaped before tags are added.
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
    text = escape(text, quote=False).replace(" %", "&nbsp;%")  # no line break before it
    for mark, tag in MARKS:
        text = re.sub(mark, tag, text)
    return text


def paragraphs(text: str) -> str:
    """Paragraphs, separated by empty lines, as HTML."""
    return "".join(f"<p>{inline(part)}</p>" for part in text.split("\n\n") if part)
