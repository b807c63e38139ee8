"""The sections on decoding and training: beam search, teacher forcing, epochs, neighbours, code.

Each section has a form, which depends on the sequence, and an answer (see `sections.py`).
"""

import math
from html import escape
from typing import Any

import numpy as np

from seq2seq.data.vocabulary import EOS, SPECIALS
from seq2seq.decoding.beam import ALPHA, MAX_WIDTH
from seq2seq.decoding.greedy import Prediction
from seq2seq.evaluation.metrics import matches
from seq2seq.figures.style import percent_text
from seq2seq.figures.what_if import attention_by_epoch, beam_tree
from seq2seq.i18n import LazyText, _, decimal
from seq2seq.inspection.trace import name, written
from seq2seq.ui.components import token_tiles
from seq2seq.ui.components.run_names import epoch_count, has_fault
from seq2seq.ui.tabs.inside import pieces
from seq2seq.ui.tabs.inside.panels import Query
from seq2seq.ui.tabs.inside.pieces import cells, marked_cells
from seq2seq.ui.tabs.inside.source_code import ENCODER, coloured, running_code

END = SPECIALS[EOS]
RIGHT_ANSWER = LazyText("Correct answer")


# --- other ways to decode ----------------------------------------------------------------------

def beam_form(query: Query, p: Prediction) -> str:
    """The beam width, and whether to normalise scores by length."""
    return (pieces.slider("width", _("Beam width (partial answers kept)"), 1, MAX_WIDTH, 3, "3")
            + pieces.checkbox("normalise", _("Length normalisation"),
                              _("offsets the advantage of short answers (Wu et al. 2016)")))


def beam(query: Query) -> dict[str, Any]:
    """The search tree and the n-best list."""
    width = query.number("width", 1, MAX_WIDTH, LazyText("The width"))
    normalised = query.values.get("normalise") is True
    found = query.experiment.beam(query.text, width, ALPHA if normalised else 0.0)
    greedy = query.predict()
    best = found.best[0]
    listed = [(h.tokens + ((END,) if h.finished else ()), h.tokens == greedy.tokens
               and h.finished == greedy.finished, percent_text(math.exp(h.log_prob)),
               number(h.score)) for h in found.best]
    if width == 1:
        says = _("Width 1 is greedy decoding: it takes the most probable next token at each step "
                 "and never goes back.")
    elif best.tokens == greedy.tokens:
        says = _("The best answer is the greedy one: a wider search changes nothing here.")
    else:
        says = _("The best answer is not the greedy one: the most probable sequence isn't made "
                 "of the most probable tokens.")
    if normalised:
        score = _("Score: the sum of the tokens' log-probabilities, divided by ((5 + length) / "
                  "6)^{alpha} (Wu et al. 2016); closer to 0 is better.", alpha=decimal(ALPHA, "g"))
    else:
        score = _("Score: the sum of the tokens' log-probabilities, in nats; closer to 0 is "
                  "better.")
    return {"html": pieces.sentence(says) + pieces.ranking(listed)
            + pieces.sentence(score, "soft"),
            "figure": beam_tree(found.nodes, best.path).to_plotly_json()}


def number(value: float) -> str:
    """A score with two decimals and a minus sign.

    >>> number(-9.234), number(-0.001)
    ('−9.23', '0.00')
    """
    return decimal(round(value, 2) + 0.0, ".2f").replace("-", "−")  # -0.0 + 0.0 is 0.0


def forcing(query: Query) -> dict[str, Any]:
    """The answer with teacher forcing, and the answer with the model's own tokens."""
    free = query.predict()
    if free.target is None:
        return {"html": pieces.sentence(_(
            "The correct answer to this input is not known, so the decoder cannot be corrected. "
            "Choose an input from your table."))}
    right = (*free.target, END)
    read = query.predict(forced=dict(enumerate(right)))
    likeliest = [step.top[0][0] for step in read.steps]
    own = written(free)
    taught = sum(a == b for a, b in zip(likeliest, right, strict=True))
    alone = sum(matches(right, own))
    if taught > alone:
        says = _("Corrected after each token, the model gets {taught} of {total} tokens correct; "
                 "on its own, {alone}: its mistakes lead to further "
                 "mistakes.", taught=taught, total=len(right), alone=alone)
    elif taught == alone == len(right):
        says = _("Both are correct. Try a harder sequence, or the model of an earlier epoch.")
    else:
        says = _("Corrected after each token, the model gets {taught} of {total} tokens correct; "
                 "on its own, {alone}: here its mistakes do not lead to "
                 "more.", taught=taught, total=len(right),
                 alone=alone)
    return {"html": pieces.rows([
        (_(RIGHT_ANSWER), cells(right)),
        (_("Corrected after each token"), marked_cells(likeliest, right)),
        (_("On its own"), marked_cells(own, right))]) + pieces.sentence(says)
        + pieces.sentence(_("Corrected: the decoder reads the correct tokens, as in training "
                            "(teacher forcing). On its own: it reads its own tokens (free "
                            "running)."), "soft")}


