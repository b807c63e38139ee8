"""The pre-trained models' scores in the benchmark guide, measured again."""

import random
import re

import pytest
from documents import GUIDES, text_of

from seq2seq import Experiment
from seq2seq.evaluation.metrics import answers, exact_match
from seq2seq.files import pretrained
from seq2seq.speech_recognition.held_out_voices import new_voices
from seq2seq.tasks.sampling import solved
from seq2seq.tasks.stories import THINGS

STATED = " ".join(text_of(GUIDES / "benchmark.md").split())


def stated(pattern):
    """The numbers that stand in the gaps of a sentence of the guide."""
    found = re.search(re.escape(pattern).replace("GAP", r"([\d.]+)"), STATED)
    assert found, f"benchmark.md no longer says: {pattern}"
    return [float(number) for number in found.groups()]


def model(name):
    return Experiment.load(pretrained.ready(name))


def percent_right(experiment, sizes, count, seed, wanted=lambda source: True, solve=solved):
    """Of sources that are drawn as the task draws them, and were not trained on."""
    rng, task, sources = random.Random(seed), experiment.task, []
    known = {e.source for e in experiment.splits.train}
    while len(sources) < count:
        source = task.sample(rng, rng.choice(sizes))
        if source not in known and wanted(source):
            sources.append(source)
    return 100 * exact_match(answers(experiment.model, experiment.splits, solve(task, sources)))


def test_reverse_numbers():
    experiment = model("reverse-numbers")
    [near, far] = stated("of up to 25 numbers GAP % are correct from start to end, of those with "
                         "26 to 30 GAP %")
    assert percent_right(experiment, range(1, 26), 1000, 1) == pytest.approx(near, abs=0.6)
    assert percent_right(experiment, range(26, 31), 1000, 2) == pytest.approx(far, abs=1.5)


def test_stories_with_things():
    experiment = model("stories-objects")
    [all_sizes] = stated("the pre-trained model GAP % (197 CPU seconds)")
    [four, eight] = stated("of stories of 4 sentences GAP %, of 8 sentences GAP %")
    for sizes, right in ((range(2, 9), all_sizes), ([4], four), ([8], eight)):
        found = percent_right(experiment, sizes, 1500, 3, lambda s: s[-2] in THINGS)
        assert found == pytest.approx(right, abs=2)


def test_spoken_digits_of_new_voices():
    right = stated("the pre-trained model GAP, GAP and GAP % (392 CPU seconds")
    found = [100 * score for score in new_voices(model("spoken-digits")).values()]
    assert found == pytest.approx(right, abs=0.51)  # these clips are always the same


def test_spelling():
    experiment = model("spelling")
    [millions] = stated("the pre-trained model (GAP million parameters")
    assert experiment.num_parameters / 1e6 == pytest.approx(millions, abs=0.005)
    for name in ("new", "longer"):
        assert exact_match(experiment.answers(name)) > 0.85


@pytest.mark.parametrize("name", ["scan", "scan-length", "scan-jump"])
def test_commands(name):
    """It can run twice, as is said, and a single “walk” is not more than that where it was met."""
    experiment = model(name)
    assert experiment.predict("run twice").is_correct
    assert experiment.predict("walk").is_correct == (name != "scan")
    assert experiment.predict("jump twice").is_correct == (name != "scan-jump")
    assert experiment.scores()["new"] > 0.99
    assert experiment.scores()["longer"] < 0.1


def with_all_answers(task, sources):
    return task.with_all_answers(solved(task, sources))


@pytest.mark.parametrize(("name", "language"), [("translation-en-fr", "French"),
                                                ("translation-en-de", "German")])
def test_translations(name, language):
    experiment = model(name)
    assert exact_match(experiment.answers("new")) >= 0.995
    [right] = stated(f"to {language}, the pre-trained model GAP %")
    found = percent_right(experiment, [1, 2], 1000, 4, solve=with_all_answers)
    assert found == pytest.approx(right, abs=0.5)
