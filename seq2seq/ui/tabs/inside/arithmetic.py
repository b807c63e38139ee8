"""From the picture to the arithmetic: one number of the picture, computed on three levels.

A *subject* is what was clicked: an attention weight, a gate, a probability. Each level is Markdown
with the formula, the same with this answer's numbers, a table, and the line of source code.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from seq2seq.data.vocabulary import SPECIALS
from seq2seq.decoding import greedy
from seq2seq.decoding.greedy import Prediction
from seq2seq.errors import InputError
from seq2seq.i18n import LazyText, _
from seq2seq.inspection import gates
from seq2seq.inspection.arithmetic import (
    AttentionStep,
    TokenStep,
    attention_step,
    cell_step,
    token_step,
)
from seq2seq.inspection.trace import Insight
from seq2seq.models.attention import AdditiveAttention, Attention, DotAttention
from seq2seq.models.decoder import Decoder
from seq2seq.models.input_feeding import InputFeedingDecoder
from seq2seq.models.transformer import TransformerDecoder, attend
from seq2seq.ui.tabs.inside import cell_formulas
from seq2seq.ui.tabs.inside.choices import subjects
from seq2seq.ui.tabs.inside.formulas import (
    MAX_ROWS,
    cell,
    formula,
    largest_terms,
    number,
    signed,
    source_line,
    table,
    token,
)
from seq2seq.ui.tabs.inside.panels import Query

STEP, PLACE, UNIT, LEVEL = (LazyText("The step"), LazyText("The position"), LazyText("The unit"),
                            LazyText("The level"))


def compute(query: Query) -> str:
    """One level of the subject that the query names, as Markdown. InputError if there is none."""
    p, subject = query.predict(), query.word("subject")
    seen = query.experiment.insight(p)
    entry = next((one for one in subjects(seen) if one["key"] == subject), None)
    if entry is None:
        raise InputError("This model does not compute that. Choose something else.")
    num_read = len(p.positions)
    moment = query.number("step", 0 if entry["encoder"] else num_read,
                          num_read + len(p.steps) - 1, STEP)
    level = query.number("level", 0, len(entry["levels"]) - 1, LEVEL)
    model, splits = query.experiment.model, query.experiment.splits
    if subject == "token":
        chosen = query.word("token")
        if chosen not in splits.target_vocabulary and chosen not in SPECIALS:
            raise InputError("“{token}” is not a token of this task: choose another one.",
                             token=chosen[:20])
        found = token_step(model, splits, p, moment - num_read, chosen)
        return TOKEN_LEVELS[level](found, type(model.decoder))
    unit = query.number("unit", 1, model.config.hidden_size, UNIT) - 1
    if subject == "attention":
        layer, head = _head(query, seen)
        step = attention_step(model, splits, p, moment - num_read, layer, head)
        place = query.number("place", 0, num_read - 1, PLACE)
        return ATTENTION_LEVELS[level](step, p, moment - num_read, place, unit)
    return cell_formulas.level(cell_step(model, splits, p, moment), subject, level, unit, gates)


def _head(query: Query, seen: Insight) -> tuple[int, int]:
    if seen.heads is None:
        return 0, 0
    layer, _point, head = query.word("head").partition(".")
    num_layers, num_heads = seen.heads.source.shape[:2]
    if not (layer.isdigit() and head.isdigit() and int(layer) < num_layers
            and int(head) < num_heads):
        return 0, 0
    return int(layer), int(head)


# --- attention ---------------------------------------------------------------------------------

def score(found: AttentionStep, p: Prediction, t: int, i: int, unit: int) -> str:
    """The score of one position: a dot product, or a small network."""
    a, names = f"s_{{{t + 1},{i + 1}}}", (token(p.positions[i]), i + 1)
    total, value = float(found.right[i] @ found.left), float(found.scores[i])
    says = _("How well the decoder's state matches input position {place} (“{token}”).",
             token=names[0], place=names[1])
    if found.kind == "additive":
        math = formula(f"{a} &= v \\cdot \\tanh(W q_{{{t + 1}}} + U m_{{{i + 1}}} + b)",
                       f"&= {number(value)}")
        heads = [_("unit"), "v", "tanh(W q + U m + b)", _("product")]
        code = source_line(AdditiveAttention.scores, "pairs =")
    else:
        size = len(found.left)
        plus = f" + f_{{{i + 1}}}" if found.kind == "location" else ""
        lines = [f"{a} &= \\frac{{q_{{{t + 1}}} \\cdot k_{{{i + 1}}}}}{{\\sqrt{{{size}}}}}{plus}"]
        extra = f" {signed(float(found.added[i]))}" if plus else ""
        lines.append(f"&= \\frac{{{number(total)}}}{{{number(found.scale)}}}{extra} "
                     f"= {number(value)}")
        math, heads = formula(*lines), [_("unit"), "q", "k", "q · k"]
        code = (source_line(attend, "scores =") if found.kind == "head"
                else source_line(DotAttention.scores, "return"))
    if np.isinf(value):
        return says + "\n\n" + _("This position is masked: its score is −∞ and its weight 0.")
    return "\n\n".join([says, math, largest_terms(heads, found.left, found.right[i]), code])


def softmax(found: AttentionStep, p: Prediction, t: int, i: int, unit: int) -> str:
    """The weights of all positions, from their scores."""
    powers = np.exp(found.scores.astype(float))
    says = _("The scores of all input positions become weights: each is positive, and together "
             "they sum to 1.")
    of = f"{t + 1},{i + 1}"
    lines = [f"a_{{{of}}} &= \\frac{{e^{{s_{{{of}}}}}}}{{\\sum_j e^{{s_{{{t + 1},j}}}}}}",
             f"&= \\frac{{{number(float(powers[i]))}}}{{{number(float(powers.sum()))}}} "
             f"= {number(float(found.weights[i]))}"]
    order = np.argsort(-found.weights, kind="stable")[:MAX_ROWS]
    shown = sorted({*order.tolist(), i})
    rows = []
    for j in shown:
        row = [f"{j + 1}: {token(p.positions[j])}", cell(float(found.scores[j])),
               cell(float(powers[j])), cell(float(found.weights[j]))]
        rows.append([f"**{text}**" for text in row] if j == i else row)
    rest = np.delete(np.arange(len(powers)), shown)
    if len(rest):
        rows.append([_("{n} others", n=len(rest)), "", cell(float(powers[rest].sum())),
                     cell(float(found.weights[rest].sum()))])
    parts = [says, formula(*lines),
             table([_("position"), _("score s"), "eˢ", _("weight a")], rows)]
    if found.by_head is not None:
        mean = float(found.by_head[..., i].mean())
        parts.append(_("The map above shows the mean of all {n} heads, {mean} at this position.",
                       n=found.by_head[..., 0].size, mean=cell(mean)))
    kind: Any = attend if found.kind == "head" else Attention.forward
    parts.append(source_line(kind, "used = torch.softmax" if found.kind == "head"
                             else "weights = torch.softmax"))
    return "\n\n".join(parts)


def weighted_sum(found: AttentionStep, p: Prediction, t: int, i: int, unit: int) -> str:
    """One unit of the context vector."""
    unit = min(unit, found.values.shape[1] - 1)
    m = "v" if found.kind == "head" else "m"
    says = _("The context vector is the sum of the encoder's outputs, each multiplied by its "
             "weight. Shown: unit {unit}.", unit=unit + 1)
    if found.kind == "head":
        says = _("The head's output is the sum of the values at all input positions, each "
                 "multiplied by its weight. Shown: unit {unit} of this head.", unit=unit + 1)
    total = float(found.context[unit])
    lines = [f"c_{{{t + 1}}} &= \\sum_j a_{{{t + 1},j}} \\, {m}_j",
             f"c_{{{t + 1}}}[{unit + 1}] &= {number(total)}"]
    order = sorted({*np.argsort(-found.weights, kind="stable")[:MAX_ROWS].tolist(), i})
    rows = [[f"{j + 1}: {token(p.positions[j])}", cell(float(found.weights[j])),
             cell(float(found.values[j, unit])),
             cell(float(found.weights[j] * found.values[j, unit]))] for j in order]
    if len(order) < len(found.weights):
        shown = float(found.weights[order] @ found.values[order, unit])
        rows.append([_("{n} others", n=len(found.weights) - len(order)), "", "",
                     cell(total - shown)])
    rows.append([f"**{_('sum')}**", "", "", f"**{cell(total)}**"])
    parts = [says, formula(*lines),
             table([_("position"), _("weight a"), f"{m}[{unit + 1}]", _("product")], rows)]
    if found.output is not None:
        parts.append(_("With the decoder's state q, the context then gives the output from which "
                       "the next token is predicted:"))
        o = f"o_{{{t + 1}}}"
        parts.append(formula(f"{o} &= \\tanh(W [c_{{{t + 1}}}; q_{{{t + 1}}}] + b)",
                             f"{o}[{unit + 1}] &= {number(float(found.output[unit]))}"))
    parts.append(source_line(attend, "return (used @ value)") if found.kind == "head"
                 else source_line(Attention.forward, "context ="))
    return "\n\n".join(parts)


# --- a token's probability ---------------------------------------------------------------------

def logit(found: TokenStep, decoder: type) -> str:
    """The logit of a token: a dot product and a bias."""
    says = _("The output layer has a row of weights for each token. The logit of “{token}” is the "
             "product of its row with the decoder's output, plus a bias.",
             token=token(found.token))
    total = float(found.inputs @ found.row)
    math = formula("z &= w \\cdot o + b", f"&= {number(total)} {signed(found.bias)} "
                   f"= {number(found.logit)}")
    return "\n\n".join([says, math, largest_terms(
        [_("unit"), "w", "o", _("product")], found.row, found.inputs),
        source_line(_forward(decoder), "logits =")])


def log_softmax(found: TokenStep, decoder: type) -> str:
    """The log-probability, from the logits of all tokens."""
    says = _("The logits of all {n} tokens become log-probabilities.", n=len(found.logits))
    math = formula("\\log p &= z - \\log \\sum_v e^{z_v}",
                   f"&= {number(found.logit)} {signed(-found.log_normaliser)} "
                   f"= {number(found.log_prob)}")
    powers = np.exp(found.logits.astype(float))
    order = np.argsort(-found.logits, kind="stable")[:MAX_ROWS].tolist()
    own = found.symbols.index(found.token) if found.token in found.symbols else order[0]
    shown = order if own in order else [*order, own]
    rows = []
    for v in shown:
        row = [token(found.symbols[v]), cell(float(found.logits[v])), cell(float(powers[v])),
               cell(float(found.logits[v]) - found.log_normaliser)]
        rows.append([f"**{text}**" for text in row] if v == own else row)
    if len(powers) > len(shown):
        rest = float(powers.sum() - powers[shown].sum())
        rows.append([_("{n} others", n=len(powers) - len(shown)), "", cell(rest), ""])
    rows.append([f"**{_('sum')}**", "", f"**{cell(float(powers.sum()))}**", ""])
    return "\n\n".join([says, math, table([_("token"), _("logit z"), "eᶻ", "log p"], rows),
                        source_line(_forward(decoder), "return log_softmax")
                        if decoder is not InputFeedingDecoder
                        else source_line(_forward(decoder), "return (log_softmax")])


def probability(found: TokenStep, decoder: type) -> str:
    """The probability and the loss, from the log-probability."""
    says = _("The probability that the bar shows. If “{token}” were the correct token, this step "
             "would add −log p to the loss.", token=token(found.token))
    math = formula(f"p &= e^{{\\log p}} = e^{{{number(found.log_prob)}}} = {number(found.prob)}",
                   f"-\\log p &= {number(-found.log_prob)}")
    note = _("Greedy decoding writes the token with the largest probability.")
    return "\n\n".join([says, math, note, source_line(
        greedy.predict, "token = int(log_probs[0].argmax())")])


def _forward(decoder: type) -> Callable[..., Any]:
    if issubclass(decoder, TransformerDecoder):
        return TransformerDecoder.forward_with_heads
    return InputFeedingDecoder.forward if issubclass(decoder, InputFeedingDecoder) \
        else Decoder.forward


ATTENTION_LEVELS = (score, softmax, weighted_sum)
TOKEN_LEVELS = (logit, log_softmax, probability)
