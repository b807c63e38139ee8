"""The sections that change something: an input token, an output token, attention, the whole input.

Each section has a form, which depends on the sequence, and an answer (see `sections.py`).
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from seq2seq.data.vocabulary import EOS, SPECIALS
from seq2seq.decoding.greedy import Prediction
from seq2seq.errors import InputError, shorten
from seq2seq.evaluation.metrics import edit_distance
from seq2seq.figures.style import percent_text
from seq2seq.figures.what_if import distances
from seq2seq.i18n import LazyText, _, ngettext
from seq2seq.inspection.trace import Pair, compare_states, name, written
from seq2seq.tasks import MAX_TOKENS, Tokens
from seq2seq.ui.components import token_tiles
from seq2seq.ui.tabs.inside import pieces
from seq2seq.ui.tabs.inside.panels import Query, reads_sound
from seq2seq.ui.tabs.inside.pieces import Cell, cells, places

END = SPECIALS[EOS]
SOUND_HAS_NO_TOKENS = LazyText(
    "This model reads sound, which has no tokens to change. Change the digits in the box above, or "
    "choose another voice on the first tab: the same digits then sound different.")
NO_ATTENTION = LazyText(
    "This model has no attention, so there is nothing to redirect. Train a model with attention to "
    "use this.")
PLACE, STEP = LazyText("The position"), LazyText("The step")
LEFT_ALONE = LazyText("Unchanged")
WHILE_WRITING = LazyText("while writing")
NO_TOKEN = LazyText("“{token}” is not a token of this task: choose another one.")


# --- change a token ----------------------------------------------------------------------------

HOWS = {"replace": LazyText("replace"), "insert": LazyText("insert before"),
        "delete": LazyText("delete")}


def change_form(query: Query, p: Prediction) -> str:
    """The action, the position and the new token."""
    if reads_sound(p):
        return ""
    symbols = query.experiment.splits.source_vocabulary.symbols
    middle = len(p.source) // 2
    other = next((s for s in symbols[::-1] if s != p.source[middle]), symbols[0])
    hows = [(how, _(words)) for how, words in HOWS.items()]
    return (pieces.select("how", _("Action"), hows, "replace")
            + pieces.select("place", _("input token"), places(p.source), middle)
            + pieces.token_box("token", _("New token"), symbols, other))


def changed_source(query: Query, source: Tokens) -> Tokens:
    """The sequence after the change in the form."""
    how, token = query.word("how") or "replace", query.word("token")
    at = query.number("place", 0, len(source) - 1, PLACE)
    if how not in HOWS:
        raise InputError("“{how}” is not known: choose replace, insert or delete.",
                         how=shorten(how))
    if how != "delete" and token not in query.experiment.splits.source_vocabulary:
        raise InputError(NO_TOKEN, token=shorten(token))
    put = {"replace": (token,), "insert": (token, source[at]), "delete": ()}[how]
    changed = (*source[:at], *put, *source[at + 1 :])
    if not changed:
        raise InputError("This is the only token: at least one must remain.")
    if len(changed) > MAX_TOKENS:
        raise InputError("The sequence already has {most} tokens, the maximum.",
                         most=MAX_TOKENS)
    return changed


def change(query: Query) -> dict[str, Any]:
    """Both sequences with their answers, and the distances between their hidden states."""
    one = query.predict()
    if reads_sound(one):
        return {"html": pieces.sentence(_(SOUND_HAS_NO_TOKENS))}
    task = query.experiment.task
    two = query.experiment.predict(task.format(changed_source(query, one.source)))
    reading, writing = compare_states(one, two)
    table = pieces.rows([
        (_("Your input"), _side([p.one for p in reading], one.source, "same")),
        (_("Changed"), _differences([(p.one, p.two) for p in reading], one.source, two.source)),
    ]) + pieces.rows([
        (_("Answer before"), _side([p.one for p in writing], written(one), "same")),
        (_("Answer now"),
         _differences([(p.one, p.two) for p in writing], written(one), written(two))),
    ])
    right = token_tiles.verdict(two.target, two.tokens, two.finished)
    differing = sum(p.one is None or p.two is None or written(one)[p.one] != written(two)[p.two]
                    for p in writing)
    changed = (ngettext("{n} output token changed.", "{n} output tokens changed.", differing)
               if differing else _("No output tokens changed."))
    says = _("New answer: {verdict}. Below: the distance between the two hidden states at each "
             "position (0: identical).", verdict=right)
    return {"html": table + pieces.sentence(f"{changed} {says}"), "figure": distances([
        (_("while reading"), "enc", _bars(reading, one.source, two.source)),
        (_(WHILE_WRITING), "dec", _bars(writing, written(one), written(two))),
    ]).to_plotly_json()}


def _side(indices: Sequence[int | None], tokens: Sequence[str], kind: str) -> list[Cell]:
    return [Cell(None) if i is None else Cell(tokens[i], kind) for i in indices]


def _differences(pairs: Sequence[tuple[int | None, int | None]], one: Sequence[str],
                 two: Sequence[str]) -> list[Cell]:
    return [Cell(None) if j is None else
            Cell(two[j], "same" if i is not None and one[i] == two[j] else "other")
            for i, j in pairs]


def _bars(pairs: Sequence[Pair], one: Sequence[str],
          two: Sequence[str]) -> list[tuple[str, float | None]]:
    return [(name(two[p.two]) if p.two is not None else name(one[p.one or 0]), p.distance)
            for p in pairs]


# --- force a token -----------------------------------------------------------------------------

def force_form(query: Query, p: Prediction) -> str:
    """The output position and the forced token."""
    symbols = (*query.experiment.splits.target_vocabulary.symbols, END)
    step = min(1, len(p.steps) - 1)
    second = next((t for t, _ in p.steps[step].top if t != p.steps[step].token and t in symbols),
                  symbols[0])
    return (pieces.select("step", _("At output token"), places(written(p)), step)
            + pieces.token_box("token", _("write"), symbols, second))


def force(query: Query) -> dict[str, Any]:
    """The model's own answer, and its answer after a forced token."""
    free = query.predict()
    step, token = query.number("step", 0, len(free.steps) - 1, STEP), query.word("token")
    token = END if token == name(END) else token
    if token != END and token not in query.experiment.splits.target_vocabulary:
        raise InputError(NO_TOKEN, token=shorten(token))
    forced = query.predict(forced={step: token})
    own, made = written(free), written(forced)
    after = step + 1
    tiles = [*cells(made[:step]), Cell(token, "made"), *cells(made[after:], own[after:])]
    later = edit_distance(made[after:], own[after:])
    chance = percent_text(math.exp(forced.steps[step].log_prob))
    made_it = _("You forced “{token}”. The model had given it a probability of "
                "{share}.", token=name(token),
                share=chance)
    if token == own[step]:
        sentences = [_("The model chooses this token itself: nothing changes.")]
    elif later:
        sentences = [made_it, ngettext(
            "{n} later token changed: the model reads its own mistakes, and errors "
            "compound.", "{n} later tokens changed: the model reads its own mistakes, and errors "
                         "compound.", later)]
    else:
        sentences = [made_it, _("No later token changed: here the rest of the answer does not "
                                "depend on this token.")]
    sentences.append(_("Below: the distance between the two hidden states (0: identical)."))
    return {"html": pieces.rows([(_(LEFT_ALONE), cells(own)), (_("With your token"), tiles)])
            + pieces.sentence(" ".join(sentences)), "figure": _apart(free, forced)}


