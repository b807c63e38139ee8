"""Everything that figures show of one answer: its steps on one time axis, its states in 2-D.

The S steps of the encoder and the T steps of the decoder are S + T *moments*, the positions of the
page's slider. All values are strings and NumPy arrays, because figures do not use torch.
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

NUM_EMBEDDINGS = 60  # tokens in a picture; more would be illegible
NAMES = dict(zip(SPECIALS, (LazyText("pad"), LazyText("start"), LazyText("end"),
                            LazyText("unknown")), strict=True))


def name(token: str) -> str:
    """A token for people to read: special tokens become words in the visitor's language.

    >>> name("7"), name("<end token>"), name(" ")
    ('7', 'end', '␣')
    """
    if token == " ":  # a character of own pairs
        return "␣"
    return _(NAMES[token]) if token in NAMES else token


@dataclass(frozen=True)
class Moment:
    """One step of the encoder ("enc") or of the decoder ("dec")."""

    part: str
    index: int  # of the token that it reads (enc) or writes (dec), from 0
    read: str  # its input token
    # (H,) hidden state of the top layer; None for a Transformer, which carries no state
    before: np.ndarray | None = field(repr=False)
    after: np.ndarray = field(repr=False)  # (H,)


@dataclass(frozen=True)
class Embeddings:
    """Token embeddings, projected to two dimensions."""

    tokens: Tokens
    points: np.ndarray = field(repr=False)  # (V, 2)


NO_EMBEDDINGS = Embeddings((), np.zeros((0, 2)))  # for inputs that are frames


@dataclass(frozen=True)
class Insight:
    """An answer with all that the figures show of it."""

    prediction: Prediction
    config: ModelConfig
    # States in two dimensions: encoder, context, decoder (S + 1 + T, 2); without a context
    # (S + T, 2) for a Transformer.
    path: np.ndarray = field(repr=False)
    share: float  # fraction of the states' variance that `path` preserves, 0 to 1
    source_embeddings: Embeddings = field(repr=False)
    target_embeddings: Embeddings = field(repr=False)
    heads: Heads | None = field(default=None, repr=False)

    @property
    def num_read(self) -> int:
        """S, the number of encoder steps."""
        return len(self.prediction.positions)

    @property
    def moments(self) -> list[Moment]:
        """All S + T moments in order.

        The encoder's states are its outputs: merged from both directions if the encoder is
        bidirectional and the model has attention, otherwise its forward states.
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
    """The insight into `prediction`, an answer of `model`."""
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
    """The embeddings of the tokens in `present`, then of others, `NUM_EMBEDDINGS` at most."""
    ids = {symbol: i for i, symbol in enumerate(symbols, len(SPECIALS))}
    chosen = list(dict.fromkeys([*(t for t in present if t in ids), *symbols]))[:NUM_EMBEDDINGS]
    rows = [ids[token] for token in chosen]
    if end:
        chosen, rows = [*chosen, SPECIALS[EOS]], [*rows, EOS]
    return Embeddings(tuple(chosen), flatten(weights[rows])[0])


def flatten(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Principal component analysis (Pearson 1901): points (N, D) -> (N, 2).

    Also returns the fraction of the variance that the two dimensions preserve.
    """
    from sklearn.decomposition import PCA  # imported here, since it takes a second
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
    """Two aligned positions of two sequences; an index is None if there is no counterpart."""

    one: int | None
    two: int | None
    distance: float | None  # Euclidean, between the two states; None without a counterpart


def align(one: Sequence[str], two: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Align two sequences so that equal tokens meet: pairs of indices, None for no counterpart.

    >>> align("abc", "axbc")
    [(0, 0), (None, 1), (1, 2), (2, 3)]
    """
    pairs: list[tuple[int | None, int | None]] = []
    for _tag, i, i_end, j, j_end in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        for k in range(max(i_end - i, j_end - j)):
            pairs.append((i + k if i + k < i_end else None, j + k if j + k < j_end else None))
    return pairs


def compare_states(one: Prediction, two: Prediction) -> tuple[list[Pair], list[Pair]]:
    """Distances between the states of two answers: aligned encoder steps, aligned decoder steps."""
    reading = _pairs(align(one.positions, two.positions), one.encoder_states, two.encoder_states)
    writing = _pairs(align(written(one), written(two)), np.stack([s.state for s in one.steps]),
                     np.stack([s.state for s in two.steps]))
    return reading, writing


def written(prediction: Prediction) -> Tokens:
    """All tokens that the model wrote, with the end token."""
    return tuple(step.token for step in prediction.steps)


def _pairs(places: list[tuple[int | None, int | None]], a: np.ndarray,
           b: np.ndarray) -> list[Pair]:
    return [Pair(i, j, None if i is None or j is None else float(np.linalg.norm(a[i] - b[j])))
            for i, j in places]
