"""What only the third sets of the translation tasks contain."""

import random
from dataclasses import replace

import pytest

from seq2seq.data.splits import make_splits
from seq2seq.tasks import get_task
from seq2seq.tasks.translation import english
from seq2seq.tasks.translation.catalogue import EN_DE, EN_DE_FRAMES, EN_FR, EN_FR_COMBINATIONS
from seq2seq.tasks.translation.lexicon import ADJECTIVES, NOUNS
from seq2seq.tasks.translation.phrase_sampler import adjectives_of
from seq2seq.tasks.translation.sampler import Sampler
from seq2seq.tasks.translation.task import trees
from seq2seq.tasks.translation.third_sets import SUBJECTS_ONLY, is_new_pair
from seq2seq.tasks.translation.tree import Clause, Gap, NounPhrase, Pronoun, filled, walk

WITH_HIDDEN = (EN_FR_COMBINATIONS, EN_DE_FRAMES)


def drawn(task, count=1_500):
    rng = random.Random(3)
    return [task.sample(rng, rng.choice((1, 2, 3))) for _ in range(count)]


def sentences_with(task, words):
    return [tokens for tokens in drawn(task) if words.intersection(tokens)]


@pytest.mark.parametrize("task", WITH_HIDDEN, ids=lambda task: task.name)
def test_what_is_hidden_is_in_every_sentence_of_the_third_set_and_in_no_other(task):
    config = replace(task.train, num_examples=1_000, fresh=True, num_epochs=2)
    splits = make_splits(task, config)
    trained = splits.trained_on
    assert len(splits.longer) == 100
    assert all(task.in_longer_set(e.source, trained) for e in splits.longer)
    assert not any(task.in_longer_set(source, trained)
                   for source in [*trained, *(e.source for e in splits.new)])


def test_hidden_nouns_are_subjects_in_training():
    for tokens in sentences_with(EN_DE_FRAMES, {*SUBJECTS_ONLY, "dogs", "kings"}):
        for part in walk(trees(tokens)[0]):
            if isinstance(part, Clause):
                assert not any(isinstance(p, NounPhrase) and p.noun in SUBJECTS_ONLY
                               for p in part.phrases[1:])
    assert all(NOUNS[noun].german_gender == "m" for noun in SUBJECTS_ONLY)


def test_words_of_hidden_pairs_are_trained_on_in_other_pairs():
    def is_trained(noun, adjective):
        fits = {*adjectives_of(noun, "before"), *adjectives_of(noun, "after")}
        return adjective in fits and not is_new_pair(NounPhrase(noun, adjectives=(adjective,)))

    for adjective in ADJECTIVES:
        assert sum(is_trained(noun, adjective) for noun in NOUNS) >= 5
    for noun in NOUNS:
        assert sum(is_trained(noun, adjective) for adjective in ADJECTIVES) >= 2
    words = {word for tokens in drawn(EN_DE_FRAMES) for word in tokens}
    assert words >= {*SUBJECTS_ONLY}


def test_about_one_pair_in_ten_is_hidden():
    pairs = [is_new_pair(NounPhrase(noun, adjectives=(adjective,)))
             for noun in NOUNS for adjective in ADJECTIVES]
    assert 0.08 < sum(pairs) / len(pairs) < 0.12


def test_a_pair_is_hidden_beside_the_noun_behind_it_and_in_a_relative_clause():
    task = EN_FR_COMBINATIONS
    assert is_new_pair(NounPhrase("bird", adjectives=("tired",)))
    for text in ("The tired bird sleeps.", "The bird is tired.",
                 "She sees the bird that is tired."):
        assert task.in_longer_set(task.parse(text), set())
    for text in ("The tired mouse sleeps.", "The mouse is tired.",
                 "The bird sees the tired mouse."):
        assert not task.in_longer_set(task.parse(text), set())


def test_an_object_that_a_relative_clause_describes_is_hidden():
    task = EN_DE_FRAMES
    for text in ("I see the dog.", "She works with the dog.", "The dog that she sees sleeps.",
                 "He gives an apple to the dog.", "The mother of the king sleeps."):
        assert task.in_longer_set(task.parse(text), set()), text
    for text in ("The dog sees me.", "I see the woman.", "The dog that sleeps sees her."):
        assert not task.in_longer_set(task.parse(text), set()), text


def test_the_other_tasks_hide_nothing():
    for task in (EN_FR, EN_DE):
        splits = make_splits(task, replace(task.train, num_examples=300))
        assert {task.size(e.source) for e in splits.longer} == {3}
        assert get_task(task.name).third_set.suffix == ""
    assert not EN_DE.third_set.contains(Sampler(random.Random(1)).sentence(3))


def test_a_filled_relative_clause_is_a_statement():
    noun = NounPhrase("man", relative=Clause(Pronoun("she"), "see", object=Gap()))
    assert " ".join(english.clause(filled(noun.relative, noun))) == "she sees the man"
