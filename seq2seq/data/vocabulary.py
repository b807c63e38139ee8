"""Symbols to numbers and back. Four numbers are reserved and never stand for data.

The notebook that this project is built from used token 1 both as a number to be reversed and
as the end-of-sequence mark, so a model could never write a 1. Here a data symbol can never
receive a reserved id, whatever it looks like: even the typed text "<eos>" is just a symbol.

>>> digits = Vocabulary("0123456789")
>>> digits.encode(["3", "1", "x"]), len(digits)
([7, 5, 3], 14)
>>> digits.decode([7, 5, EOS])
('3', '1', '<eos>')
"""

from collections.abc import Iterable, Sequence

PAD = 0  # fills a batch's shorter rows; never read, never counted in a loss
SOS = 1  # start of sequence: the first token the decoder reads (elsewhere also called BOS)
EOS = 2  # end of sequence: the last token of every target; writing it ends the answer
UNK = 3  # stands for a symbol that the training data did not contain
SPECIALS = ("<pad>", "<sos>", "<eos>", "<unk>")


class Vocabulary:
    """A fixed, ordered set of data symbols and their ids (the first four ids are reserved)."""

    end = EOS  # what stands behind every target

    def __init__(self, symbols: Iterable[str]) -> None:
        self.symbols: tuple[str, ...] = tuple(dict.fromkeys(symbols))
        self._ids = {symbol: i for i, symbol in enumerate(self.symbols, start=len(SPECIALS))}
        self._names = SPECIALS + self.symbols

    def __len__(self) -> int:
        """Number of ids, the reserved ones included."""
        return len(self._names)

    def __contains__(self, symbol: object) -> bool:
        return symbol in self._ids

    def encode(self, symbols: Iterable[str]) -> list[int]:
        """Ids of `symbols`; an unknown one becomes UNK. No EOS is added here."""
        return [self._ids.get(symbol, UNK) for symbol in symbols]

    def id_of(self, name: str) -> int:
        """Id of a symbol or, where no symbol is called so, of a reserved name; else UNK."""
        reserved = SPECIALS.index(name) if name in SPECIALS else UNK
        return self._ids.get(name, reserved)

    def decode(self, ids: Sequence[int]) -> tuple[str, ...]:
        """Names of `ids`, reserved ones written as in `SPECIALS`."""
        return tuple(self._names[i] for i in ids)
