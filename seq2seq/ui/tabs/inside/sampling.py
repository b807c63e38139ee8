"""Answers drawn at random, side by side: the sub-section “Sampling”."""

import math
from typing import Any

from seq2seq.config import MAX_SEED
from seq2seq.data.vocabulary import EOS, SPECIALS
from seq2seq.decoding.greedy import Prediction
from seq2seq.figures.style import percent_text
from seq2seq.i18n import LazyText, _, decimal, ngettext
from seq2seq.ui.tabs.inside import pieces
from seq2seq.ui.tabs.inside.panels import Query

NUM = 8  # draws
TOP_K = (1, 2, 3, 5, 10, 20)  # the choices of the menu, beside all tokens
HIGHEST_TEMPERATURE = 3.0  # of the slider; the command line allows more


def sampling_form(query: Query, p: Prediction) -> str:
    """Temperature, top-k and seed."""
    size = len(query.experiment.splits.target_vocabulary)
    return (pieces.slider("temperature", _("Temperature"), 0.1, HIGHEST_TEMPERATURE, 1,
                          decimal(1, ".1f"), step=0.1)
            + pieces.select("top_k", _("Top-k"), [("", _("all tokens")),
                                                  *((k, str(k)) for k in TOP_K if k < size)])
            + pieces.number_box("seed", _("Seed"), 0, MAX_SEED, 1, _("Draw again")))


def sampling(query: Query) -> dict[str, Any]:
    """Some answers drawn with the form's settings, each with its probabilities."""
    top_k = query.number("top_k", 1, 1000, LazyText("Top-k")) if query.word("top_k") else None
    seed = query.number("seed", 0, MAX_SEED, LazyText("The seed"))
    temperature = query.real("temperature", LazyText("The temperature"))
    found = query.experiment.sample(query.text, NUM, temperature, top_k, seed)
    task = query.experiment.task
    right = task.solutions(task.parse(query.text))
    greedy = query.predict()
    drawn = [pieces.DrawnAnswer(
        one.tokens + ((SPECIALS[EOS],) if one.finished else ()),
        (one.finished and one.tokens in right) if right else None,
        (one.tokens, one.finished) == (greedy.tokens, greedy.finished),
        percent_text(math.exp(one.drawn_log_prob)), percent_text(math.exp(one.log_prob)))
        for one in found]
    different = len({(one.tokens, one.finished) for one in found})
    says = ngettext("All {total} draws give the same answer.",
                    "{n} different answers in {total} draws.", different, n=different, total=NUM)
    if right:
        num_right = sum(bool(one.is_right) for one in drawn)
        says += " " + _("Correct: {n} of {total}.", n=num_right, total=NUM)
    gloss = _("At each step the next token is drawn at random. A temperature below 1 makes "
              "probable tokens even more likely to be drawn, a temperature above 1 less likely "
              "(Ackley et al. 1985). Top-k draws only from the k most probable tokens (Fan et al. "
              "2018). The same seed gives the same draws.")
    return {"html": pieces.sentence(says) + pieces.draws(drawn) + pieces.sentence(gloss, "soft")}
