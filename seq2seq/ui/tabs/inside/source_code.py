"""The source code of the running model as HTML, with syntax colours from Python's tokenizer."""

import inspect
import io
import keyword
import textwrap
import tokenize
from html import escape
from pathlib import Path
from typing import Any

from seq2seq.i18n import LazyText, _
from seq2seq.models.attention import Attention
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.models.transformer import (
    DecoderLayer,
    EncoderLayer,
    TransformerDecoder,
    TransformerEncoder,
    attend,
)

# The name of a faulty class would tell learners the bug (see `run_names.differences`).
RIDDLE = LazyText(
    "This model contains a bug for you to find. The code below is the correct version. After your "
    "diagnosis, read seq2seq/training/notebook_bugs.py: it contains the difference.")
WIDTH = 100  # of a line
ENCODER, DECODER, ATTENTION, WHOLE = (
    LazyText("Encoder"), LazyText("Decoder"), LazyText("Attention"), LazyText("Encoder and decoder "
                                                                              "together"))


def running_code(model: Seq2Seq, fault: bool = False) -> dict[str, str]:
    """Title -> source code of the classes that `model` consists of, in reading order.

    For a model with a `fault`, the last part shows the correct code, with a comment that says so.
    """
    kinds: dict[str, list[Any]]
    if isinstance(model.decoder, TransformerDecoder):
        kinds = {ENCODER: [TransformerEncoder, EncoderLayer],
                 DECODER: [TransformerDecoder, DecoderLayer], ATTENTION: [attend]}
    else:
        kind = type(model.decoder.attention)
        kinds = {ENCODER: [type(model.encoder)], DECODER: [type(model.decoder)],
                 ATTENTION: [Attention, kind] if issubclass(kind, Attention) else [kind]}
    kinds[WHOLE] = [Seq2Seq]
    found = {title: "\n\n".join(map(source_of, parts)) for title, parts in kinds.items()}
    if fault:
        riddle = textwrap.fill(_(RIDDLE), WIDTH, initial_indent="# ", subsequent_indent="# ")
        found[WHOLE] = f"{riddle}\n\n{found[WHOLE]}"
    return found


def source_of(kind: Any) -> str:
    """The source code of a class or a function, below the name of its file."""
    path = Path(inspect.getfile(kind))
    return f"# seq2seq/{path.parent.name}/{path.name}\n\n{inspect.getsource(kind)}"


def coloured(source: str) -> str:
    """Python code as HTML, with marked keywords, strings, comments, numbers and defined names.

    >>> coloured("x = 1  # one")
    'x = <i class="num">1</i>  <i class="com"># one</i>'
    """
    lines = source.splitlines(keepends=True)
    marked: list[str] = []
    row, column, before = 1, 0, ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        kind = _kind(token, before)
        before = token.string if token.string.strip() else before
        if kind:
            marked.append(escape(_between(lines, row, column, *token.start)))
            marked.append(f'<i class="{kind}">{escape(token.string)}</i>')
            row, column = token.end
    marked.append(escape(_between(lines, row, column, len(lines) + 1, 0)))
    return "".join(marked)


def _kind(token: tokenize.TokenInfo, before: str) -> str:
    if token.type == tokenize.NAME and keyword.iskeyword(token.string):
        return "key"
    if token.type == tokenize.NAME and before in ("def", "class"):
        return "def"
    return {tokenize.STRING: "str", tokenize.COMMENT: "com", tokenize.NUMBER: "num"}.get(
        token.type, "")


def _between(lines: list[str], row: int, column: int, end_row: int, end_column: int) -> str:
    """The text between two positions; rows count from 1."""
    if row == end_row:
        return lines[row - 1][column:end_column] if row <= len(lines) else ""
    first = lines[row - 1][column:] if row <= len(lines) else ""
    last = lines[end_row - 1][:end_column] if end_row <= len(lines) else ""
    return first + "".join(lines[row : end_row - 1]) + last
