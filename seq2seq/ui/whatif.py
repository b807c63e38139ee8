"""The sub-sections of "Look inside": change something, and watch what the model makes of it.

Each is one entry of `WHAT_IFS`: a form (made anew for every sequence) and an answer (computed
whenever the form changes). The page's JavaScript knows none of them: it sends the form's values
and shows what comes back, which is `html`, a `figure`, and for what has several states `frames`,
one piece of HTML for each, chosen by the form's slider or (`follows`) by the slider of steps.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seq2seq.beam import ALPHA, MAX_WIDTH
from seq2seq.errors import InputError, shorten
from seq2seq.figures import share_text
from seq2seq.figures_whatif import attention_reel, beam_tree, distances
from seq2seq.inference import Prediction
from seq2seq.insight import Pair, compare_states, name, written
from seq2seq.tasks import MAX_TOKENS, Tokens
from seq2seq.ui import html
from seq2seq.ui import inside_html as pieces
from seq2seq.ui.code import coloured, running_code
from seq2seq.ui.inside import Asked
from seq2seq.ui.inside_html import Cell
from seq2seq.vocabulary import EOS, SPECIALS

END = SPECIALS[EOS]
NO_ATTENTION = ("This model has no attention: it never looks back, so there is no gaze to move. "
                "Train one with attention, and you can.")


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


def places(tokens: Sequence[str]) -> list[tuple[object, str]]:
    """Choices among the places of a sequence."""
    return [(i, f"{i + 1}: {name(token)}") for i, token in enumerate(tokens)]


def cells(tokens: Sequence[str], other: Sequence[str] | None = None) -> list[Cell]:
    """Tiles of an answer; where it differs from the `other` one, that is said."""
    if other is None:
        return [Cell(token) for token in tokens]
    return [Cell(token, "same" if i < len(other) and other[i] == token else "other")
            for i, token in enumerate(tokens)]


# --- change a token ----------------------------------------------------------------------------

HOWS = (("replace", "replace"), ("insert", "insert before"), ("delete", "delete"))


def change_form(asked: Asked, p: Prediction) -> str:
    """What to do, where, and with which token."""
    symbols = asked.experiment.splits.source_vocabulary.symbols
    middle = len(p.source) // 2
    other = next((s for s in symbols[::-1] if s != p.source[middle]), symbols[0])
    return (pieces.select("how", "Do", HOWS, "replace")
            + pieces.select("place", "input token", places(p.source), middle)
            + pieces.token_box("token", "with", symbols, other))


def changed_source(asked: Asked, source: Tokens) -> Tokens:
    """The sequence that the form asks for."""
    how, token = asked.word("how") or "replace", asked.word("token")
    at = asked.number("place", 0, len(source) - 1, "The place")
    if how not in dict(HOWS):
        raise InputError(f"“{shorten(how)}” is not known: choose replace, insert or delete.")
    if how != "delete" and token not in asked.experiment.splits.source_vocabulary:
        raise InputError(f"“{shorten(token)}” is not a token of this task: choose another one.")
    put = {"replace": (token,), "insert": (token, source[at]), "delete": ()}[how]
    changed = (*source[:at], *put, *source[at + 1 :])
    if not changed:
        raise InputError("That was the only token: something must be left to read.")
    if len(changed) > MAX_TOKENS:
        raise InputError(f"The sequence already has {MAX_TOKENS} tokens, as many as are read.")
    return changed


def change(asked: Asked) -> dict[str, Any]:
    """Both sequences with their answers, and how far their states are apart."""
    one = asked.predict()
    task = asked.experiment.task
    two = asked.experiment.predict(task.format(changed_source(asked, one.source)))
    reading, writing = compare_states(one, two)
    table = pieces.rows([
        ("Your input", _side([p.one for p in reading], one.source, "same")),
        ("Changed", _differences([(p.one, p.two) for p in reading], one.source, two.source)),
    ]) + pieces.rows([
        ("It wrote", _side([p.one for p in writing], written(one), "same")),
        ("It writes", _differences([(p.one, p.two) for p in writing], written(one), written(two))),
    ])
    right = html.verdict(two.target, two.tokens, two.finished)
    differing = sum(p.one is None or p.two is None or written(one)[p.one] != written(two)[p.two]
                    for p in writing)
    says = (f"{_count(differing, 'output token')} changed. The new answer: {right}. Below: how far "
            "apart the two states are at each place (0: the same).")
    return {"html": table + pieces.sentence(says), "figure": distances([
        ("while reading", "enc", _bars(reading, one.source, two.source)),
        ("while writing", "dec", _bars(writing, written(one), written(two))),
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


def _count(number: int, thing: str) -> str:
    return f"{number or 'No'} {thing}{'' if number == 1 else 's'}"


# --- force a token -----------------------------------------------------------------------------

def force_form(asked: Asked, p: Prediction) -> str:
    """Which step, and which token."""
    symbols = (*asked.experiment.splits.target_vocabulary.symbols, END)
    step = min(1, len(p.steps) - 1)
    second = next(t for t, _ in p.steps[step].top if t != p.steps[step].token)
    return (pieces.select("step", "At output token", places(written(p)), step)
            + pieces.token_box("token", "write", symbols, second))


def force(asked: Asked) -> dict[str, Any]:
    """The model's own answer, and the one in which a token was put by hand."""
    free = asked.predict()
    step, token = asked.number("step", 0, len(free.steps) - 1, "The step"), asked.word("token")
    token = END if token == name(END) else token
    if token != END and token not in asked.experiment.splits.target_vocabulary:
        raise InputError(f"“{shorten(token)}” is not a token of this task: choose another one.")
    forced = asked.predict(forced={step: token})
    own, made = written(free), written(forced)
    tiles = cells(made, own)
    tiles[step] = Cell(token, "made")
    later = sum(c.kind == "other" for c in tiles[step + 1 :]) + max(0, len(own) - len(made))
    chance = share_text(math.exp(forced.steps[step].log_prob))
    if token == own[step]:
        says = "That is its own choice: nothing changes."
    elif later:
        says = (f"You made it write “{name(token)}”, to which it gave {chance}. After that "
                f"{_count(later, 'token')} came out differently: it reads its own mistakes back, "
                "and errors compound.")
    else:
        says = (f"You made it write “{name(token)}”, to which it gave {chance}. After that it "
                "wrote what it would have written anyway: it does not depend on its past here.")
    return {"html": pieces.rows([("Left alone", cells(own)), ("With your token", tiles)])
            + pieces.sentence(f"{says} Below: how far apart the two states are (0: the same)."),
            "figure": _apart(free, forced)}


