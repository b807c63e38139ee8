"""The sections on many inputs: one unit along many sequences, and all states as points."""

import json
from html import escape
from typing import Any

from seq2seq.decoding.greedy import Prediction
from seq2seq.figures.style import percent_text
from seq2seq.figures.units import state_cloud, unit_values
from seq2seq.i18n import LazyText, _, decimal
from seq2seq.inspection.trace import name
from seq2seq.inspection.unit_tracking import ManyStates, Proposal, many_states, propose
from seq2seq.ui.tabs.inside import pieces
from seq2seq.ui.tabs.inside.panels import Query

PARTS = {"enc": LazyText("while reading (encoder)"), "dec": LazyText("while writing (decoder)")}
UNIT = LazyText("The unit")


def _part_menu() -> str:
    return pieces.select("part", _("States"), [(key, _(words)) for key, words in PARTS.items()],
                         "dec")


def _states(query: Query) -> ManyStates:
    part = "enc" if query.word("part") == "enc" else "dec"
    return many_states(query.experiment.model, query.experiment.splits, part)


def unit_form(query: Query, p: Prediction) -> str:
    """Encoder or decoder, and the number of the unit."""
    most = query.experiment.recipe.model.hidden_size
    return _part_menu() + pieces.number_box("unit", _("Unit"), 1, most, 1, _("Next unit"))


def unit(query: Query) -> dict[str, Any]:
    """One unit along many inputs, and the units that follow position, length or a token."""
    number = query.number("unit", 1, query.experiment.recipe.model.hidden_size, UNIT)
    found, part = _states(query), "enc" if query.word("part") == "enc" else "dec"
    has_tokens = part == "dec" or not query.experiment.task.frame_size
    listed = "".join(_proposal(one, part) for one in propose(found, has_tokens))
    says = _("Units that follow a property best, by their correlation over {n} inputs:",
             n=len(set(found.rows.tolist())))
    note = _("Below: unit {n}, a row for each input. A correlation does not show that the model "
             "uses the unit for this: force, redirect or change something to find out.", n=number)
    return {"html": f'<p class="finding">{escape(says)}</p><p class="proposals">{listed}</p>'
                    + pieces.sentence(note, "soft"),
            "figure": unit_values(found, number - 1).to_plotly_json()}


def _proposal(one: Proposal, part: str) -> str:
    what = {"position": _("position"), "remaining": _("steps that remain"),
            "length": _("length of the sequence"),
            "token": _("reads “{token}”", token=name(one.token))}[one.kind]
    words = _("unit {n}: {what} ({r})", n=one.unit + 1, what=what,
              r=decimal(one.correlation, "+.2f").replace("-", "−"))
    form = json.dumps({"ask": "unit", "part": part, "unit": one.unit + 1})
    return (f'<button type="button" class="plain" data-try="{escape(form)}">{escape(words)}'
            "</button> ")


def cloud_form(query: Query, p: Prediction) -> str:
    """Encoder or decoder, and what the colours mean."""
    colours = [("position", _("position")), ("token", _("token that is read"))]
    return _part_menu() + pieces.select("colour", _("Colour"), colours, "position")


def cloud(query: Query) -> dict[str, Any]:
    """All states of many inputs in two dimensions."""
    found = _states(query)
    figure, share = state_cloud(found, query.word("colour") == "token")
    return {"html": pieces.sentence(_(
        "{n} states of {inputs} inputs, in two dimensions that keep {share} of their variance "
        "(PCA).", n=len(found.states), inputs=len(set(found.rows.tolist())),
        share=percent_text(share))), "figure": figure.to_plotly_json()}