# --- where it comes from -----------------------------------------------------------------------

def epochs_form(query: Query, p: Prediction) -> str:
    """A slider over the stored epochs; the browser has all answers, so it sends no requests."""
    last = min(len(query.run.blobs), 24) - 1
    if query.run.provenance:
        return ""
    return pieces.slider("epoch", _("Epoch"), 0, max(0, last), max(0, last), "", " data-reel")


def epochs(query: Query) -> dict[str, Any]:
    """The answer after every stored epoch."""
    if query.run.provenance:
        return {"html": pieces.sentence(_(
            "This model is pre-trained, and only its final state was saved. Train one of your own: "
            "you can replay its training here, epoch by epoch."))}
    # Not `items()`: while the run trains, another thread may delete snapshots.
    known = {epoch: query.run.blobs.get(epoch) for epoch in query.run.blobs}
    kept = {e: weights for e, weights in known.items() if weights and e <= query.epoch}
    found = query.experiment.through_time(query.text, kept)
    frames, right_from = [], None
    for epoch, p in found.items():
        own = written(p)
        right = None if p.target is None else (*p.target, END)
        lines = [(_("Input"), cells(p.source))]
        if right:
            lines.append((_(RIGHT_ANSWER), cells(right)))
        lines.append((_("Answer"), cells(own) if right is None else marked_cells(own, right)))
        right_from = right_from if right_from is not None or not p.is_correct else epoch
        verdict = token_tiles.verdict(p.target, p.tokens, p.finished)
        says = (_("After epoch {epoch}: {verdict}.", epoch=epoch_count(epoch), verdict=verdict)
                if epoch else _("Before any training: {verdict}.", verdict=verdict))
        frames.append(pieces.rows(lines) + pieces.sentence(says))
    first = ("" if right_from is None else pieces.sentence(
        _("The answer was first correct after epoch {epoch}.", epoch=epoch_count(right_from)),
        "soft"))
    answer: dict[str, Any] = {
        "html": first, "frames": frames,
        "labels": [epoch_count(epoch) for epoch in found]}
    if next(iter(found.values())).attention is not None:
        answer["figure"] = attention_by_epoch(
            next(iter(found.values())).positions, [p.attention for p in found.values()],
            [written(p) for p in found.values()]).to_plotly_json()
    return answer


def nearest(query: Query) -> dict[str, Any]:
    """For each step of the decoder the training moments that are most alike."""
    p = query.predict()
    known = query.experiment.training_states()
    found = known.nearest(np.stack([step.state for step in p.steps]))
    frames = [pieces.sentence(
        _("Move the step slider to a token that the decoder writes."))]
    frames *= len(p.positions)
    for step, moments in zip(p.steps, found, strict=True):
        same = sum((*m.example.target, END)[m.position] == step.token for m in moments)
        frames.append(pieces.sentence(_(
            "Next token: “{token}”. Of the {total} most similar steps on training examples, {same} "
            "were followed by the same token.", token=name(step.token), same=same,
            total=len(moments))) + pieces.neighbours(moments))
    return {"html": "", "frames": frames, "follows": "step"}


def sources(query: Query) -> dict[str, str]:
    """Title -> source code of the parts of the running model."""
    return running_code(query.experiment.model, has_fault(query.run.recipe))


def code_form(query: Query, p: Prediction) -> str:
    """A menu of the parts of the model."""
    titles = sources(query)
    return pieces.select("part", _("Show"), [(t, _(t)) for t in titles], ENCODER)


def code(query: Query) -> dict[str, Any]:
    """The source code of a part of the running model."""
    found = sources(query)
    source = found.get(query.word("part"), found[ENCODER])
    return {"html": f'<pre class="code" tabindex="0" role="group" aria-label="'
                    f'{escape(_("Python source"))}"><code>{coloured(source)}</code></pre>'}