def _apart(one: Prediction, two: Prediction) -> dict[str, Any]:
    """How far apart two answers to the same input are, step by step."""
    bars = [(b.token, float(np.linalg.norm(a.state - b.state)))
            for a, b in zip(one.steps, two.steps, strict=False)]
    return distances([("while writing", "dec", bars)]).to_plotly_json()


# --- move the gaze, take the input away --------------------------------------------------------

def gaze_form(asked: Asked, p: Prediction) -> str:
    """At which step, and where to look."""
    if p.attention is None:
        return ""
    return (pieces.select("step", "For output token", places(written(p)), 0)
            + pieces.select("place", "look only at input", places(p.source),
                            int((p.attention[0].argmax() + 1) % len(p.source))))


def gaze(asked: Asked) -> dict[str, Any]:
    """The answer when all weight of one step lies on another place."""
    free = asked.predict()
    if free.attention is None:
        return {"html": pieces.sentence(NO_ATTENTION), "train": "attention"}
    step = asked.number("step", 0, len(free.steps) - 1, "The step")
    place = asked.number("place", 0, len(free.source) - 1, "The place")
    weights = [float(i == place) for i in range(len(free.source))]
    moved = asked.predict(attention={step: weights})
    own, made = written(free), written(moved)
    seen, says = free.source[place], made[step]
    if says == own[step]:
        finding = f"It still writes “{name(says)}”."
    elif says == seen:
        finding = f"Made to look at “{seen}”, it writes “{seen}”."
    else:
        finding = f"Made to look at “{seen}”, it writes “{name(says)}”."
    return {"html": pieces.rows([("Left alone", cells(own)), ("With your gaze",
                                                              cells(made, own))])
            + pieces.sentence(f"{finding} Its own gaze there was at place "
                              f"{int(free.attention[step].argmax()) + 1}.")}


