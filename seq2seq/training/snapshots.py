"""A run's weights at the end of its epochs, within a memory budget.

While the budget is exceeded, every second stored epoch is dropped. The first and the newest always
stay.
"""

from collections.abc import Iterator, MutableMapping

MAX_SNAPSHOT_BYTES = 24 * 2**20


class Snapshots(MutableMapping[float, bytes]):
    """Epoch -> weights as bytes, in the order of the epochs.

    The epoch has a fraction if a run was stopped within one.

    >>> kept = Snapshots(max_bytes=5)
    >>> for epoch in range(7):
    ...     kept[epoch] = b"x"
    >>> list(kept)
    [0, 2, 4, 5, 6]
    """

    def __init__(self, max_bytes: int = MAX_SNAPSHOT_BYTES) -> None:
        self.max_bytes = max_bytes
        self._weights: dict[float, bytes] = {}

    def __setitem__(self, epoch: float, weights: bytes) -> None:
        kept = dict(sorted({**self._weights, epoch: weights}.items()))
        while len(kept) > 2 and sum(map(len, kept.values())) > self.max_bytes:
            dropped = set(list(kept)[1:-1:2])
            kept = {e: w for e, w in kept.items() if e not in dropped}
        self._weights = kept  # replaced as a whole, so other threads see the old or the new dict

    def __getitem__(self, epoch: float) -> bytes:
        return self._weights[epoch]

    def __delitem__(self, epoch: float) -> None:
        del self._weights[epoch]

    def __iter__(self) -> Iterator[float]:
        return iter(list(self._weights))

    def __len__(self) -> int:
        return len(self._weights)

    def copy(self) -> "Snapshots":
        """A copy that can be changed independently. The bytes are shared."""
        twin = Snapshots(self.max_bytes)
        twin._weights = dict(self._weights)
        return twin

    @property
    def num_bytes(self) -> int:
        """The size of all stored weights in bytes."""
        return sum(map(len, self._weights.values()))

    @property
    def newest(self) -> float:
        """The newest stored epoch. KeyError if there is none."""
        if not self._weights:
            raise KeyError("no snapshot yet")
        return next(reversed(self._weights))
