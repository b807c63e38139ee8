"""Recordings from a microphone: validation, and adaptation to a speaker."""

import math

import numpy as np
import pytest
import torch

from seq2seq import Experiment, ModelConfig, TrainConfig
from seq2seq.data.frames import FrameBatches
from seq2seq.errors import InputError
from seq2seq.files import pretrained
from seq2seq.speech import clips, espeak
from seq2seq.speech.log_mel import NUM_BANDS, TOP_LEVEL
from seq2seq.speech.voices import Voice
from seq2seq.speech_recognition import speaker_adaptation
from seq2seq.speech_recognition.held_out_voices import new_voices, pointing
from seq2seq.speech_recognition.speaker_adaptation import (
    ENROLMENT,
    MIN_RECORDINGS,
    fine_tune,
    tune,
    with_recorded,
)
from seq2seq.tasks import Example
from seq2seq.tasks.recorded_digits import (
    LONGEST,
    Recording,
    recording_levels,
    trim_silence,
    with_recordings,
)

TINY = ModelConfig(attention="location", hidden_size=24, embedding_dim=16)
SMALL = TrainConfig(num_epochs=4, num_examples=900, max_length=2, batch_size=24,
                    learning_rate=0.01)
# It reads the English words as if they were German: no voice in the lab does.
STRANGER = Voice("Stranger", 120, 50, "de", "max")
made_here = pytest.mark.skipif(not espeak.is_available(), reason="no speech synthesiser here")


def test_each_half_of_what_is_to_be_said_holds_every_digit():
    assert sorted("".join(ENROLMENT[::2])) == sorted("".join(ENROLMENT[1::2])) == list("0123456789")


def speech(seconds=1.0, rate=16_000):
    """Something between 200 and 900 Hz that comes and goes."""
    time = np.arange(int(seconds * rate)) / rate
    return np.sin(2 * np.pi * (200 + 700 * time / seconds) * time) * np.sin(3 * time) ** 2


@pytest.fixture(scope="module")
def beginner() -> Experiment:
    """A small model that recognises single digits with some errors."""
    experiment = Experiment("spoken-digits", TINY, SMALL)
    for _ in experiment.fit():
        pass
    return experiment


@pytest.fixture(scope="module")
def expert() -> Experiment:
    """The pre-trained model, which recognises every voice of the lab well."""
    return Experiment.load(pretrained.ready("spoken-digits"))


@pytest.fixture(scope="module")
def stranger() -> list[Recording]:
    found = []
    for digits in ENROLMENT:
        rate, samples, _ = espeak.speak(STRANGER, digits)
        found.append(Recording(rate, samples, digits))
    return found


@pytest.mark.parametrize(("recording", "says"), [
    (Recording(16_000, np.zeros(16_000), "4"), "silent"),
    (Recording(16_000, np.full(16_000, 0.7), "4"), "silent"),  # a constant is no sound
    (Recording(16_000, speech(LONGEST + 1), "4"), "lasts 7.0 seconds"),
    (Recording(16_000, speech(0.01), "4"), "lasts 0.0 seconds"),
    (Recording(16_000, speech() * math.nan, "4"), "not numbers"),
    (Recording(0, speech(), "4"), "0 samples per second"),
    (Recording(44_100.5, speech(), "4"), "44100.5 samples per second"),
    (Recording(True, speech(), "4"), "samples per second"),
    (Recording(16_000, np.zeros((2, 3, 4)), "4"), "not a sequence"),
    (Recording(16_000, np.array(["a"] * 16_000), "4"), "not a sequence"),
    (Recording(16_000, speech(), "four"), "labelled “four”"),
    (Recording(16_000, speech(), "4" * 13), "at most 12"),
])
def test_a_recording_that_cannot_be_used_is_named(recording, says):
    with pytest.raises(InputError, match=says) as caught:
        with_recordings([Recording(16_000, speech(), "4"), recording])
    assert "Recording 2" in str(caught.value)


def test_rate_level_channels_and_number_type_change_nothing():
    plain = recording_levels(Recording(16_000, speech()))
    for other in (Recording(16_000, 0.05 * speech()),
                  Recording(16_000, (20_000 * speech()).astype(np.int16)),
                  Recording(16_000, np.stack([speech(), speech()], axis=1)),
                  Recording(48_000, speech(rate=48_000))):
        levels = recording_levels(other)
        assert abs(len(levels) - len(plain)) <= 1
        num = min(len(levels), len(plain))
        assert abs(levels[:num].astype(int) - plain[:num]).mean() < 0.5


def test_silence_at_both_ends_is_cut_off():
    levels = np.zeros((300, NUM_BANDS), np.uint8)
    levels[100:150] = TOP_LEVEL
    assert len(trim_silence(levels)) == 70
    assert len(trim_silence(np.full((40, NUM_BANDS), TOP_LEVEL, np.uint8))) == 40


def test_recordings_are_answered_beside_spoken_texts(beginner):
    twin = with_recorded(beginner, [Recording(16_000, speech(), "40"), Recording(16_000, speech())])
    p = twin.predict("Recording 2")
    assert p.source == ("Recording 2",)
    assert p.target is None
    assert p.positions[1] == "0.06 s"
    assert twin.insight(p).num_read == len(p.positions)
    assert twin.predict("7 by Anna").target == ("7",)
    with pytest.raises(InputError):
        beginner.predict("Recording 2")  # the first experiment knows nothing of them


