"""The text in a file from a user: UTF-8 or UTF-16; other encodings are refused with advice."""

import codecs
import re

from seq2seq.errors import InputError
from seq2seq.i18n import LazyText

KINDS = (
    (b"PK\x03\x04", LazyText("a spreadsheet, a document or an archive")),
    (b"\xd0\xcf\x11\xe0", LazyText("a spreadsheet or a document of an old version")),
    (b"%PDF", LazyText("a PDF")), (b"\x1f\x8b", LazyText("a compressed file")),
    (b"\x89PNG", LazyText("a picture")), (b"\xff\xd8\xff", LazyText("a picture")))
WHAT = LazyText("Save it as plain text in UTF-8 (CSV, TSV or TXT) and try again.")


def decode(data: bytes) -> str:
    """The text in a file in UTF-8 or UTF-16, with or without a byte-order mark.

    InputError for other files; it names the type if it is known. No other encoding is guessed: the
    model would learn wrong characters.
    """
    for start, kind in KINDS:
        if data.startswith(start):
            raise InputError("The file is {kind}, not plain text. {what}", kind=kind, what=WHAT)
    encoding = "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in data:
        # In UTF-16, one byte of most characters is 0, always the same one of the two.
        even, odd = (data[side::2].count(0) / max(1, len(data[side::2])) for side in (0, 1))
        if max(even, odd) < 0.3 or min(even, odd) > 0.02:
            raise InputError("The file is not text: it contains null bytes. {what}", what=WHAT)
        encoding = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        if encoding != "utf-8-sig":
            raise InputError("The file is not text in {name}: it has an invalid byte in line "
                             "{line}. {what}", name="UTF-16", line=line, what=WHAT) from None
        if _is_probably_windows(data):
            raise InputError("The file is not text in UTF-8: it has an invalid byte in line "
                             "{line}. It is probably in Windows-1252, as Excel writes “CSV”. In "
                             "Excel, save it as “CSV UTF-8”; elsewhere, choose UTF-8 as its "
                             "encoding.", line=line) from None
        raise InputError("The file is not text in {name}: it has an invalid byte in line {line}. "
                         "{what}", name="UTF-8", line=line, what=WHAT) from None
    strange = re.search(r"[\x00-\x08\x0e-\x1a\x7f]", text)
    if strange:
        line = text.count("\n", 0, strange.start()) + 1
        raise InputError("The file is not plain text: line {line} contains a control character. "
                         "{what}", line=line, what=WHAT)
    return text.removeprefix("\ufeff")


def _is_probably_windows(data: bytes) -> bool:
    # Western text in Windows-1252 is mostly ASCII, and its other bytes are mostly letters.
    try:
        other = [sign for sign in data.decode("cp1252") if sign > "\x7f"]
    except UnicodeDecodeError:
        return False
    return (10 * len(other) < 3 * len(data)
            and 2 * sum(sign.isalpha() or sign in "“”„’‘«»–€¿¡ß" for sign in other) > len(other)
            and not re.search(rb"[\x00-\x08\x0e-\x1a\x7f]", data))
