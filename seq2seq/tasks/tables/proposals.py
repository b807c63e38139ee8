"""What is proposed for a new table: how its sides become tokens.

A proposal is written into the table's first lines, where the user can change it. Without such a
line, `tokenisation.propose` decides, for ever in the same way, so that old recipes keep their
tokens.
"""

from collections import Counter
from itertools import chain
from typing import Any

from seq2seq.tasks.pairs import PairsTask
from seq2seq.tasks.tables.facts import normal_forms
from seq2seq.tasks.tables.tokenisation import TOKENISATIONS
from seq2seq.tasks.task import MAX_TOKENS

MAX_RARE = 1 / 3  # see `share_of_rare`


def proposed_settings(task: PairsTask) -> dict[str, Any]:
    """The settings of the table (`settings`) that are proposed and not yet chosen.

    * characters, if most words of a side occur only once, as in “walk V;PST”: a model of words
      would meet almost only unknown ones;
    * the normal form NFC, if some letters are one character and others a letter and a mark.
    """
    found: dict[str, Any] = {}
    settings, sides = task.settings, list(zip(*(row.cells[:2] for row in task.table.rows),
                                              strict=True))
    for name, chosen, now, cells in zip(("source_tokens", "target_tokens"),
                                        (settings.source_tokens, settings.target_tokens),
                                        task.tokenisations, sides, strict=True):
        rare = share_of_rare(cells, "words" if now == "words" else "spaces")
        fit = sum(len(cell) <= MAX_TOKENS for cell in cells) >= 0.9 * len(cells)
        if not chosen and now != "characters" and rare > MAX_RARE and fit:
            found[name] = "characters"
    if settings.normalise == "none" and all(map(sum, zip(*map(normal_forms, sides), strict=True))):
        found["normalise"] = "NFC"
    return found


def share_of_rare(cells: tuple[str, ...], tokenisation: str) -> float:
    """The share of tokens that occur only once, of all tokens with their repetitions.

    >>> share_of_rare(("go home", "come home"), "words")
    0.5
    """
    counts = Counter(chain.from_iterable(map(TOKENISATIONS[tokenisation].split, cells)))
    return sum(n == 1 for n in counts.values()) / max(1, counts.total())
