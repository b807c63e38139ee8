"""What happens at each step of an answer, in sentences."""

import math
from typing import Any, Protocol

from seq2seq.figures.style import percent_text
from seq2seq.i18n import _
from seq2seq.inspection.trace import Insight, name


class Sound(Protocol):
    """An input that is audio."""

    def word(self, frame: int) -> str:
        """The word that is spoken at an input position; "" if there is none."""


def step_sentences(seen: Insight, sound: Sound | None = None) -> list[dict[str, Any]]:
    """For each step: its position, a description, and the attention weights."""
    p = seen.prediction
    found: list[dict[str, Any]] = []
    for i, token in enumerate(p.positions):
        place = (_("reading the sound at {time}", time=token) if sound else
                 _("reading token {n} of {total}", n=i + 1, total=seen.num_read))
        found.append({"part": "enc", "place": place, "say": _reads(seen, i, sound)})
    for t, step in enumerate(p.steps):
        sure = percent_text(math.exp(step.log_prob))
        sentences = [_reads_back(seen, t), _looks(seen, t, sound),
                     _("It writes “{token}” ({share}).", token=name(step.token), share=sure)]
        if t == len(p.steps) - 1 and p.finished:
            sentences.append(_("That ends the answer."))
        found.append({
            "part": "dec",
            "place": _("writing token {n} of {total}", n=t + 1, total=len(p.steps)),
            "say": " ".join(filter(None, sentences)),
            "look": None if step.attention is None else step.attention.round(3).tolist()})
    return found


def _reads(seen: Insight, i: int, sound: Sound | None) -> str:
    """A sentence: what the encoder does at a position."""
    token = name(seen.prediction.positions[i])
    if sound and (word := sound.word(i)):
        sentence = _("The encoder reads the sound at {time}, inside “{word}”.", time=token,
                     word=word)
    elif sound:
        sentence = _("The encoder reads the sound at {time}.", time=token)
    elif seen.config.is_recurrent:
        sentence = _("The encoder reads “{token}” and updates its hidden state.", token=token)
    else:
        return _("“{token}” attends to all input tokens at once, including itself.",
                 token=token)
    if not seen.config.bidirectional or seen.config.attention == "none":
        return sentence  # only the forward state is used
    return f"{sentence} {_('It has also read from the end back to this token.')}"


def _reads_back(seen: Insight, t: int) -> str:
    """A sentence: the token that the decoder reads at a step."""
    if t == 0:
        if seen.config.is_recurrent:
            return _("The decoder starts from the context and reads “start”.")
        return _("The decoder reads “start”.")
    token = name(seen.prediction.steps[t].read)
    if seen.config.is_recurrent:
        return _("The decoder reads its own previous token, “{token}”.", token=token)
    return _("The decoder reads its own previous token, “{token}”, and attends to all tokens "
             "before it.", token=token)


def _looks(seen: Insight, t: int, sound: Sound | None) -> str:
    """A sentence: the largest attention weight of a step; "" without attention."""
    p = seen.prediction
    weights = p.steps[t].attention
    if weights is None:
        return ""
    at = int(weights.argmax())
    place, share = name(p.positions[at]), percent_text(float(weights[at]))
    if not sound:
        return _("It attends most to “{token}”, input position {place} ({share}).",
                 token=place, place=at + 1, share=share)
    if word := sound.word(at):
        return _("It attends most to {time}, inside “{word}” ({share}).", time=place, word=word,
                 share=share)
    return _("It attends most to {time} ({share}).", time=place, share=share)
