"""The audio input on the first tab: a player, a menu of voices, the spectrogram."""

import base64
import io
import json
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import gradio as gr
import numpy as np
from gradio.components import Component

from seq2seq.decoding.greedy import Prediction
from seq2seq.errors import Seq2SeqError
from seq2seq.figures.sound import SPECTROGRAM_HEIGHT, Word, spectrogram
from seq2seq.i18n import _
from seq2seq.speech.log_mel import COLUMNS_PER_FRAME, HOP, LOUDEST, SAMPLE_RATE, unstack
from seq2seq.speech.voices import HELD_OUT, KNOWN
from seq2seq.tasks import Task, Tokens
from seq2seq.tasks.spoken_digits import SpokenDigits, digits_of, parts
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.charts import PLOTLY_HEAD, chart_scripts

COLUMN_SECONDS = HOP / SAMPLE_RATE
TEMPLATE = (
    '<div class="sound"><p class="says soft"></p><audio controls preload="auto"></audio>'
    f'<div class="chart" role="img" style="height:{SPECTROGRAM_HEIGHT}px"></div></div>')


@dataclass(frozen=True)
class SoundInput:
    """The audio that a model read: log-mel columns (C, 40) from 0 to 1, and its words."""

    columns: np.ndarray
    words: list[Word]

    def levels(self, count: int) -> list[float]:
        """The loudness of `count` equal segments, from 0 to 1."""
        return [float(part.max()) for part in np.array_split(self.columns.max(axis=1), count)]

    def word(self, frame: int) -> str:
        """The word at a frame (`COLUMNS_PER_FRAME` columns); "" before the first word."""
        middle = (frame + .5) * COLUMNS_PER_FRAME * COLUMN_SECONDS
        return next((word for at, word in reversed(self.words) if at <= middle), "")

    def attention_path(self, prediction: Prediction) -> str:
        """A sentence: for how many digits the attention peak lies inside the correct word."""
        if prediction.attention is None or len(prediction.tokens) != len(self.words):
            return ""
        peaks = prediction.attention.argmax(axis=1)
        hits = sum(self._is_within(int(peak), index)
                   for index, peak in enumerate(peaks[: len(self.words)]))
        return _("As the model writes, its attention moves along the sound: for {hits} of "
                 "{total} digits the largest weight lies inside the correct "
                 "word.", hits=hits, total=len(self.words))

    def _is_within(self, frame: int, index: int) -> bool:
        middle = (frame + .5) * COLUMNS_PER_FRAME * COLUMN_SECONDS
        ends = [*(at for at, _ in self.words[1:]), float("inf")]
        return self.words[index][0] <= middle < ends[index]


class SoundPlayer:
    """The components, which are visible only for spoken digits."""

    def __init__(self) -> None:
        with gr.Column(visible=False, elem_classes="sound-column") as self.column:
            self.voice = gr.Dropdown(
                [*((_("{voice} – not used in training", voice=v), v) for v in HELD_OUT),
                 *((v, v) for v in KNOWN)],
                label=_("Voice"), value=next(iter(HELD_OUT)), filterable=True,
                info=_("{known} synthetic voices were used in training, {new} were not.",
                       known=len(KNOWN), new=len(HELD_OUT)))
            self.view = gr.HTML(
                value={}, html_template=TEMPLATE, apply_default_css=False, elem_id="sound",
                js_on_load=chart_scripts() + asset("js/audio.js"),
                head=PLOTLY_HEAD)

    def outputs(self) -> list[Component]:
        """The components that `show` updates."""
        return [self.column, self.voice, self.view]

    def show(self, task: Task, text: Any) -> dict[Any, Any]:
        """Updates for a text; everything is hidden for tasks without audio."""
        if not isinstance(task, SpokenDigits):
            return {self.column: gr.update(visible=False)}
        updates: dict[Any, Any] = {self.column: gr.update(visible=True)}
        try:
            tokens = task.parse(text)
            updates[self.view] = sound_value(task, tokens)
        except Seq2SeqError:  # the error is shown below the text box
            return updates
        return updates | {self.voice: tokens[0]}


def with_voice(task: Task, text: Any, voice: Any) -> Any:
    """The text for the same digits by another voice; no change if the text cannot be read."""
    if not isinstance(task, SpokenDigits) or (voice not in KNOWN and voice not in HELD_OUT):
        return gr.skip()
    try:
        digits = digits_of(task.parse(text))
    except Seq2SeqError:
        return gr.skip()
    return f"{''.join(digits)} by {voice}"


def sound_value(task: SpokenDigits, tokens: Tokens) -> dict[str, Any]:
    """The audio and the spectrogram of a source, for the page's JavaScript."""
    columns = loudness(task, tokens)
    audio = ""
    says = who_speaks([voice for voice, _ in parts(tokens)])
    try:
        audio = as_wav(*task.audio(tokens))
    except Seq2SeqError as problem:
        says = f"{_(problem)}."
    figure = spectrogram(columns, COLUMN_SECONDS, words_of(task, tokens))
    return {"says": says, "audio": audio, "figure": json.loads(figure.to_json())}


def who_speaks(voices: Sequence[str]) -> str:
    """A sentence: the voices, and which of them were used in training."""
    new = [voice for voice in voices if voice in HELD_OUT]
    if not new:
        return _("{voices}: used in training, with other digits.", voices=_all_of(voices))
    if len(voices) == 1:
        return _("{voice}: a voice not used in training.", voice=voices[0])
    return _("{voices}: {new} not used in training.", voices=_all_of(voices), new=_all_of(new))


def _all_of(names: Sequence[str]) -> str:
    return reduce(lambda one, other: _("{one} and {other}", one=one, other=other), names)


def loudness(task: SpokenDigits, tokens: Tokens) -> np.ndarray:
    """The log-mel columns that the encoder reads, (C, 40) from 0 (silence) to 1."""
    return (unstack(task.frames(tokens)) + 1) / (LOUDEST + 1)


def words_of(task: SpokenDigits, tokens: Tokens) -> list[Word]:
    """The start of each digit; [] without the speech synthesiser, which measures it."""
    try:
        return list(zip(task.word_starts(tokens), digits_of(tokens), strict=True))
    except Seq2SeqError:
        return []


def as_wav(rate: int, samples: np.ndarray) -> str:
    """Samples (n,) int16 as a data URL, so that no file is written."""
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return "data:audio/wav;base64," + base64.b64encode(data.getvalue()).decode()


