from hypothesis import given
from hypothesis import strategies as st

from seq2seq.data.vocabulary import EOS, PAD, SOS, SPECIALS, UNK, Vocabulary
from seq2seq.evaluation.metrics import Answer
from seq2seq.figures.inside import NEVER_WRITTEN
from seq2seq.inspection.trace import name
from seq2seq.tasks import Example, get_task


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


def test_a_symbol_that_looks_reserved_is_shown_as_it_is():
    """Data with the token `<eos>` once read “end” on the page."""
    task = get_task("pairs", "<eos> <unk> -> <pad> <sos>\na b -> c d\n")
    examples = task.examples
    assert [name(t) for e in examples for t in (*e.source, *e.target)] == [
        "<eos>", "<unk>", "<pad>", "<sos>", "a", "b", "c", "d"]
    target = Vocabulary(examples[0].target)
    assert target.decode([*target.encode(["<pad>"]), PAD]) == ("<pad>", SPECIALS[PAD])
    wrong = Answer(Example(("a",), ("x", "<eos>")), ("x",), finished=True)
    assert wrong.edits_to_nearest(end_token=True) == (1, 3)


def test_figures_know_the_names_of_special_tokens():
    assert set(SPECIALS) - {SPECIALS[EOS]} == set(NEVER_WRITTEN)


def test_the_notebooks_mistake_is_impossible():
    """Token 1 was both a number and the end token there."""
    assert EOS not in Vocabulary(map(str, range(26))).encode(map(str, range(26)))
