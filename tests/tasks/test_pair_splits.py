"""For any pairs: no held-out source is trained on, and a source is on one side of the split."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from seq2seq import TrainConfig
from seq2seq.data.splits import make_splits
from seq2seq.errors import InputError
from seq2seq.tasks import get_task

WORDS = st.text(alphabet="abcd ", min_size=1, max_size=6).filter(str.strip)
PAIRS = st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=60)
TOKENS = st.sampled_from(["", "characters", "words", "spaces", "subwords"])


def table(tokens: str, *parts: list[tuple[str, str]]) -> str:
    settings = f"#source-tokens: {tokens}\n" if tokens else ""
    return settings + "---\n".join("".join(f"{a} -> {b}\n" for a, b in part) for part in parts)


def splits_of(text: str, seed: int = 7):
    try:
        return make_splits(get_task("pairs", text), TrainConfig(seed=seed))
    except InputError:  # nothing is left to train on
        return None


@given(PAIRS, PAIRS, TOKENS)
def test_no_held_out_source_is_trained_on(above, below, tokens):
    splits = splits_of(table(tokens, above, below))
    if splits is None:
        assert {" ".join(a.split()) for a, _ in above} <= {" ".join(a.split()) for a, _ in below}
        return
    task = splits.task
    held_out = {task.parse(a) for a, _ in below}
    trained = {e.source for e in splits.train}
    assert trained
    assert not trained & held_out
    assert {e.source for e in (*splits.new, *splits.longer)} == held_out
    assert trained == {task.parse(a) for a, _ in above} - held_out


@given(PAIRS, TOKENS, st.integers(0, 99))
def test_a_random_split_is_by_source_and_all_targets_of_a_source_are_right(pairs, tokens, seed):
    splits = splits_of(table(tokens, pairs), seed)
    if splits is None:
        return
    task, right = splits.task, defaultdict(set)
    for source, target in pairs:
        right[task.parse(source)].add(task.parse_target(target))
    parts = [{e.source for e in part} for part in (splits.train, splits.new, splits.longer)]
    assert not parts[0] & (parts[1] | parts[2])
    assert not parts[1] & parts[2]
    for part in (splits.train, splits.new, splits.longer):
        for e in part:
            assert {e.target, *e.others} == right[e.source]
    for part in (splits.new, splits.longer):
        assert len({e.source for e in part}) == len(part)  # a source is scored once
