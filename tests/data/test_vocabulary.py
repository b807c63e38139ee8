from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data.vocabulary import EOS, PAD, SOS, SPECIALS, UNK, Vocabulary


@given(st.lists(st.text(min_size=1), unique=True))
def test_data_never_gets_a_reserved_id(symbols):
    vocabulary = Vocabulary(symbols)
    ids = vocabulary.encode(symbols)
    assert not set(ids) & {PAD, SOS, EOS, UNK}
    assert vocabulary.decode(ids) == tuple(symbols)
    assert len(vocabulary) == len(symbols) + len(SPECIALS)


def test_a_symbol_that_looks_reserved_is_data():
    vocabulary = Vocabulary(["<eos>", "1"])
    assert vocabulary.encode(["<eos>"]) != [EOS]
    assert Vocabulary("01").encode(["<eos>"]) == [UNK]


def test_the_notebooks_mistake_is_impossible():
    """Token 1 was both a number and the end token there."""
    assert EOS not in Vocabulary(map(str, range(26))).encode(map(str, range(26)))
