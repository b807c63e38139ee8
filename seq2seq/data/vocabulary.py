"""Symbols to ids and back. Four ids are reserved for special tokens.

A data symbol never gets a reserved id: even the typed text "<eos>" is an ordinary symbol. The
notebook on which this project is based used id 1 both for the number 1 and for the end token, so
its model could never write a 1.

>>> digits = Vocabulary("0123456789")
>>> digits.encode(["3", "1", "x"]), len(digits)
([7, 5, 3], 14)
>>> digits.decode([7, 5, EOS])
('3', '1', '<end token>')
"""

from collections.abc import Iterable, Sequence

PAD = 0  # padding of shorter rows in a batch; ignored by the model and by the loss
SOS = 1  # start of sequence, the first input of the decoder (also called BOS)
EOS = 2  # end of sequence, the last token of every target; an answer ends with it
UNK = 3  # unknown: a symbol that is not in the vocabulary
# No token of any data contains a blank, so none has one of these names.
SPECIALS = ("<padding token>", "<start token>", "<end token>", "<unknown token>")


class Vocabulary:
    """An ordered set of symbols with ids from 4 on; ids 0 to 3 are the special tokens."""

    end = EOS  # the id after the last symbol of every target

    def __init__(self, symbols: Iterable[str]) -> None:
        self.symbols: tuple[str, ...] = tuple(dict.fromkeys(symbols))
        self._ids = {symbol: i for i, symbol in enumerate(self.symbols, start=len(SPECIALS))}
        self._names = SPECIALS + self.symbols

    def __len__(self) -> int:
        """The number of ids, special tokens included."""
        return len(self._names)

    def __contains__(self, symbol: object) -> bool:
        return symbol in self._ids

    def encode(self, symbols: Iterable[str]) -> list[int]:
        """The ids of `symbols`; UNK for unknown ones. It adds no EOS."""
        return [self._ids.get(symbol, UNK) for symbol in symbols]

    def id_of(self, name: str) -> int:
        """The id of a symbol, else of a special token of that name, else UNK."""
        reserved = SPECIALS.index(name) if name in SPECIALS else UNK
        return self._ids.get(name, reserved)

    def decode(self, ids: Sequence[int]) -> tuple[str, ...]:
        """The symbols of `ids`; special tokens as in `SPECIALS`."""
        return tuple(self._names[i] for i in ids)
