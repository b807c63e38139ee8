"""Voices, the synthesiser, log-mel features, and the task of spoken digits."""

import random
from dataclasses import replace

import numpy as np
import pytest

from seq2seq import Experiment, TrainConfig
from seq2seq.config import ModelConfig
from seq2seq.data.frames import make_batches
from seq2seq.data.splits import make_splits
from seq2seq.errors import InputError
from seq2seq.models.seq2seq import make_generator
from seq2seq.speech import clips, espeak
from seq2seq.speech.augmentation import augment
from seq2seq.speech.log_mel import (
    END_SILENCE,
    FRAME_SECONDS,
    FRAME_SIZE,
    LEVELS_PER_UNIT,
    LOUDEST,
    NUM_BANDS,
    NUM_POINTS,
    SAMPLE_RATE,
    TOP_LEVEL,
    bands,
    resample,
    to_frames,
    to_levels,
    unstack,
)
from seq2seq.speech.voices import HELD_OUT, KNOWN, VOICES
from seq2seq.tasks import get_task
from seq2seq.tasks.spoken_digits import MAX_DIGITS, parts

TASK = get_task("spoken-digits")
SMALL = TrainConfig(num_epochs=1, num_examples=40, min_length=1, max_length=3, batch_size=16)
TINY = ModelConfig(attention="location", hidden_size=8, embedding_dim=8)
made_here = pytest.mark.skipif(not espeak.is_available(), reason="no speech synthesiser here")


def tone(hertz, seconds=0.5, rate=22_050):
    return np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)


@pytest.fixture
def no_synthesiser(monkeypatch):
    """A machine without the synthesiser and without cached audio."""
    def load():
        raise InputError(espeak.MISSING)
    monkeypatch.setattr(espeak, "_load", load)
    for kept in (clips.sound, clips._synthesised):
        kept.cache_clear()


@pytest.mark.parametrize("hertz", [150, 440, 1000, 2000, 3500])
@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000])
def test_a_pure_tone_is_loudest_in_the_band_of_its_pitch(hertz, rate):
    levels = to_levels(tone(hertz, rate=rate), rate)
    nearest = bands()[round(hertz * NUM_POINTS / SAMPLE_RATE)].argmax()
    middle = levels[5:-5]
    assert (abs(middle.argmax(axis=1) - nearest) <= 1).all()
    assert middle.max() == TOP_LEVEL
    assert np.median(middle) < TOP_LEVEL / 3  # and other bands hear little


def test_how_loud_a_clip_is_changes_nothing():
    sound = tone(440) * np.linspace(0.2, 1, 11_025)
    np.testing.assert_array_equal(to_levels(sound, 22_050), to_levels(1000 * sound, 22_050))


