"""What there is to see in one answer: its moments on one time axis, and its states as a map.

The encoder reads S tokens, then the decoder writes T: these S + T moments are the axis of the
page's slider. Strings and numbers only, so that anyone can draw them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import numpy as np

from seq2seq.config import ModelConfig
from seq2seq.data.splits import Splits
from seq2seq.data.vocabulary import EOS, SPECIALS
from seq2seq.decoding.greedy import Prediction
from seq2seq.i18n import LazyText, _
from seq2seq.inspection.attention_heads import Heads, attention_heads
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.tasks import Tokens

NUM_EMBEDDINGS = 60  # of a large vocabulary only so many tokens can be read in a picture
NAMES = dict(zip(SPECIALS, (LazyText("pad"), LazyText("start"), LazyText("end"),
                            LazyText("unknown")), strict=True))


def name(token: str) -> str:
    """A token as people read it: the reserved ones get a word, in the visitor's language.

    >>> name("7"), name("<eos>")
    ('7', 'end')
    """
    return _(NAMES[token]) if token in NAMES else token


@dataclass(frozen=True)
class Moment:
    """One step of the encoder ("enc") or of the decoder ("dec")."""

    part: str
    index: int  # which token it reads (enc) or writes (dec), from 0
    read: str
    # (H,) hidden state of the top layer; None where no state is handed on (a Transformer)
    before: np.ndarray | None = field(repr=False)
    after: np.ndarray = field(repr=False)  # (H,)


@dataclass(frozen=True)
class Embeddings:
    """Tokens as points: what the model has learned to find alike lies close together."""

    tokens: Tokens
    points: np.ndarray = field(repr=False)  # (V, 2)


NO_EMBEDDINGS = Embeddings((), np.zeros((0, 2)))  # of sources that are no symbols


@dataclass(frozen=True)
class Insight:
    """An answer and what can be seen in it."""

    prediction: Prediction
    config: ModelConfig
    path: np.ndarray = field(repr=False)  # (S + 1 + T, 2) states of encoder, context, decoder;
    # without the context (S + T, 2) for a Transformer, which has none
    share: float  # how much of the states' differences the two directions of `path` hold, 0 to 1
    source_embeddings: Embeddings = field(repr=False)
    target_embeddings: Embeddings = field(repr=False)
    heads: Heads | None = field(default=None, repr=False)

    @property
    def num_read(self) -> int:
        """S, the number of moments of the encoder."""
        return len(self.prediction.positions)

    @property
    def moments(self) -> list[Moment]:
        """All moments, in the order of time.

        The encoder's are its outputs: when it reads both ways and there is attention, what it
        knows of a position once both directions have been there, otherwise its forward states.
        """
        p = self.prediction
        if not self.config.is_recurrent:
            return [*(Moment("enc", i, token, None, state) for i, (token, state) in enumerate(
                zip(p.positions, p.encoder_states, strict=True))),
                *(Moment("dec", t, step.read, None, step.state) for t, step in enumerate(p.steps))]
        found, before = [], np.zeros_like(p.context)
        for i, (token, after) in enumerate(zip(p.positions, p.encoder_states, strict=True)):
            found.append(Moment("enc", i, token, before, after))
            before = after
        before = p.context
        for t, step in enumerate(p.steps):
            found.append(Moment("dec", t, step.read, before, step.state))
            before = step.state
        return found


def make_insight(model: Seq2Seq, splits: Splits, config: ModelConfig,
                 prediction: Prediction) -> Insight:
    """Everything about `prediction`, which `model` has made."""
    p = prediction
    context = [p.context] if config.is_recurrent else []
    states = np.vstack([p.encoder_states, *context, *(s.state for s in p.steps)])
    path, share = flatten(states)
    return Insight(
        prediction, config, path, share,
        NO_EMBEDDINGS if splits.task.frame_size else _embeddings(
            model.encoder.embedding.weight.detach().numpy(), splits.source_vocabulary.symbols,
            p.source),
        _embeddings(model.decoder.embedding.weight.detach().numpy(),
                    splits.target_vocabulary.symbols, p.tokens, end=True),
        attention_heads(model, splits, p))


def _embeddings(weights: np.ndarray, symbols: Tokens, present: Tokens,
                end: bool = False) -> Embeddings:
    """Those tokens that are `present`, and others until the picture is full."""
    ids = {symbol: i for i, symbol in enumerate(symbols, len(SPECIALS))}
    chosen = list(dict.fromkeys([*(t for t in present if t in ids), *symbols]))[:NUM_EMBEDDINGS]
    rows = [ids[token] for token in chosen]
    if end:
        chosen, rows = [*chosen, SPECIALS[EOS]], [*rows, EOS]
    return Embeddings(tuple(chosen), flatten(weights[rows])[0])


def flatten(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Points (N, D) -> the same in two dimensions (N, 2), and the share of variance kept.

    Principal component analysis (Pearson 1901): the two directions in which they differ most.
    """
    from sklearn.decomposition import PCA  # takes a second: only when it is wanted
    points = np.nan_to_num(points.astype(np.float64))
    total = points.var(axis=0).sum()
    num = min(2, *points.shape)
    if total < 1e-12:  # all are the same point
        return np.zeros((len(points), 2)), 1.0
    pca = PCA(num, svd_solver="full").fit(points)
    flat = pca.transform(points)
    share = float(min(1.0, pca.explained_variance_.sum() * (len(points) - 1) / len(points) / total))
    return np.pad(flat, ((0, 0), (0, 2 - num))), share


@dataclass(frozen=True)
class Pair:
    """The same place in two answers; an index is None where one of them has nothing there."""

    one: int | None
    two: int | None
    distance: float | None  # Euclidean, between the two states at this place


def align(one: Sequence[str], two: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Places of `one` and `two` that belong together, such that equal tokens meet.

    >>> align("abc", "axbc")
    [(0, 0), (None, 1), (1, 2), (2, 3)]
    """
    pairs: list[tuple[int | None, int | None]] = []
    for _tag, i, i_end, j, j_end in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        for k in range(max(i_end - i, j_end - j)):
            pairs.append((i + k if i + k < i_end else None, j + k if j + k < j_end else None))
    return pairs


def compare_states(one: Prediction, two: Prediction) -> tuple[list[Pair], list[Pair]]:
    """How far apart two runs of a model are, token by token: while reading, while writing."""
    reading = _pairs(align(one.positions, two.positions), one.encoder_states, two.encoder_states)
    writing = _pairs(align(written(one), written(two)), np.stack([s.state for s in one.steps]),
                     np.stack([s.state for s in two.steps]))
    return reading, writing


def written(prediction: Prediction) -> Tokens:
    """All that was written, the end mark included."""
    return tuple(step.token for step in prediction.steps)


def _pairs(places: list[tuple[int | None, int | None]], a: np.ndarray,
           b: np.ndarray) -> list[Pair]:
    return [Pair(i, j, None if i is None or j is None else float(np.linalg.norm(a[i] - b[j])))
            for i, j in places]
