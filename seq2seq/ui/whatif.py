"""The sub-sections of "Look inside": change something, and watch what the model makes of it.

Each is one entry here: a form (made anew for every sequence) and an answer (computed whenever the
form changes). The page's JavaScript knows none of them: it sends the form's values and shows what
comes back, which is `html`, a `figure`, and for what has several states `frames`, one piece of
HTML for each, chosen by the form's slider or (`follows`) by the slider of steps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seq2seq.inference import Prediction
from seq2seq.ui.inside import Asked
from seq2seq.ui.inside_change import change, change_form, force, force_form, gaze, gaze_form, zero
from seq2seq.ui.inside_ways import (
    beam,
    beam_form,
    code,
    code_form,
    epochs,
    epochs_form,
    forcing,
    nearest,
)


@dataclass(frozen=True)
class WhatIf:
    """One sub-section."""

    name: str
    title: str
    question: str
    answer: Callable[[Asked], dict[str, Any]]
    form: Callable[[Asked, Prediction], str] = lambda asked, prediction: ""
    height: int = 0  # of its chart in pixels, if it has one


def forms(asked: Asked) -> dict[str, str]:
    """The forms of all sub-sections for one sequence."""
    prediction = asked.predict()
    return {what_if.name: what_if.form(asked, prediction) for what_if in WHAT_IFS}


GROUPS: tuple[tuple[str, tuple[WhatIf, ...]], ...] = (
    ("Change something, and watch", (
        WhatIf("change", "Change a token of the input", "Which outputs depend on it?", change,
               change_form, 200),
        WhatIf("force", "Force a token of the output", "What if it had said something else?",
               force, force_form, 200),
        WhatIf("gaze", "Move its gaze", "What does it write when it must look elsewhere?", gaze,
               gaze_form),
        WhatIf("zero", "Take the input away", "What does it say with nothing to go on?", zero))),
    ("Other ways to write the answer", (
        WhatIf("beam", "Keep several answers in mind", "Would thinking ahead help? (beam search)",
               beam, beam_form, 260),
        WhatIf("forcing", "Correct it after every token", "How much do its own mistakes cost? "
               "(teacher forcing and free running)", forcing))),
    ("Where it comes from", (
        WhatIf("epochs", "Go back in time", "When did it learn this? (snapshots of its training)",
               epochs, epochs_form, 250),
        WhatIf("nearest", "What it is reminded of", "Which moments of its training were like this "
               "step? (nearest neighbours)", nearest),
        WhatIf("code", "Show me the code", "Which Python is running here?", code, code_form))),
)
WHAT_IFS = tuple(what_if for _, group in GROUPS for what_if in group)
