"""“Record your own voice”: adapts a copy of the model to ten clips from the visitor's microphone.

The recordings stay in the memory of the session. The file that Gradio writes for an arriving clip
is deleted as soon as it has been read.
"""

import wave
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio.components import Component

from seq2seq.errors import InputError, Seq2SeqError
from seq2seq.experiment import Experiment
from seq2seq.i18n import _
from seq2seq.jobs.runs import Run
from seq2seq.speech_recognition.speaker_adaptation import (
    ENROLMENT,
    MIN_RECORDINGS,
    FineTuned,
    fine_tune,
    with_recorded,
)
from seq2seq.tasks import Task
from seq2seq.tasks.recorded_digits import Recording
from seq2seq.tasks.spoken_digits import SPOKEN_DIGITS, SpokenDigits
from seq2seq.ui.components import html
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.html import percent
from seq2seq.ui.components.token_tiles import TokenRow, marked_tiles, tiles
from seq2seq.ui.lab import Lab
from seq2seq.ui.session import Session

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


@dataclass(frozen=True)
class Clip:
    """One recording, and the digits that the unadapted model recognised."""

    recording: Recording
    recognised: tuple[str, ...]


class Recorder:
    """The components, which are visible only for spoken digits."""

    def __init__(self, session: Session) -> None:
        self.session = session
        with gr.Column(visible=False) as self.column, gr.Accordion(
                _("Record your own voice"), open=False, elem_classes=["card", "record"]):
            gr.HTML(introduction(), js_on_load=asset("js/recording.js"), apply_default_css=False)
            self.clips = gr.State([])
            self.prompt = gr.HTML(prompt([]), apply_default_css=False)
            with gr.Row(elem_classes="record-row"):
                self.microphone = gr.Audio(
                    sources=["microphone"], type="filepath", format="wav", buttons=[],
                    label=_("Microphone"), editable=False, elem_classes="microphone-box")
                with gr.Column(min_width=0):
                    self.upload = gr.UploadButton(
                        _("Or upload ten .wav files"), file_count="multiple",
                        file_types=[".wav"], size="md", elem_classes="quiet")
                    self.again = gr.Button(_("Delete all clips and start again"), size="md",
                                           elem_classes="quiet")
                    self.tune = gr.Button(_("Adapt a copy to my voice"), interactive=False,
                                          variant="secondary", elem_classes="quiet")
            self.problem = gr.HTML(html.problem(""), apply_default_css=False)
            self.result = gr.HTML("", apply_default_css=False)

    def outputs(self) -> list[Component]:
        """The components that `show` updates."""
        return [self.column]

    def show(self, task: Task) -> dict[Any, Any]:
        """Updates for a task."""
        return {self.column: gr.update(visible=isinstance(task, SpokenDigits))}

    def wire(self) -> None:
        """Connect the controls."""
        shown = [self.clips, self.prompt, self.problem, self.tune]
        known = [self.clips, self.session.selected]
        self.microphone.stop_recording(
            self.recorded, [self.microphone, *known], [*shown, self.microphone], **QUIET)
        self.upload.upload(self.uploaded, [self.upload, *known], shown, **QUIET)
        self.again.click(lambda: {**self.now([]), self.result: ""}, None, [*shown, self.result],
                         **QUIET)
        self.tune.click(
            lambda clips: {self.tune: gr.update(interactive=False), self.problem: html.problem(""),
                           self.result: working(len(clips))},
            self.clips, [self.tune, self.problem, self.result], **QUIET).then(
            # One adaptation at a time, in a thread: others wait, and the page stays responsive.
            self.adapt, known, [self.tune, self.problem, self.result], concurrency_limit=1,
            **QUIET)

    def recorded(self, path: Any, clips: list[Clip], selected: Any) -> dict:
        """Add a clip from the microphone, and clear the microphone for the next one."""
        number = len(clips)
        try:
            rate, samples = read_once(path)
            if number >= len(ENROLMENT):
                raise InputError("All {n} clips are recorded: adapt a copy of the model, or start "
                                 "again.", n=number)
            clip = self.transcribe(Recording(rate, samples, ENROLMENT[number]), selected)
        except Seq2SeqError as problem:
            return {self.problem: html.problem(_(problem)), self.microphone: None}
        return {**self.now([*clips, clip]), self.microphone: None}

    def uploaded(self, paths: Any, clips: list[Clip], selected: Any) -> dict:
        """Replace the clips with uploaded files, whose names contain the digits: 40.wav."""
        found = []
        try:
            if isinstance(paths, list) and len(paths) > len(ENROLMENT):
                raise InputError("There are {n} files: at most {most} are allowed. Choose "
                                 "fewer.", n=len(paths), most=len(ENROLMENT))
            for path in paths if isinstance(paths, list) else [paths]:
                digits = "".join(c for c in Path(str(path)).stem if c in "0123456789")
                name = Path(str(path)).name
                rate, samples = read_once(path)
                if not digits:
                    raise InputError("The file name {name} does not contain the spoken digits: "
                                     "name each file after its digits, for example "
                                     "40.wav.", name=name)
                found.append(self.transcribe(Recording(rate, samples, digits), selected))
        except Seq2SeqError as problem:
            return {self.problem: html.problem(_(problem))}
        finally:
            for path in paths if isinstance(paths, list) else [paths]:
                delete_file(path)
        # In the order of the prompts, both halves (every second clip) contain every digit.
        order = {digits: place for place, digits in enumerate(ENROLMENT)}
        return self.now(sorted(found, key=lambda c: order.get(c.recording.digits, len(order))))

    def now(self, clips: list[Clip]) -> dict[Any, Any]:
        """Updates that show these clips."""
        return {self.clips: clips, self.prompt: prompt(clips), self.problem: html.problem(""),
                self.tune: gr.update(interactive=len(clips) >= MIN_RECORDINGS)}

    def transcribe(self, recording: Recording, selected: Any) -> Clip:
        """The recording with the recognised digits. InputError if it cannot be used."""
        with self.session.lab.turn():
            model = speech_model(self.session.lab, self.session.lab.find(selected))
            p = with_recorded(model, [recording]).predict("Recording 1")
        return Clip(recording, p.tokens)

    def adapt(self, clips: list[Clip], selected: Any) -> dict:
        """Adapt a copy of the model to the clips, and show the scores before and after."""
        try:
            with self.session.lab.turn():
                model = speech_model(self.session.lab, self.session.lab.find(selected))
                words = outcome(fine_tune(model, [clip.recording for clip in clips]))
        except Seq2SeqError as problem:
            return {self.problem: html.problem(_(problem)), self.result: "",
                    self.tune: gr.update(interactive=True)}
        return {self.problem: html.problem(""), self.result: words,
                self.tune: gr.update(interactive=True)}


