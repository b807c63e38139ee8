"""Markdown for the arithmetic of an answer: formulas in LaTeX, tables, lines of source code.

Gradio's Markdown component sets formulas between `$$` with KaTeX. Tokens never stand in a formula,
and in text all their characters with a meaning in Markdown are escaped.
"""

import inspect
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seq2seq.i18n import _, decimal
from seq2seq.inspection.trace import name

MAX_ROWS = 8  # of a table; the rest is one row
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float) -> str:
    r"""A number in a formula: three decimals, one from 1000 on, or a power of ten.

    >>> number(0.12345), number(-2.0), number(123456.0), number(0.00001)
    ('0.123', '-2.000', '1.235 \\cdot 10^{5}', '1.000 \\cdot 10^{-5}')
    """
    if np.isinf(value):
        return r"\infty" if value > 0 else r"-\infty"
    if value and not 5e-4 <= abs(value) < 1e5:
        mantissa, exponent = f"{value:.3e}".split("e")
        return f"{_point(decimal(float(mantissa), '.3f'))} \\cdot 10^{{{int(exponent)}}}"
    return _point(decimal(float(value), ".3f" if abs(value) < 1000 else ".1f"))


def signed(value: float) -> str:
    """A number in a formula as a further summand.

    >>> signed(0.5), signed(-0.5)
    ('+ 0.500', '- 0.500')
    """
    return f"- {number(-value)}" if value < 0 else f"+ {number(value)}"


def _point(text: str) -> str:
    return text.replace(",", "{,}")  # KaTeX puts a space after a comma that is no decimal mark


def cell(value: float) -> str:
    """A number in a table.

    >>> cell(-0.12345), cell(123456.0), cell(float("-inf"))
    ('−0.123', '1.235·10⁵', '−∞')
    """
    text = re.sub(r" \\cdot 10\^\{(-?\d+)\}",
                  lambda found: f"·10{found[1].translate(SUPERSCRIPTS)}", number(value))
    return text.replace("{,}", ",").replace("-", "−").replace(r"\infty", "∞")


def formula(*lines: str) -> str:
    """Lines of one formula, aligned at their first `&`."""
    body = r" \\ ".join(lines)
    return f"$$\\begin{{aligned}} {body} \\end{{aligned}}$$"


def token(text: str) -> str:
    """A token in running text, with every special character escaped.

    >>> token("a*b")
    'a&#42;b'
    """
    return re.sub(r"[^\w\s]|_", lambda found: f"&#{ord(found[0])};", name(text))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its first column left-aligned."""
    lines = [heads, [":--", *["--:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def largest_terms(heads: Sequence[str], left: np.ndarray, right: np.ndarray) -> str:
    """The largest products of two vectors (D,) as a table, the others as one row, and the sum."""
    terms = left * right
    order = np.argsort(-np.abs(terms), kind="stable")[:MAX_ROWS]
    rows = [[str(i + 1), cell(left[i]), cell(right[i]), cell(terms[i])] for i in sorted(order)]
    if len(terms) > len(order):
        rest = float(terms.sum() - terms[order].sum())
        rows.append([_("{n} others", n=len(terms) - len(order)), "", "", cell(rest)])
    rows.append([f"**{_('sum')}**", "", "", f"**{cell(float(terms.sum()))}**"])
    return table(heads, rows)


def source_line(kind: Any, beginning: str) -> str:
    """The line of `kind`'s source that begins so, with its file and number."""
    kind = inspect.unwrap(kind)  # without a decorator such as `torch.no_grad`
    lines, first = inspect.getsourcelines(kind)
    for i, line in enumerate(lines):
        if line.strip().startswith(beginning):
            path = Path(inspect.getfile(kind))
            where = f"seq2seq/{path.parent.name}/{path.name}"
            code = line.split("  #")[0].strip()
            return (_("In {file}, line {n}:", file=f"`{where}`", n=first + i)
                    + f"\n\n```python\n{code}\n```")
    raise AssertionError(f"no line of {kind.__name__} begins with {beginning}")
