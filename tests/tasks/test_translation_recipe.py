"""What the translation tasks draw and how they train; scores are in `test_honest_numbers.py`."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from seq2seq import Experiment
from seq2seq.tasks.translation.catalogue import EN_DE, EN_FR
from seq2seq.tasks.translation.lexicon import ADJECTIVES, NOUNS, VERBS
from seq2seq.tasks.translation.sampler import Sampler
from seq2seq.tasks.translation.task import drawn
from seq2seq.tasks.translation.tree import Clause, Gap, NounPhrase, Pronoun, walk

NUM_STEPS = 40


@pytest.fixture(scope="module")
def trees():
    rng = random.Random(11)
    return [Sampler(rng).sentence(rng.choice((1, 2))) for _ in range(6_000)]


def test_every_phenomenon_is_drawn_often_enough_to_be_learned(trees):
    found = Counter()
    for tree in trees:
        found[f"asks {tree.question}"] += 1
        found["subordinate first"] += bool(tree.clauses[0][0])
        found.update(link for link, _ in tree.clauses)
        for part in walk(tree):
            if isinstance(part, NounPhrase):
                found.update(ADJECTIVES[key].position for key in part.adjectives)
                found["plural"] += part.plural
                found["owner"] += part.owner is not None
                found["relative"] += part.relative is not None
            if isinstance(part, Clause):
                verb = VERBS[part.verb]
                found[f"adverb {part.adverb}"] += 1
                found[f"modal {part.modal}"] += 1
                found["participle agrees"] += part.past and (
                    verb.french_auxiliary == "être" or isinstance(part.object, Pronoun | Gap))
                found["object pronoun"] += isinstance(part.object, Pronoun)
                found["recipient"] += part.recipient is not None
                found["prefix"] += "|" in verb.german
                found["time first"] += part.time_first
                found["predicate"] += bool(part.adjective)
    rare = {name: found[name] for name in (
        "asks yes-no", "asks why", "asks where", "subordinate first", "and", "but", "because",
        "when", "if", "that", "before", "after", "plural", "owner", "relative", "adverb not",
        "adverb never", "adverb often", "modal can", "modal must", "modal want",
        "participle agrees", "object pronoun", "recipient", "prefix", "time first", "predicate")
        if found[name] < 30}
    assert not rare


def test_frequent_words_are_drawn_more_often_and_rare_ones_too(trees):
    nouns = Counter(p.noun for tree in trees for p in walk(tree) if isinstance(p, NounPhrase))
    verbs = Counter(p.verb for tree in trees for p in walk(tree) if isinstance(p, Clause))
    assert set(nouns) == set(NOUNS)
    assert set(verbs) == {key for key, verb in VERBS.items() if verb.frame != "modal"}
    assert nouns["girl"] > 5 * nouns["queen"]
    assert verbs["see"] > 5 * verbs["follow"]


def test_a_sampled_tree_is_kept_only_until_it_is_translated():
    tokens = EN_FR.sample(random.Random(5), 2)
    assert tokens in drawn
    answer = EN_FR.solve(tokens)
    assert tokens not in drawn
    assert EN_FR.solve(tokens) == answer


@pytest.mark.parametrize("task", [EN_FR, EN_DE], ids=lambda task: task.name)
def test_the_recipe_learns_from_its_first_steps(task):
    config = replace(task.train, num_examples=NUM_STEPS * task.train.batch_size, num_epochs=1)
    losses = []
    for event in Experiment(task.name, task.model, config).fit():
        losses.append(event.loss)
        if len(losses) == NUM_STEPS:
            break
    assert sum(losses[-5:]) / 5 < 0.85 * losses[0]
