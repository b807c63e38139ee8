"""Texts to tokens and back, and the choice that is proposed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.tasks.tables.tokenisation import TOKENISATIONS, propose, words_as_in

SCRIPTS = ["naïve café", "Привет, мир!", "Καλημέρα σας.", "مرحبا بالعالم",
           "שלום, עולם",
           "नमस्ते दुनिया।", "안녕하세요 세계", "今日は、世界", "l'eau de vie", "(yes)", "a - b",
           "3.5 %"]


@pytest.mark.parametrize("kind", TOKENISATIONS)
@given(text=st.text(max_size=40) | st.sampled_from(SCRIPTS))
def test_tokens_to_text_to_tokens_is_the_identity(kind, text):
    split, join = TOKENISATIONS[kind][:2]
    tokens = split(" ".join(text.split()))
    assert split(join(tokens)) == tokens
    assert all(tokens)


@given(texts=st.lists(st.text(alphabet="ab .,!?«»()'-", max_size=30), max_size=5),
       text=st.text(alphabet="ab .,!?«»()'-", max_size=40))
def test_it_is_so_for_words_joined_as_in_any_table(texts, text):
    split, join = words_as_in(texts)[:2]
    tokens = split(" ".join(text.split()))
    assert split(join(tokens)) == tokens


@pytest.mark.parametrize(("text", "tokens"), [
    ("Don't go, Anna!", ("Don't", "go", ",", "Anna", "!")),
    ("नमस्ते दुनिया।", ("नमस्ते", "दुनिया", "।")),  # vowel signs are marks, not punctuation
    ("cafe\u0301 noir", ("cafe\u0301", "noir")),
])
def test_punctuation_is_split_off(text, tokens):
    assert TOKENISATIONS["words"].split(text) == tokens


def test_words_are_joined_as_people_write_them():
    text = "Yes (she said), I can. “No!”"
    assert TOKENISATIONS["words"].join(TOKENISATIONS["words"].split(text)) == text


@pytest.mark.parametrize(("texts", "kind"), [
    (["abcdef"] * 293 + ["ab cd"], "characters"),  # one blank once made all of them words
    (["dog", "cat"], "characters"),
    (["DH AH0", "K AE1 T"], "spaces"),
    (["Go.", "Come here!", "Where are you?"], "words"),
    (["jump twice", "walk"], "spaces"),
])
def test_the_proposal(texts, kind):
    assert propose(texts) == kind