def test_time_runs_a_hundred_columns_a_second():
    click = np.zeros(8_000)
    click[4_000] = 1
    levels = to_levels(click, 8_000)
    assert abs(levels.sum(axis=1).argmax() - 50) <= 1
    assert len(to_frames(levels)) == -(-(len(levels) + END_SILENCE) // 6)
    np.testing.assert_allclose(unstack(to_frames(levels))[: len(levels)],
                               levels / LEVELS_PER_UNIT - 1, atol=1e-6)


def test_resampling_keeps_a_tone_and_drops_what_cannot_be_heard():
    low, high = resample(tone(500), 22_050), resample(tone(10_000), 22_050)
    np.testing.assert_allclose(low[400:-400], tone(500, rate=SAMPLE_RATE)[400:-400], atol=0.01)
    assert abs(high[400:-400]).max() < 0.01


def test_held_out_voices_share_no_throat_with_the_known_ones():
    assert not {v.variant for v in KNOWN.values()} & {v.variant for v in HELD_OUT.values()}
    assert len(VOICES) == len(KNOWN) + len(HELD_OUT) > 100
    assert len(HELD_OUT) >= 15


@pytest.mark.parametrize("seed", range(3))
def test_held_out_clips_are_never_trained_on(seed):
    splits = make_splits(TASK, TrainConfig(seed=seed, num_examples=4000, max_length=5))
    trained = {clip for example in splits.train for clip in parts(example.source)}
    held_out = {clip for e in (*splits.new, *splits.longer) for clip in parts(e.source)}
    assert not trained & held_out
    assert not {voice for voice, _ in trained} & set(HELD_OUT)
    assert {voice for e in splits.longer for voice, _ in parts(e.source)} == set(HELD_OUT)
    offered = {TASK.parse(text) for text in (TASK.example, *TASK.more_examples)}
    assert not offered & splits.trained_on
    assert len(splits.train) == 4000
    assert max(len(e.target) for e in splits.train) == 5


def test_fresh_examples_hold_no_held_out_clip_either():
    splits = make_splits(TASK, replace(SMALL, fresh=True, num_epochs=3))
    trained = {clip for source in splits.trained_on for clip in parts(source)}
    assert trained <= set(clips.groups()["train"])


def test_training_never_waits_for_the_synthesiser(no_synthesiser):
    experiment = Experiment("spoken-digits", TINY, SMALL)
    for _ in experiment.fit():
        pass
    scores = experiment.scores()
    assert None not in scores.values()
    digits = TASK.format(experiment.splits.new[0].source)
    assert experiment.predict(digits).steps


def test_without_the_synthesiser_a_sentence_says_what_still_works(no_synthesiser):
    missing = "2468135790 by Anna"
    for use in (TASK.frames, TASK.audio, TASK.word_starts):
        with pytest.raises(InputError, match=r"espeakng-loader.*Everything else works"):
            use(TASK.parse(missing))
    assert not espeak.is_available()


@made_here
def test_the_same_digits_look_nearly_the_same_every_time():
    """The synthesiser varies slightly; the stored clips match it, and frames are cached."""
    rng = random.Random(0)
    for voice, digits in rng.sample(clips.clip_list(), 12):
        rate, samples, _ = espeak.speak(VOICES[voice], digits)
        again, stored = to_levels(samples, rate).astype(float), clips.levels(voice, digits)
        assert abs(len(again) - len(stored)) <= 4
        num = min(len(again), len(stored))
        assert abs(again[:num] - stored[:num]).mean() < 2.5
    source = TASK.parse("555 by Anna")
    assert np.array_equal(TASK.frames(source), TASK.frames(source))


@made_here
def test_an_unknown_voice_is_refused_by_its_code():
    with pytest.raises(InputError, match="code 2"):
        espeak.speak(replace(VOICES["Anna"], language="en-gb"), "1")


@made_here
def test_words_start_inside_the_clip_one_after_the_other():
    source = TASK.parse("4071 by Anna, 88 by Ben")
    rate, samples = TASK.audio(source)
    starts = TASK.word_starts(source)
    assert len(starts) == 6
    assert list(starts) == sorted(set(starts))
    assert starts[0] >= 0
    assert starts[-1] < len(samples) / rate
    assert samples.dtype == np.int16
    assert rate == SAMPLE_RATE
    assert abs(samples).max() > 3000
    seconds = len(TASK.frames(source)) * FRAME_SECONDS
    assert abs(seconds - len(samples) / rate) < 0.15
    # Where the last word starts, something is heard.
    at = int(starts[-1] * rate)
    assert abs(samples[at : at + rate // 4]).max() > 1000


@pytest.mark.parametrize(("text", "tokens"), [
    ("4071", ("Kate", "4", "0", "7", "1")),
    ("4 0 7 1", ("Kate", "4", "0", "7", "1")),
    ("4,0,7,1", ("Kate", "4", "0", "7", "1")),
    ("4071 by anna", ("Anna", "4", "0", "7", "1")),
    ("40 by Anna, 71 by Ben", ("Anna", "4", "0", "Ben", "7", "1")),
    ("40 by Anna and 7", ("Anna", "4", "0", "Kate", "7")),
])
def test_what_is_typed_is_read(text, tokens):
    assert TASK.parse(text) == tokens
    assert TASK.parse(TASK.format(tokens)) == tokens
    assert TASK.solve(tokens) == tuple(c for c in text if c.isdigit())
    assert "Kate" in HELD_OUT  # who types no name hears a voice that nobody trained on


@pytest.mark.parametrize(("text", "says"), [
    ("40 by Annna", "as Anna"), ("by Anna", "no digits"), ("12x", "neither a digit"),
    ("1" * (MAX_DIGITS + 1), f"at most {MAX_DIGITS}"), ("", "empty"), ("٣", "neither"),
])
def test_what_cannot_be_read_gets_a_sentence(text, says):
    with pytest.raises(InputError, match=says):
        TASK.parse(text)


def test_augmented_clips_stay_in_range_and_keep_silence_silent():
    rng = np.random.default_rng(0)
    frames = TASK.frames(TASK.parse(TASK.example))
    shapes = set()
    for _ in range(50):
        changed = augment(frames, rng)
        shapes.add(len(changed))
        assert changed.dtype == np.float32
        assert changed.shape[1] == FRAME_SIZE
        assert changed.min() == -1
        assert changed.max() == pytest.approx(LOUDEST)
    assert len(shapes) > 5
    assert 0.7 * len(frames) < min(shapes) <= max(shapes) < 1.3 * len(frames) + 5
    assert (augment(np.full((4, FRAME_SIZE), -1, np.float32), rng)[:, :NUM_BANDS] == -1).all()


def test_batches_have_one_length_and_follow_the_seed():
    splits = make_splits(TASK, SMALL)

    def epoch(seed):
        batches = make_batches(splits, 16, make_generator(seed, "shuffling"))
        return list(batches.epoch(1))

    one, two, other = epoch(1), epoch(1), epoch(2)
    assert sum(map(len, one)) == len(splits.train)
    for batch, same in zip(one, two, strict=True):
        assert bool((batch.source_lengths == batch.source.size(1)).all())
        assert bool((batch.source == same.source).all())
    assert one[0].source.shape != other[0].source.shape or bool(
        (one[0].source != other[0].source).any())


def test_the_places_of_an_answer_are_times():
    experiment = Experiment("spoken-digits", TINY, SMALL)
    p = experiment.predict(TASK.example)
    assert p.positions[:3] == ("0.00 s", "0.06 s", "0.12 s")
    assert len(p.positions) == len(p.encoder_states) == p.attention.shape[1]
    seen = experiment.insight(p)
    assert seen.num_read == len(p.positions)
    assert len(seen.moments) == len(p.positions) + len(p.steps)
    reading, _ = experiment.gates(p)
    assert len(reading.states) == len(p.positions)
    assert experiment.beam(TASK.example, 2).best
    assert experiment.membership(p.source) == "longer"  # the title says: new voices
    assert experiment.membership(experiment.splits.train[0].source) == "memorised"
    assert experiment.membership(TASK.parse("9999 by Anna")) == "new"


def test_saved_models_hear_the_same(tmp_path):
    experiment = Experiment("spoken-digits", TINY, SMALL)
    again = Experiment.load(experiment.save(tmp_path / "model"))
    assert again.predict(TASK.example).tokens == experiment.predict(TASK.example).tokens
