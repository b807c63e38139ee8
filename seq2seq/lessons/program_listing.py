"""The program shown in the last lesson, with one faulty line.

It is a shortened form of the notebook on which this lab is based. Tests run it with each fault and
compare it with the models of `notebook_bugs.py`.
"""

from seq2seq.training.notebook_bugs import FAULTS

PROGRAM = '''\
START, END = 0, 1
number = {"0": 10, "1": 11, "2": 12}  # and so on

def numbers_of(target):
    numbers = [number[token] for token in target]
    return numbers + [END]

def encode(source):  # a tensor: (1, tokens)
    state, memory = start_state(), []
    for t in range(source.size(1)):
        state = encoder_step(source[0, t], state)
        memory.append(state)
    return state, memory

def train_on(source, target):
    context, memory = encode(source)
    state, token, loss = context, START, 0
    for correct in numbers_of(target):
        probs, new = decoder_step(token, state, memory)
        loss = loss - log(probs[correct])
        state = new
        token = correct
    update_weights(loss)

def answer(source):
    state, memory = encode(source)
    token, written = START, []
    while token != END and len(written) < LIMIT:
        probs, state = decoder_step(token, state, memory)
        token = argmax(probs)
        written.append(token)
    return written
'''
# Fault -> the correct line, the faulty line.
FAULTY = {
    "first-token": ("    for t in range(source.size(1)):", "    for t in range(source.size(0)):"),
    "forgetful": ("        state = new", "        state = context"),
    "endless": ("    return numbers + [END]", "    return numbers"),
    "double-end": ('number = {"0": 10, "1": 11, "2": 12}  # and so on',
                   'number = {"0": 10, "1": 1, "2": 12}  # and so on'),
}
assert set(FAULTY) == set(FAULTS) - {"none"}


def program(fault: str) -> list[str]:
    """The lines of the program with a fault, or of the correct one ("none")."""
    lines = PROGRAM.splitlines()
    if fault != "none":
        lines[faulty_line(fault) - 1] = FAULTY[fault][1]
    return lines


def faulty_line(fault: str) -> int:
    """The number of the faulty line, from 1."""
    return PROGRAM.splitlines().index(FAULTY[fault][0]) + 1


def lines_to_pick(fault: str) -> list[int]:
    """The numbers of the lines that a learner can pick: all but empty lines and `def` lines."""
    return [n for n, line in enumerate(program(fault), 1)
            if line.strip() and not line.startswith("def ")]
