"""A run's weights at the end of its epochs, within a budget of memory.

Long runs of large models would fill the memory with their past. When the budget is exceeded,
every second kept epoch is dropped, again and again; the first and the newest always stay.
"""

from collections.abc import Iterator, MutableMapping

MAX_SNAPSHOT_BYTES = 24 * 2**20


class Snapshots(MutableMapping[float, bytes]):
    """Epoch -> weights as bytes, in the order of the epochs.

    An epoch is a whole number, or has a fraction where a run was stopped in its middle.

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
        self._weights = kept  # replaced as a whole: a reader in another thread sees old or new

    def __getitem__(self, epoch: float) -> bytes:
        return self._weights[epoch]

    def __delitem__(self, epoch: float) -> None:
        del self._weights[epoch]

    def __iter__(self) -> Iterator[float]:
        return iter(list(self._weights))

    def __len__(self) -> int:
        return len(self._weights)

    def copy(self) -> "Snapshots":
        """The same weights, to be changed apart."""
        twin = Snapshots(self.max_bytes)
        twin._weights = dict(self._weights)
        return twin

    @property
    def num_bytes(self) -> int:
        """Memory that the kept weights take."""
        return sum(map(len, self._weights.values()))

    @property
    def newest(self) -> float:
        """The last epoch that is kept; KeyError when there is none."""
        if not self._weights:
            raise KeyError("no snapshot yet")
        return next(reversed(self._weights))