def speech_model(lab: Lab, run: Run | None) -> Experiment:
    """The selected run's model if it recognises digits, else the pre-trained model."""
    if run and run.recipe.task == SPOKEN_DIGITS.name and run.blobs:
        return lab.experiment_for(run)
    ready = lab.pretrained(SPOKEN_DIGITS.name)
    if ready is None:
        raise InputError("There is no speech model yet: train one on spoken digits, then come "
                         "back.")
    return ready.experiment


def read_once(path: Any) -> tuple[int, np.ndarray]:
    """The sample rate and the samples (n, channels) of a WAV file, which is then deleted.

    InputError if it is not a WAV file.
    """
    try:
        with wave.open(str(path), "rb") as file:
            rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            data = file.readframes(min(file.getnframes(), 10 * rate))
    except (wave.Error, OSError, EOFError, ValueError):
        raise InputError("{name} is not a readable recording: record it again, or upload .wav "
                         "files (PCM).", name=escape(Path(str(path)).name)) from None
    finally:
        delete_file(path)
    if width not in (1, 2, 4) or not channels:
        raise InputError("The recording has {n} bits per sample: use 16.", n=8 * width)
    data = data[: len(data) - len(data) % (width * channels)]
    samples = np.frombuffer(data, {1: "u1", 2: "<i2", 4: "<i4"}[width])
    if width == 1:
        samples = (samples.astype("<i2") - 128) * 256
    return rate, samples.reshape(-1, channels)


