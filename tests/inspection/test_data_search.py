"""The search in the examples, and the nearest ones, against plain loops."""

import pytest
from conftest import SMALL, small_model

from seq2seq import Experiment
from seq2seq.evaluation.metrics import edit_distance
from seq2seq.inspection.data_search import all_examples, nearest_examples, search_examples


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return Experiment("reverse", small_model(), SMALL)


def test_every_example_is_found_once_in_its_set(experiment):
    found = list(search_examples(experiment.splits))
    sources = [f.example.source for f in found]
    assert len(set(sources)) == len(sources)
    trained = {f.example.source for f in found if f.set == "memorised"}
    assert trained == experiment.splits.trained_on
    for name in ("new", "longer"):
        listed = [f.example for f in found if f.set == name]
        assert listed == list(all_examples(experiment.splits)[name])
        assert [f.example for f in search_examples(experiment.splits, "", name)] == listed
        assert not trained & {example.source for example in listed}


def test_blanks_and_case_do_not_count(experiment):
    source = experiment.splits.new[0].source
    for text in (" ".join(source), "".join(source)):
        found = [f.example.source for f in search_examples(experiment.splits, text, "new")]
        assert source in found
        for other in found:
            assert "".join(source) in "".join(other) or "".join(source) in "".join(other[::-1])
    assert not list(search_examples(experiment.splits, "x"))


def test_the_nearest_examples_are_those_with_the_fewest_edits(experiment):
    for text in ("1 2 3", "4 0 7 1 9 9 9", "5"):
        tokens = experiment.task.parse(text)
        near = experiment.nearest_examples(text, 4)
        assert near == nearest_examples(experiment.splits, tokens, 4)
        distances = sorted(edit_distance(source, tokens)
                           for source in experiment.splits.trained_on)
        assert [one.distance for one in near] == distances[:4]
        assert all(edit_distance(one.example.source, tokens) == one.distance for one in near)
    trained = experiment.splits.train[0].source
    assert experiment.nearest_examples(" ".join(trained))[0].distance == 0