def zero(asked: Asked) -> dict[str, Any]:
    """The answer with the input, and with nothing."""
    free, blind = asked.predict(), asked.predict(zero_context=True)
    nothing = "and every state that attention could look at " if free.attention is not None else ""
    return {"html": pieces.rows([("With the input", cells(written(free))),
                                 ("With nothing", cells(written(blind), written(free)))])
            + pieces.sentence(
                f"The context {nothing}is set to zeros: now the decoder knows nothing of your "
                "input. What it writes all the same is its habit from training, and it is the same "
                "for every input.")}


# --- other ways to write -----------------------------------------------------------------------

def beam_form(asked: Asked, p: Prediction) -> str:
    """How many beginnings are kept, and how the answers are ranked."""
    return (pieces.slider("width", "Beginnings kept (beam width)", 1, MAX_WIDTH, 3, "3")
            + pieces.checkbox("normalise", "Don't favour short answers",
                              "length normalisation, Wu et al. 2016"))


def beam(asked: Asked) -> dict[str, Any]:
    """The tree and the n best."""
    width = asked.number("width", 1, MAX_WIDTH, "The width")
    normalised = asked.values.get("normalise") is True
    found = asked.experiment.beam(asked.text, width, ALPHA if normalised else 0.0)
    greedy = asked.predict()
    best = found.best[0]
    listed = [(h.tokens + ((END,) if h.finished else ()), h.tokens == greedy.tokens
               and h.finished == greedy.finished, share_text(math.exp(h.log_prob)),
               number(h.score)) for h in found.best]
    if width == 1:
        says = "Width 1 is greedy: the likeliest next token, again and again, with no way back."
    elif best.tokens == greedy.tokens:
        says = "Its best answer is the greedy one: looking further ahead changes nothing here."
    else:
        says = "Its best answer is not the greedy one: the best sequence does not begin with the " \
               "likeliest token everywhere."
    how = (f"divided by ((5 + length) / 6)^{ALPHA:g} (Wu et al. 2016)" if normalised
           else "the sum of its tokens' log-probabilities, in nats")
    return {"html": pieces.sentence(says) + pieces.ranking(listed)
            + pieces.sentence(f"Score: {how}; the nearer to 0 the better.", "soft"),
            "figure": beam_tree(found.nodes, best.path).to_plotly_json()}


def number(value: float) -> str:
    """A score with two digits and a proper minus.

    >>> number(-9.234), number(-0.001)
    ('−9.23', '0.00')
    """
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")


def forcing(asked: Asked) -> dict[str, Any]:
    """The right target read with its right tokens, and with the model's own."""
    free = asked.predict()
    if free.target is None:
        return {"html": pieces.sentence("The right answer to this input is not known, so it cannot "
                                        "be read to the decoder. Choose an input of your table.")}
    right = (*free.target, END)
    read = asked.predict(forced=dict(enumerate(right)))
    likeliest = [step.top[0][0] for step in read.steps]
    own = written(free)
    taught = sum(a == b for a, b in zip(likeliest, right, strict=True))
    alone = sum(a == b for a, b in zip(own, right, strict=False))
    if taught > alone:
        says = (f"Corrected after every token it gets {taught} of {len(right)} right, alone "
                f"{alone}: its own mistakes lead it astray.")
    elif taught == alone == len(right):
        says = "Both are right. Try a harder sequence, or the model of an earlier epoch."
    else:
        says = (f"{taught} of {len(right)} right when corrected after every token, {alone} alone: "
                "here its own mistakes do not make it worse.")
    return {"html": pieces.rows([
        ("Right answer", cells(right)),
        ("Corrected after every token (teacher forcing, as in training)",
         _judged(likeliest, right)),
        ("All by itself (free running)", _judged(own, right))]) + pieces.sentence(says)}


