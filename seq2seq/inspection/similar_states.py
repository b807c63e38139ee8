"""Moments of training in which the decoder was in nearly the same state, and what came next.

The decoder reads up to 300 training examples with their right tokens; its state before each
token is a point. The nearest points to a state of the learner's own sequence are found by
scikit-learn's index.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from seq2seq.data.splits import Splits, make_batch
from seq2seq.data.vocabulary import PAD, SOS
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.tasks import Example

NUM_EXAMPLES = 300
NUM_NEIGHBOURS = 5


@dataclass(frozen=True)
class Neighbour:
    """A moment of training: the decoder was about to write token `position` of this target."""

    example: Example
    position: int  # len(target) means: about to write the end mark
    distance: float  # Euclidean, between the two states


@dataclass(frozen=True)
class TrainingStates:
    """The decoder's states (M, H) over the right targets, and where each of them stood."""

    states: np.ndarray
    places: tuple[tuple[Example, int], ...]

    def nearest(self, queries: np.ndarray, count: int = NUM_NEIGHBOURS) -> list[list[Neighbour]]:
        """For each of the states (Q, H) the `count` nearest moments, nearest first."""
        from sklearn.neighbors import NearestNeighbors  # takes a second: only when it is wanted
        index = NearestNeighbors(n_neighbors=min(count, len(self.states))).fit(self.states)
        distances, found = index.kneighbors(queries)
        return [[self._neighbour(*pair) for pair in zip(row, apart, strict=True)]
                for row, apart in zip(found.tolist(), distances.tolist(), strict=True)]

    def _neighbour(self, at: int, distance: float) -> Neighbour:
        example, position = self.places[at]
        return Neighbour(example, position, distance)


@torch.no_grad()
def training_states(model: Seq2Seq, splits: Splits,
                    examples: Sequence[Example] | None = None) -> TrainingStates:
    """The decoder's top state at every token of (up to 300) training examples, end included."""
    model.eval()
    examples = (splits.train if examples is None else examples)[:NUM_EXAMPLES]
    batch = make_batch(examples, splits)
    source = model.encode(batch.source, batch.source_lengths)
    token, state = torch.full((len(batch),), SOS), source.state
    columns = []
    for t in range(batch.target_ids.size(1)):
        _, state, _ = model.step(token, state, source)
        columns.append(model.hidden(state))
        token = batch.target_ids[:, t]
    states = torch.stack(columns, dim=1)                                     # (N, T, H)
    real = batch.target_ids != PAD
    places = tuple((examples[row], t) for row, t in real.nonzero().tolist())
    return TrainingStates(states[real].numpy(), places)
