"""How a text becomes tokens, and tokens become a text again.

Each `Tokenisation` has a name, and two functions that fit: for tokens made by `split`,
`split(join(tokens)) == tokens`. The names are those of the setting in a table's first lines
(`settings`).
"""

from collections.abc import Callable, Iterable, Sequence, Set
from functools import partial
from typing import NamedTuple

import regex

from seq2seq.tasks.sampling import Tokens
from seq2seq.tasks.tables.subwords import Subwords

# A letter, digit or combining mark; an apostrophe or a hyphen inside a word belongs to it.
WORD = regex.compile(r"[\p{L}\p{M}\p{N}_]+(?:['’\-][\p{L}\p{M}\p{N}_]+)*|[^\s]")
CLOSING, OPENING = frozenset(".,;:!?…)]}»”%"), frozenset("([{«“¿¡")
SUBWORDS = "subwords"  # learnt from the table, see `subwords`
FEW = 0.1  # the largest share of texts with a blank whose tokens are still proposed as characters
END_OF_SENTENCE = regex.compile(r"[\p{L}\p{M}\p{N}][.,;:!?…](?:\s|$)")


class Tokenisation(NamedTuple):
    """One way to split a text. Texts have single blanks and none at their ends."""

    split: Callable[[str], Tokens]
    join: Callable[[Tokens], str]
    subwords: Subwords | None = None  # if it splits into subwords


def join_words(tokens: Tokens, closing: Set[str] = CLOSING, opening: Set[str] = OPENING) -> str:
    """Words with blanks between them, but none before `closing` and after `opening` marks.

    >>> join_words(("Yes", ",", "she", "can", "(", "today", ")", "."))
    'Yes, she can (today).'
    """
    text = ""
    for before, token in zip(("", *tokens), tokens, strict=False):
        glued = not text or token in closing or before in opening
        text += token if glued else f" {token}"
    return text


def words_as_in(texts: Iterable[str]) -> "Tokenisation":
    """The tokenisation "words", joined as in most of these texts: French has a blank before “!”.

    >>> words_as_in(["Va !", "Si, si !"]).join(("Non", ",", "va", "!"))
    'Non, va !'
    """
    text = "\n".join(texts)
    closing = {mark for mark in CLOSING if 2 * text.count(f" {mark}") <= text.count(mark)}
    opening = {mark for mark in OPENING if 2 * text.count(f"{mark} ") <= text.count(mark)}
    return Tokenisation(TOKENISATIONS["words"].split,
                        partial(join_words, closing=closing, opening=opening))


TOKENISATIONS = {
    "characters": Tokenisation(tuple, "".join),
    "words": Tokenisation(lambda text: tuple(WORD.findall(text)), join_words),
    "spaces": Tokenisation(lambda text: tuple(text.split()), " ".join),
}
NAMES = (*TOKENISATIONS, SUBWORDS)


def propose(texts: Sequence[str], most: int = 2_000) -> str:
    """The name of the tokenisation that suits the texts of one side.

    Characters, a blank being one of them, if at most a tenth of the texts contain a blank. Words if
    a tenth or more contain a word with a punctuation mark attached. Else tokens as they stand. With
    more than `most` different words or tokens, subwords.

    >>> propose(["cat", "dog"]), propose(["Go.", "Come here!"]), propose(["DH AH0", "K AE1 T"])
    ('characters', 'words', 'spaces')
    """
    if sum(" " in text for text in texts) <= FEW * len(texts):
        return "characters"
    marked = sum(END_OF_SENTENCE.search(text) is not None for text in texts)
    name = "words" if marked >= FEW * len(texts) else "spaces"
    types: set[str] = set()
    for text in texts:
        types.update(TOKENISATIONS[name].split(text))
        if len(types) > most:
            return SUBWORDS
    return name
