import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.training.snapshots import Snapshots


@given(st.integers(1, 60), st.integers(0, 300))
def test_the_first_and_the_newest_always_stay(num_epochs, max_bytes):
    kept = Snapshots(max_bytes)
    for epoch in range(num_epochs):
        kept[epoch] = b"weights"
        assert kept.num_bytes <= max(max_bytes, 14)
        assert kept.newest == epoch
    assert 0 in kept
    assert kept[num_epochs - 1] == b"weights"
    assert list(kept) == sorted(kept)


def test_nothing_is_dropped_within_the_budget():
    kept = Snapshots(100)
    for epoch in range(10):
        kept[epoch] = bytes(10)
    assert list(kept) == list(range(10))


def test_an_empty_one_says_so():
    with pytest.raises(KeyError, match="no snapshot"):
        Snapshots().newest  # noqa: B018
