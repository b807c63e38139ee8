"""Recordings on the page: read once, then deleted; messages about them."""

import wave
from pathlib import Path

import numpy as np
import pytest

from seq2seq.errors import InputError
from seq2seq.speech_recognition.speaker_adaptation import ENROLMENT
from seq2seq.tasks.recorded_digits import Recording
from seq2seq.ui.tabs.recording import Clip, Recorder, prompt, read_once


def write(path: Path, width: int, samples: bytes, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(16_000)
        file.writeframes(samples)
    return path


@pytest.mark.parametrize(("width", "data", "first"), [
    (1, bytes([128, 255]), [0, 127 * 256]), (2, b"\x00\x00\xff\x7f", [0, 32767]),
    (4, b"\x00\x00\x00\x00\xff\xff\xff\x7f", [0, 2**31 - 1])])
def test_a_recording_is_read_and_then_gone(tmp_path, width, data, first):
    folder = tmp_path / "upload"
    folder.mkdir()
    rate, samples = read_once(write(folder / "40.wav", width, data))
    assert rate == 16_000
    assert samples[:, 0].tolist() == first
    assert not folder.exists()


def test_channels_are_columns(tmp_path):
    data = np.arange(8, dtype="<i2").tobytes()
    _, samples = read_once(write(tmp_path / "a.wav", 2, data, channels=2))
    assert samples.shape == (4, 2)


@pytest.mark.parametrize("data", [b"", b"RIFF", bytes(500), b"<b>no sound</b>"])
def test_what_is_no_recording_gets_a_sentence_and_is_gone_too(tmp_path, data):
    path = tmp_path / "x.wav"
    path.write_bytes(data)
    with pytest.raises(InputError, match="not a readable recording"):
        read_once(path)
    assert not path.exists()


def test_the_prompt_says_what_comes_next_and_what_was_heard():
    recording = Recording(16_000, np.zeros(1), ENROLMENT[0])
    words = prompt([Clip(recording, ("4", "9"))])
    assert f"clip 2 of {len(ENROLMENT)}" in words
    assert f"you said {ENROLMENT[0]}" in words
    assert "wrong, expected 0" in words
    assert "recognised 0 of them" in prompt([Clip(recording, ("4", "9"))] * len(ENROLMENT))


def test_no_more_files_are_read_than_clips_are_used(tmp_path):
    recorder = Recorder.__new__(Recorder)
    recorder.problem = "problem"
    paths = [str(write(tmp_path / f"{i}.wav", 2, bytes(4))) for i in range(len(ENROLMENT) + 1)]
    assert "Choose fewer" in recorder.uploaded(paths, [], "")["problem"]
    assert not any(Path(path).exists() for path in paths)
