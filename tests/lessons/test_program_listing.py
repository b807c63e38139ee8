"""The program listing of the last lesson: it runs, and its faulty lines cause the bugs."""

import math

import pytest

from seq2seq.lessons.program_listing import FAULTY, faulty_line, lines_to_pick, program
from seq2seq.training.notebook_bugs import FAULTS


class Source:
    """One sequence as a tensor of shape (1, tokens)."""

    def __init__(self, tokens: str) -> None:
        self.tokens = tokens

    def size(self, axis: int) -> int:
        return (1, len(self.tokens))[axis]

    def __getitem__(self, place: tuple[int, int]) -> str:
        return self.tokens[place[1]]


def run(fault: str, writes: tuple[int, ...] = (10, 11, 12, 1)) -> dict:
    """The program's names; states are what was read, and the decoder writes `writes` in turn."""
    seen: dict = {"read": [], "states": [], "losses": []}

    def read(token, state):
        seen["read"].append(token)
        return (*state, token)

    def write(token, state, memory):
        seen["states"].append(state)
        return dict.fromkeys(range(20), 0.5), (*state, token)

    answers = iter(writes)
    names = {"start_state": tuple, "encoder_step": read, "decoder_step": write, "log": math.log,
             "LIMIT": 6, "update_weights": seen["losses"].append,
             "argmax": lambda probs: next(answers)}
    exec("\n".join(program(fault)), names)
    return {**names, "seen": seen}


def test_the_repaired_program_reads_all_learns_the_end_and_carries_its_state():
    made = run("none")
    made["train_on"](Source("012"), "210")
    assert made["seen"]["read"] == list("012")
    assert [len(state) for state in made["seen"]["states"]] == [3, 4, 5, 6]
    assert made["seen"]["losses"] == [pytest.approx(4 * math.log(2))]
    assert made["numbers_of"]("210") == [12, 11, 10, made["END"]]
    assert made["answer"](Source("210")) == [10, 11, 12, 1]


def test_the_first_token_only():
    made = run("first-token")
    assert made["encode"](Source("012")) == made["encode"](Source("021")) == (("0",), [("0",)])


def test_forgetful_in_training_and_not_when_it_answers():
    made = run("forgetful")
    made["train_on"](Source("012"), "210")
    assert {len(state) for state in made["seen"]["states"]} == {3}
    made["seen"]["states"].clear()
    made["answer"](Source("012"))
    assert [len(state) for state in made["seen"]["states"]] == [3, 4, 5, 6]


def test_endless_targets_have_no_end():
    made = run("endless")
    assert made["END"] not in made["numbers_of"]("210")


def test_double_end_stops_at_a_one():
    made = run("double-end")
    assert made["number"]["1"] == made["END"]
    assert made["numbers_of"]("1") == [made["END"]] * 2


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"none"}))
def test_one_line_differs_and_it_can_be_picked(fault):
    pairs = enumerate(zip(program(fault), program("none"), strict=True), 1)
    assert [n for n, (one, other) in pairs if one != other] == [faulty_line(fault)]
    assert faulty_line(fault) in lines_to_pick(fault)
    right, faulty = FAULTY[fault]
    assert len(faulty) <= len(right) + 5, "a longer line would give itself away"


def test_headings_and_empty_lines_cannot_be_picked():
    lines = program("none")
    assert all(lines[n - 1].strip() for n in lines_to_pick("none"))
    assert not any(lines[n - 1].startswith("def") for n in lines_to_pick("none"))