def _apart(one: Prediction, two: Prediction) -> dict[str, Any]:
    """The distances between the hidden states of two answers to the same input, per step."""
    bars = [(b.token, float(np.linalg.norm(a.state - b.state)))
            for a, b in zip(one.steps, two.steps, strict=False)]
    return distances([(_(WHILE_WRITING), "dec", bars)]).to_plotly_json()


# --- redirect attention, remove the input ------------------------------------------------------

def redirect_form(query: Query, p: Prediction) -> str:
    """The output position, and the input position to attend to."""
    if p.attention is None:
        return ""
    return (pieces.select("step", _("For output token"), places(written(p)), 0)
            + pieces.select("place", _("attend only to input"), places(p.positions),
                            int((p.attention[0].argmax() + 1) % len(p.positions))))


def redirect(query: Query) -> dict[str, Any]:
    """The answer if one step attends only to the chosen position."""
    free = query.predict()
    if free.attention is None:
        return {"html": pieces.sentence(_(NO_ATTENTION)), "train": "attention"}
    step = query.number("step", 0, len(free.steps) - 1, STEP)
    place = query.number("place", 0, len(free.positions) - 1, PLACE)
    weights = [float(i == place) for i in range(len(free.positions))]
    moved = query.predict(attention={step: weights})
    own, made = written(free), written(moved)
    if made[step] == own[step]:
        finding = _("It still writes “{token}”.", token=name(made[step]))
    else:
        finding = _("With all attention on “{read}”, it writes "
                    "“{token}”.", read=free.positions[place],
                    token=name(made[step]))
    strongest = _("Without your change, its attention at this step is strongest at position "
                  "{place}.",
                  place=int(free.attention[step].argmax()) + 1)
    return {"html": pieces.rows([(_(LEFT_ALONE), cells(own)),
                                 (_("Attention redirected"), cells(made, own))])
            + pieces.sentence(f"{finding} {strongest}")}


def zero(query: Query) -> dict[str, Any]:
    """The answer with the input, and with zeros in place of the encoder's states."""
    free, without = query.predict(), query.predict(zero_context=True)
    if free.attention is None:
        says = _("The context is set to zeros, so the decoder has no information about your "
                 "input.")
    else:
        says = _("The context and every state that attention could use are set to zeros, so the "
                 "decoder has no information about your input.")
    prior = _("What the decoder still writes comes from training alone and is the same for every "
              "input.")
    return {"html": pieces.rows([
        (_("With the input"), cells(written(free))),
        (_("Without the input"), cells(written(without), written(free)))])
        + pieces.sentence(f"{says} {prior}")}