def _judged(tokens: Sequence[str], right: Sequence[str]) -> list[Cell]:
    return [Cell(token, "ok" if i < len(right) and right[i] == token else "no")
            for i, token in enumerate(tokens)]


# --- where it comes from -----------------------------------------------------------------------

def epochs_form(asked: Asked, p: Prediction) -> str:
    """A slider over the kept epochs: its answers are all there, so it never has to ask."""
    last = min(len(asked.run.blobs), 24) - 1
    return pieces.slider("epoch", "Epoch", 0, max(0, last), max(0, last), "", " data-reel")


def epochs(asked: Asked) -> dict[str, Any]:
    """The answer of every kept epoch."""
    kept = {e: w for e, w in asked.run.blobs.items() if e <= asked.epoch} or dict(asked.run.blobs)
    found = asked.experiment.through_time(asked.text, kept)
    frames, right_from = [], None
    for epoch, p in found.items():
        own = written(p)
        right = None if p.target is None else (*p.target, END)
        lines = [("Input", cells(p.source))]
        if right:
            lines.append(("Right answer", cells(right)))
        lines.append(("It writes", cells(own) if right is None else _judged(own, right)))
        right_from = right_from if right_from is not None or not p.is_correct else epoch
        when = "Before any training" if epoch == 0 else f"After epoch {epoch}"
        verdict = html.verdict(p.target, p.tokens, p.finished)
        frames.append(pieces.rows(lines) + pieces.sentence(f"{when}: {verdict}."))
    says = ("" if right_from is None else
            pieces.sentence(f"It first got this one right after epoch {right_from}.", "soft"))
    answer: dict[str, Any] = {
        "html": says, "frames": frames,
        "labels": [str(epoch) for epoch in found]}
    if next(iter(found.values())).attention is not None:
        answer["figure"] = attention_reel(
            next(iter(found.values())).source, [p.attention for p in found.values()],
            [written(p) for p in found.values()]).to_plotly_json()
    return answer


def nearest(asked: Asked) -> dict[str, Any]:
    """For each step of the decoder the training moments that are most alike."""
    p = asked.predict()
    known = asked.experiment.training_states()
    found = known.nearest(np.stack([step.state for step in p.steps]))
    frames = [pieces.sentence("Move the slider of steps to a token that the decoder writes.")]
    frames *= len(p.source)
    for step, moments in zip(p.steps, found, strict=True):
        same = sum((*m.example.target, END)[m.position] == step.token for m in moments)
        frames.append(pieces.sentence(
            f"About to write “{name(step.token)}”. In {same} of the {len(moments)} most similar "
            "moments of its training the same token came next.") + pieces.neighbours(moments))
    return {"html": "", "frames": frames, "follows": "step"}


def code_form(asked: Asked, p: Prediction) -> str:
    """Which part."""
    titles = running_code(asked.experiment.model)
    return pieces.select("part", "Show", [(t, t) for t in titles], "Encoder")


def code(asked: Asked) -> dict[str, Any]:
    """The source of a part of the running model."""
    sources = running_code(asked.experiment.model)
    part = asked.word("part")
    source = sources.get(part, sources["Encoder"])
    return {"html": '<pre class="code" tabindex="0" role="group" aria-label="Python source">'
                    f"<code>{coloured(source)}</code></pre>"}


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
