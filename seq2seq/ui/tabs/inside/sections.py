"""The sections of “Look inside” that answer a question about the model.

Each entry has a form, which depends on the sequence, and an answer, which is computed whenever the
form changes. The page's JavaScript works for all of them: it sends the values of the form and shows
the answer, a dict with `html`, optionally a `figure`, and optionally `frames`: pieces of HTML
between which the form's slider or (with `follows`) the slider of steps selects.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seq2seq.decoding.greedy import Prediction
from seq2seq.i18n import LazyText
from seq2seq.ui.tabs.inside.alternatives import (
    beam,
    beam_form,
    code,
    code_form,
    epochs,
    epochs_form,
    forcing,
    nearest,
)
from seq2seq.ui.tabs.inside.edits import (
    change,
    change_form,
    force,
    force_form,
    redirect,
    redirect_form,
    zero,
)
from seq2seq.ui.tabs.inside.panels import Query
from seq2seq.ui.tabs.inside.sampling import sampling, sampling_form
from seq2seq.ui.tabs.inside.units import cloud, cloud_form, unit, unit_form
from seq2seq.ui.tabs.inside.why import why


@dataclass(frozen=True)
class Section:
    """One section."""

    name: str
    title: LazyText
    question: LazyText
    answer: Callable[[Query], dict[str, Any]]
    form: Callable[[Query, Prediction], str] = lambda query, prediction: ""
    height: int = 0  # of its chart in pixels, if it has one


def forms(query: Query) -> dict[str, str]:
    """The forms of all sections for one sequence, by name."""
    prediction = query.predict()
    return {what_if.name: what_if.form(query, prediction) for what_if in SECTIONS}


GROUPS: tuple[tuple[LazyText, tuple[Section, ...]], ...] = (
    (LazyText("Change something and see the effect"), (
        Section("why", LazyText("Why did it say that?"),
                LazyText("Which single changes repair a wrong answer?"), why),
        Section("change", LazyText("Change an input token"),
                LazyText("Which outputs depend on it?"), change, change_form, 200),
        Section("force", LazyText("Force an output token"),
                LazyText("What if the model had written something else?"), force, force_form, 200),
        Section("redirect", LazyText("Redirect attention"),
                LazyText("What does the model write when it attends to another "
                         "position?"), redirect, redirect_form),
        Section("zero", LazyText("Remove the input"),
                LazyText("What does the model write without any information about the "
                         "input?"), zero))),
    (LazyText("Other ways to decode"), (
        Section("beam", LazyText("Beam search"),
                LazyText("Would it help to keep several partial answers?"), beam, beam_form, 260),
        Section("sampling", LazyText("Sampling"),
                LazyText("What else does the model write when each token is drawn at random? "
                         "(temperature and top-k)"), sampling, sampling_form),
        Section("forcing", LazyText("Teacher forcing"),
                LazyText("How much do the model's own mistakes cost? (reading the correct tokens, "
                         "compared with reading its own)"),
                forcing))),
    (LazyText("Where the answer comes from"), (
        Section("epochs", LazyText("Replay the training"),
                LazyText("When did the model learn this? (snapshots of its "
                         "training)"), epochs, epochs_form,
                250),
        Section("nearest", LazyText("Most similar decoder steps"),
                LazyText("On which training examples is the decoder's hidden state most similar? "
                         "(nearest neighbours)"),
                nearest),
        Section("unit", LazyText("One unit, many inputs"),
                LazyText("What does a single number of the hidden state track?"), unit, unit_form,
                400),
        Section("cloud", LazyText("All states of many inputs"),
                LazyText("Do the states group by position or by token?"), cloud, cloud_form, 340),
        Section("code", LazyText("Show me the code"), LazyText("Which Python code runs here?"),
                code, code_form))),
)
SECTIONS = tuple(what_if for _, group in GROUPS for what_if in group)
