"""Subwords by byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909).

Training starts from single characters and joins, again and again, the two neighbouring tokens that
occur together most often. Frequent words become one token, and rare ones several, so few words are
unknown. The library tokenizers finds and applies these merges; the same texts give the same merges,
in any order.

A token that begins a word starts with "▁", as in SentencePiece. Punctuation marks are tokens of
their own.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import regex

from seq2seq.errors import InputError
from seq2seq.tasks.sampling import Tokens
from seq2seq.tasks.tables.progress import tracked

START = "▁"  # U+2581
UNKNOWN = "<unk>"  # no merge gives it: pieces are words, or single marks
DEFAULT_SIZE = 1000  # tokens, unless few pairs are frequent
MIN_FREQUENCY = 3  # of a pair of tokens that is joined
MAX_CACHED = 50_000  # words
MAX_JSON = 1_000_000  # characters of the merges in a file; those of a large table have 100,000
PIECE = regex.compile(r"[\p{L}\p{M}\p{N}_]+|[^\s]")


class Subwords:
    """A fixed list of merges. `split` and `join` are those of a `tokenisation.Tokenisation`."""

    def __init__(self, alphabet: Iterable[str], merges: Sequence[tuple[str, str]]) -> None:
        self.alphabet, self.merges = tuple(sorted(set(alphabet))), tuple(merges)
        self._cache: dict[str, Tokens] = {}

    @property
    def _model(self) -> Any:
        # Made at the first use, and not pickled: the merges are all that it holds.
        if "_made" not in self.__dict__:
            from tokenizers.models import BPE
            tokens = [UNKNOWN, *self.alphabet, *(a + b for a, b in self.merges)]
            ids = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
            self._made = BPE(ids, list(self.merges), unk_token=UNKNOWN, fuse_unk=False)
        return self._made

    def __getstate__(self) -> dict[str, Any]:
        return {"alphabet": self.alphabet, "merges": self.merges, "_cache": {}}

    def split(self, text: str) -> Tokens:
        """The tokens of a text with single blanks. A character not in training is one token.

        >>> Subwords("▁lowe", [("l", "o"), ("lo", "w"), ("▁", "low")]).split("low, lower")
        ('▁low', ',', '▁low', 'e', 'r')
        """
        found: list[str] = []
        for word in text.replace(START, " ").split():
            found += self._tokens_of(word)
        return tuple(found)

    @staticmethod
    def join(tokens: Tokens) -> str:
        """The text of tokens.

        >>> Subwords.join(("▁low", ",", "▁low", "e", "r"))
        'low, lower'
        """
        return "".join(tokens).replace(START, " ").strip()

    def to_json(self) -> str:
        """The alphabet and the merges, as `Subwords.from_data` reads them back."""
        return json.dumps([self.alphabet, self.merges])

    @classmethod
    def from_data(cls, data: Any) -> "Subwords":
        """The subwords in decoded JSON of `to_json`. ValueError if it contains anything else."""
        alphabet, merges = data
        known = set(alphabet)
        for parts in (alphabet, *merges):
            if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
                raise ValueError("no tokens")
            "".join(parts).encode()  # a lone surrogate raises a ValueError
        if not all(len(character) == 1 for character in alphabet):
            raise ValueError("no characters")
        for first, second in merges:
            if not {first, second} <= known:
                raise ValueError("a merge of unknown tokens")
            known.add(first + second)
        return cls(alphabet, [(first, second) for first, second in merges])

    def _tokens_of(self, word: str) -> Tokens:
        found = self._cache.get(word)
        if found is None:
            found = tuple(token for piece in pieces(word) for token in self._tokens_in(piece))
            if len(self._cache) >= MAX_CACHED:
                self._cache.clear()
            self._cache[word] = found
        return found

    def _tokens_in(self, piece: str) -> Iterator[str]:
        data = piece.encode()  # the library counts in bytes
        for token in self._model.tokenize(piece):
            is_unknown = token.value == UNKNOWN
            yield data[slice(*token.offsets)].decode() if is_unknown else token.value


def learn(texts: Iterable[str], size: int = 0) -> Subwords:
    """The merges for a vocabulary of `size` tokens (0: `DEFAULT_SIZE`), learnt from texts.

    It is smaller if fewer pairs of tokens are frequent, and larger if there are more characters.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # worker processes are forked
    from tokenizers import Tokenizer
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import WhitespaceSplit
    from tokenizers.trainers import BpeTrainer

    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = WhitespaceSplit()
    trainer = BpeTrainer(vocab_size=size or DEFAULT_SIZE, min_frequency=MIN_FREQUENCY,
                         show_progress=False)
    counts = Counter(word for text in tracked(texts, "Learning subwords")
                     for word in text.replace(START, " ").split())
    tokenizer.train_from_iterator(
        ((" ".join(pieces(word)) + " ") * n for word, n in counts.items()), trainer)
    merges = [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]
    made = {a + b for a, b in merges}
    return Subwords((t for t in tokenizer.get_vocab() if t not in made or len(t) == 1), merges)


def to_json(sides: Iterable[Subwords | None]) -> str:
    """The subwords of the source and the target side as JSON; "" if neither has any."""
    found = [side.to_json() if side else "null" for side in sides]
    return f"[{', '.join(found)}]" if set(found) != {"null"} else ""


def from_json(text: str) -> tuple[Subwords | None, Subwords | None]:
    """The subwords of both sides in a text of `to_json`. InputError if it is none."""
    try:
        sides = json.loads(text) if len(text) <= MAX_JSON else ()
        source, target = (None if side is None else Subwords.from_data(side) for side in sides)
        return source, target
    except (ValueError, TypeError, RecursionError):
        raise InputError("The subwords in this file are damaged. Choose the original "
                         "file.") from None


def fingerprint(text: str) -> str:
    """The text that earlier model files contain in place of the merges in `text`."""
    return "-".join(hashlib.sha256(side.to_json().encode()).hexdigest()[:16]
                    for side in from_json(text) if side)


def pieces(word: str) -> list[str]:
    """The parts and marks of a word; the first starts with "▁".

    >>> pieces("l'eau,"), pieces("(froide)")
    (['▁l', "'", 'eau', ','], ['▁(', 'froide', ')'])
    """
    first, *rest = PIECE.findall(word)
    return [START + first, *rest]