def test_too_few_or_unknown_recordings_are_refused(beginner):
    good = Recording(16_000, speech(), "4")
    with pytest.raises(InputError, match=f"at least {MIN_RECORDINGS}"):
        fine_tune(beginner, [good] * (MIN_RECORDINGS - 1))
    with pytest.raises(InputError, match="Recording 5"):
        fine_tune(beginner, [good] * 4 + [Recording(16_000, speech())])
    with pytest.raises(InputError, match="Choose the task"):
        fine_tune(Experiment("reverse"), [good] * 4)


@made_here
def test_fine_tuning_helps_with_a_stranger_and_leaves_the_model_as_it_was(expert, stranger):
    before = {name: w.clone() for name, w in expert.model.state_dict().items()}
    old = new_voices(expert)[1]
    result = fine_tune(expert, stranger)
    assert len(result.before) == len(result.after) == len(ENROLMENT)
    assert result.after_score == sum(a.is_correct for a in result.after) / len(ENROLMENT)
    # At least three clips more are right, and a fifth fewer digits are wrong.
    assert result.after_score - result.before_score > 0.25
    assert result.after_errors < 0.8 * result.before_errors
    for name, weights in expert.model.state_dict().items():
        assert torch.equal(weights, before[name])
    assert new_voices(result.experiment)[1] > old - 0.1  # what it could, it still can


@made_here
def test_the_same_recordings_give_the_same_model(beginner, stranger):
    examples = [Example(s, s[1:]) for s in with_recordings(stranger)[1]]
    base = with_recorded(beginner, stranger)
    one, two = (tune(base, examples).model.state_dict() for _ in range(2))
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert any(not torch.equal(one[name], beginner.model.state_dict()[name]) for name in one)


@made_here
def test_no_recording_is_scored_by_a_model_that_learned_from_it(beginner, stranger, monkeypatch):
    learned: list[set] = []
    monkeypatch.setattr("seq2seq.speech_recognition.speaker_adaptation.tune",
                        lambda base, examples: learned.append(set(examples)) or base)
    result = fine_tune(beginner, stranger)
    assert [a.tokens for a in result.after] == [a.tokens for a in result.before]
    first, second, everything = learned
    assert not first & second
    assert first | second == everything
    assert len(everything) == len(stranger)


def different(count):
    """So many sounds of which no two are alike, as recordings of the digits 1, 2, 3 ..."""
    return [Recording(16_000, speech(0.4 + 0.05 * i), str(1 + i % 9)) for i in range(count)]


def test_no_sound_is_scored_by_a_copy_that_was_fed_it(beginner, monkeypatch):
    """Compares the frames of the training steps with those of the test, for each copy."""
    monkeypatch.setattr(speaker_adaptation, "NUM_STEPS", 2)
    fed: dict[int, set[bytes]] = {}
    scored: dict[int, set[bytes]] = {}
    copies = []
    plain_tune, plain_answers = speaker_adaptation.tune, speaker_adaptation.answers
    plain_make = FrameBatches.make

    def tune_watched(base, examples):
        copies.append(set())
        tuned = plain_tune(base, examples)
        fed[id(tuned.model)] = copies[-1]
        copies.append(tuned)  # kept, so that no other gets its id
        return tuned

    def make_watched(self, examples, rng):
        copies[-1].update(self.splits.task.frames(e.source).tobytes() for e in examples)
        return plain_make(self, examples, rng)

    def answers_watched(model, splits, examples):
        scored[id(model)] = {splits.task.frames(e.source).tobytes() for e in examples}
        return plain_answers(model, splits, examples)

    monkeypatch.setattr(speaker_adaptation, "tune", tune_watched)
    monkeypatch.setattr(FrameBatches, "make", make_watched)
    monkeypatch.setattr(speaker_adaptation, "answers", answers_watched)
    clips = different(7)
    result = fine_tune(beginner, clips)
    assert len(result.after) == len(clips)
    judges = [model for model in scored if model in fed]
    assert len(judges) == 2
    assert sum(len(scored[model]) for model in judges) == len(clips)
    for model in judges:
        assert fed[model] & set().union(*scored.values()), "it learned from some"
        assert not fed[model] & scored[model], "and is asked the others"


def test_a_sound_that_is_there_twice_is_refused(beginner):
    """Otherwise a copy could be trained and scored on the same recording."""
    clips = different(6)
    louder = Recording(16_000, clips[0].samples * 0.5, "8")
    for again in (clips[0], louder):
        with pytest.raises(InputError, match="Recording 4 has the same content as Recording 1"):
            fine_tune(beginner, [*clips[:3], again, *clips[3:]])


@made_here
def test_attention_is_judged_by_the_synthesisers_own_clock(beginner):
    sources = [("Kate", digit) for digit in "0123456789"]
    share = pointing(beginner, sources)
    assert share is None or 0 <= share <= 1
    assert set(new_voices(beginner)) == {1, 2, 4}
    assert tune(beginner, [Example(s, s[1:]) for s in sources]).model is not beginner.model
    assert clips.FILE.stat().st_size < 3_000_000
