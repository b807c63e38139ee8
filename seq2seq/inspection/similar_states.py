"""The training examples at which the decoder's state was most similar to a given state.

The decoder reads up to 300 training examples with teacher forcing. Its state before each target
token is one point. scikit-learn finds the points nearest to a state of another answer.
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
    """The state before one token of a training target."""

    example: Example
    position: int  # of the token in the target, from 0; len(target) is the end token
    distance: float  # Euclidean, to the queried state


@dataclass(frozen=True)
class TrainingStates:
    """M states of the decoder (M, H), and for each its example and position."""

    states: np.ndarray
    places: tuple[tuple[Example, int], ...]

    def nearest(self, queries: np.ndarray, count: int = NUM_NEIGHBOURS) -> list[list[Neighbour]]:
        """For each of the states (Q, H), its `count` nearest training states, nearest first."""
        from sklearn.neighbors import NearestNeighbors  # here because the import takes a second
        index = NearestNeighbors(n_neighbors=min(count, len(self.states))).fit(self.states)
        distances, found = index.kneighbors(queries)
        return [[self._neighbour(*pair) for pair in zip(row, apart, strict=True)]
                for row, apart in zip(found.tolist(), distances.tolist(), strict=True)]

    def _neighbour(self, index: int, distance: float) -> Neighbour:
        example, position = self.places[index]
        return Neighbour(example, position, distance)


@torch.no_grad()
def training_states(model: Seq2Seq, splits: Splits,
                    examples: Sequence[Example] | None = None) -> TrainingStates:
    """The decoder's top state before every token, end tokens included, of up to 300 examples."""
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