def delete_file(path: Any) -> None:
    """Delete a file that Gradio has written, and its folder if it is empty."""
    with suppress(OSError, TypeError):
        Path(str(path)).unlink(missing_ok=True)
        Path(str(path)).parent.rmdir()


def introduction() -> str:
    """HTML: the purpose of the recordings, and how they are handled."""
    what = _(
        "The model was trained only on synthetic voices. Record ten short clips to see how well it "
        "recognises your voice. Then copies of the model are adapted to your voice: each copy is "
        "trained for a few seconds on one half of the clips, and tested on the other half.")
    kept = _(
        "Your recordings are not saved: the server keeps them in memory until you leave the page. "
        "Ten clips are few: you will see how much they help.")
    return (f'<p>{escape(what)}</p><p class="soft">{escape(kept)}</p>'
            '<p class="problem microphone" role="alert"></p>')


def prompt(clips: list[Clip]) -> str:
    """HTML: the next digits to say, and the clips so far with the recognised digits."""
    number = len(clips)
    if number < len(ENROLMENT):
        digits = tiles(TokenRow(tuple(ENROLMENT[number]), ENROLMENT[number]), "ctx", _("say this"))
        how = _("clip {number} of {total}: press Record, say the digits one after the other, "
                "press Stop", number=number + 1, total=len(ENROLMENT))
        now = (f'<div class="say-now"><b>{escape(_("Say"))}</b> {digits} '
               f'<span class="soft">{escape(how)}</span></div>')
    else:
        right = sum(clip.recognised == tuple(clip.recording.digits) for clip in clips)
        there = escape(_("All {n} clips are recorded.", n=number))
        understood = escape(_("Before any adaptation, the model recognised {n} of "
                              "them.", n=right))
        now = f'<div class="say-now"><b>{there}</b> {understood}</div>'
    items = "".join(
        '<li><span class="soft">'
        f'{escape(_("you said {digits}, the model recognised", digits=clip.recording.digits))}'
        "</span> "
        f"{heard_tiles(clip.recognised, clip.recording.digits)}</li>" for clip in clips)
    return f'<div aria-live="polite">{now}<ol class="clips">{items}</ol></div>'


def heard_tiles(recognised: tuple[str, ...], digits: str) -> str:
    """The recognised digits as tiles, marked as correct or wrong."""
    return marked_tiles(TokenRow(recognised, "".join(recognised)), tuple(digits))


def working(count: int) -> str:
    """The message during the adaptation."""
    words = _("Three copies are being trained on your clips, mixed with clips from the original "
              "training data: one on all {n} clips, and one on each half of them, for the test. "
              "This takes a few seconds…", n=count)
    return f'<p class="soft" role="status">{escape(words)}</p>'


def outcome(found: FineTuned) -> str:
    """HTML: the scores before and after the adaptation, and a table of all clips."""
    rows = "".join(
        f'<tr><th scope="row">{escape("".join(a.example.target))}</th>'
        f'<td>{heard_tiles(b.tokens, "".join(b.example.target))}</td>'
        f'<td>{heard_tiles(a.tokens, "".join(a.example.target))}</td></tr>'
        for b, a in zip(found.before, found.after, strict=True))
    before, after = found.before_score, found.after_score
    if after > before or (after == before and found.after_errors < found.before_errors):
        says = _("A few seconds of your voice improved the recognition.")
    elif after == before == 1:
        says = _("The model recognised all clips without adaptation, so there was nothing to "
                 "improve.")
    else:
        says = _("The adaptation did not help this time: ten clips are few, and what a copy learns "
                 "from one half may not help with the other.")
    result = _("Clips recognised correctly: {before} before the adaptation, {after} after it.",
               before=percent(before), after=percent(after))
    errors = _("Digit error rate: {before} before and {after} after, measured on clips that the "
               "copy was not trained on.",
               before=percent(found.before_errors), after=percent(found.after_errors))
    heads = "".join(f'<th scope="col">{escape(head)}</th>'
                    for head in (_("You said"), _("Before"), _("After")))
    return (f'<p role="status"><b>{escape(result)}</b> {escape(says)}</p>'
            f'<p class="soft">{escape(errors)}</p>'
            f'<table class="before-after"><thead><tr>{heads}</tr></thead>'
            f"<tbody>{rows}</tbody></table>")
