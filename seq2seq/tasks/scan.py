"""SCAN: commands to actions, for example "walk left twice" to LTURN WALK LTURN WALK.

The grammar of Lake & Baroni (2018, arXiv:1711.00350) has 20,910 commands. It tests compositional
generalisation: a person who knows "walk twice" and learns "jump" can jump twice. The models succeed
on a random split of the commands, but fail if long answers or one verb are held out.
"""

import random
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.tasks.sampling import Example, Sets, Tokens, distinct, solved
from seq2seq.tasks.task import Task

VERBS: Tokens = ("walk", "look", "run", "jump")
SIDES: Tokens = ("left", "right")
WORDS: Tokens = (*VERBS, "turn", *SIDES, "opposite", "around", "twice", "thrice", "and", "after")
ACTIONS: Tokens = ("WALK", "LOOK", "RUN", "JUMP", "LTURN", "RTURN")
LINKS: Tokens = ("and", "after")
LONGEST = 48  # actions of the longest answer in the grammar
REPEATED = 1_467  # copies of "jump" in the training set of the jump split, a tenth of it
NUM_HELD_OUT = 200  # held-out commands like those in training, in the splits that fail
NUM_BEYOND = 200  # commands of the third set


def phrases() -> Iterator[Tokens]:
    """The 34 phrases V of the grammar: verb, "opposite" or "around", direction."""
    for verb in VERBS:
        yield (verb,)
    for verb in (*VERBS, "turn"):
        for way in ((), ("opposite",), ("around",)):
            for side in SIDES:
                yield (verb, *way, side)


@lru_cache
def commands() -> tuple[Tokens, ...]:
    """All 20,910 commands: C = S and S | S after S | S, with S = V twice | V thrice | V."""
    single = [(*phrase, *times) for phrase in phrases() for times in ((), ("twice",), ("thrice",))]
    double = [(*one, link, *two) for link in LINKS for one in single for two in single]
    return (*single, *double)


@lru_cache(maxsize=50_000)
def execute(tokens: Tokens) -> Tokens:
    """The actions of a command, () if it is none. More than two parts are allowed.

    >>> execute(("walk", "twice", "after", "turn", "left"))
    ('LTURN', 'WALK', 'WALK')
    """
    for i in reversed(range(len(tokens))):  # links are left-associative: split at the last one
        if tokens[i] in LINKS:
            one, two = execute(tokens[:i]), _single(tokens[i + 1 :])
            if not one or not two:
                return ()
            return one + two if tokens[i] == "and" else two + one
    return _single(tokens)


def _single(tokens: Tokens) -> Tokens:
    """The actions of an S: a phrase once, twice or thrice."""
    times = {"twice": 2, "thrice": 3}.get(tokens[-1], 1) if tokens else 1
    return times * _phrase(tokens[:-1] if times > 1 else tokens)


def _phrase(tokens: Tokens) -> Tokens:
    """The actions of a V: one turn, "opposite" two, "around" four with the action after each."""
    match tokens:
        case (verb,) if verb in VERBS:
            return (verb.upper(),)
        case (verb, *way, side) if verb in (*VERBS, "turn") and side in SIDES:
            turn: Tokens = (f"{side[0].upper()}TURN",)
            action: Tokens = () if verb == "turn" else (verb.upper(),)
            return {"": turn + action, "opposite": 2 * turn + action,
                    "around": 4 * (turn + action)}.get(" ".join(way), ())
    return ()


Split = tuple[list[Tokens], list[Tokens]]  # training commands, test commands


@dataclass(frozen=True)
class ScanTask(Task):
    """The random split. The size of a command is its number of actions."""

    def split(self, rng: random.Random, longest: int) -> Split:
        """16,728 training commands (four fifths) and 4,182 test commands."""
        tested = [command for command in self.example_sources() if command in commands()]
        rest = [command for command in commands() if command not in tested]
        rng.shuffle(rest)
        num_train = round(0.8 * len(commands()))
        return rest[:num_train], [*tested, *rest[num_train:]]

    def sets(self, config: TrainConfig, rng: random.Random) -> Sets:
        """The random split. Third set: three joined commands; the grammar joins only two."""
        train, new = self.split(rng, config.max_length)
        longer: dict[Tokens, None] = {}
        while len(longer) < NUM_BEYOND:
            one, two = rng.choice(commands()), rng.choice(commands())
            link = rng.choice(LINKS)
            if self.parts(one) + self.parts(two) == 3 and len(execute((*one, link, *two))) <= 22:
                longer[*one, link, *two] = None
        return (solved(self, train[: config.num_examples]), solved(self, new),
                solved(self, list(longer)))

    @property
    def is_table(self) -> bool:
        """Always True: the grammar is finite."""
        return True

    def select_scored(self, examples: Sequence[Example], count: int) -> tuple[Example, ...]:
        """A selection with up to a quarter of single commands, without "and" or "after".

        Only one in 200 commands is single; a random selection would contain almost none.
        """
        examples = distinct(examples)
        single = [e for e in examples if self.parts(e.source) == 1]
        # The bare verbs first: all other commands are composed of them.
        single.sort(key=lambda e: len(e.source) > 1)
        joined = [e for e in examples if self.parts(e.source) > 1]
        chosen = single[: max(count // 4, count - len(joined))]
        chosen += joined[: count - len(chosen)]
        kept = {e.source for e in chosen}
        return tuple(e for e in examples if e.source in kept)

    def in_longer_set(self, tokens: Tokens, trained_on: Set[Tokens]) -> bool:
        """True if a command has more parts than the grammar allows."""
        return self.parts(tokens) > 2

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A random command of any size."""
        return rng.choice(commands())

    @staticmethod
    def parts(tokens: Tokens) -> int:
        """The number of commands joined by "and" or "after"."""
        return 1 + sum(token in LINKS for token in tokens)

    def parse(self, text: str) -> Tokens:
        """The words of a text. They need not form a command of the grammar."""
        if not isinstance(text, str):
            raise InputError("The command is {value}: it must be text. {allowed}",
                             value=shorten(text), allowed=self._allowed())
        tokens = tuple(text[:10_000].lower().replace(",", " ").split())
        if not tokens:
            raise InputError("The box is empty. {allowed}", allowed=self._allowed())
        for token in tokens:
            if token not in WORDS:
                raise InputError("“{token}” is not in this task's vocabulary. {allowed}",
                                 token=shorten(token), allowed=self._allowed())
        self.check_length(tokens)
        return tokens

    def size(self, tokens: Tokens) -> int:
        """The number of actions."""
        return len(self.rule(tokens)) or len(tokens)

    def _allowed(self) -> LazyText:
        return LazyText("Use the words {words}, for example: {example}", words=", ".join(WORDS),
                        example=self.example)


@dataclass(frozen=True)
class GeneralisationTask(ScanTask):
    """A split that requires generalisation; its test commands are the third set.

    A small part of the training commands is held out as second set, so the page can show both:
    commands like those in training, which the model gets right, and the test commands, which it
    gets wrong. A twentieth of the second set are single commands, which are rare
    (see `ScanTask.select_scored`).
    """

    def sets(self, config: TrainConfig, rng: random.Random) -> Sets:
        """The published split without the commands of the second set."""
        train, test = self.split(rng, config.max_length)
        rng.shuffle(train)
        rng.shuffle(test)
        count = min(NUM_HELD_OUT, len(train) // 5)
        example_sources = [command for command in self.example_sources() if command in set(train)]
        single = [c for c in train if self.parts(c) == 1 and len(c) > 1][: count // 20]
        rest = [c for c in train if c != ("jump",)]
        # Dicts, not sets: their order does not depend on the process.
        held_out = dict.fromkeys(list(dict.fromkeys([*example_sources, *single, *rest]))[:count])
        train = [command for command in train if command not in held_out]
        shown = [command for command in self.example_sources() if command in set(test)]
        longer = list(dict.fromkeys([*shown, *test]))
        return (solved(self, train[: config.num_examples]), solved(self, list(held_out)),
                solved(self, longer[:NUM_BEYOND]))


@dataclass(frozen=True)
class LengthTask(GeneralisationTask):
    """The length split: short answers for training, long ones for testing."""

    def split(self, rng: random.Random, longest: int) -> Split:
        """Commands of up to `longest` actions (16,990 for 22) and longer ones (3,920)."""
        near = [command for command in commands() if len(execute(command)) <= longest]
        return near, [command for command in commands() if len(execute(command)) > longest]

    def in_longer_set(self, tokens: Tokens, trained_on: Set[Tokens]) -> bool:
        """True if a command has more actions than all training commands."""
        return self.size(tokens) > max(map(self.size, trained_on))

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A command of `length` actions, or of the largest smaller size that exists."""
        return rng.choice(next(of_size(n) for n in range(length, 0, -1) if of_size(n)))


@dataclass(frozen=True)
class JumpTask(GeneralisationTask):
    """The jump split: the only training command with "jump" is "jump" alone."""

    def split(self, rng: random.Random, longest: int) -> Split:
        """14,670 training commands, a tenth of them "jump"; 7,706 test commands with "jump"."""
        near = [command for command in commands() if "jump" not in command]
        return ([*near, *REPEATED * [("jump",)]],
                [command for command in commands() if "jump" in command and len(command) > 1])

    def in_longer_set(self, tokens: Tokens, trained_on: Set[Tokens]) -> bool:
        """True if "jump" occurs with other words."""
        return "jump" in tokens and len(tokens) > 1

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A command without "jump", or "jump" alone with probability 0.1."""
        while True:
            command = ("jump",) if rng.random() < 0.1 else rng.choice(commands())
            if "jump" not in command or len(command) == 1:
                return command


@lru_cache
def of_size(size: int) -> tuple[Tokens, ...]:
    """The commands with `size` actions."""
    return tuple(command for command in commands() if len(execute(command)) == size)


MODEL = ModelConfig(cell="lstm", attention="dot", hidden_size=96, embedding_dim=32)
TRAIN = TrainConfig(num_epochs=10, learning_rate=0.005, num_examples=16_728, batch_size=64,
                    min_length=1, max_length=30)
STORY = ("Lake and Baroni (2018) asked whether such a model learns the *meaning* of words. A child "
         "who learns the verb “to dax” immediately understands “dax twice”. ")
SCORED = ("Single commands, without “and” or “after”, are rare (one in 200), and the model learns "
          "them last. To make this visible, they make up as much as a quarter of the commands that "
          "are scored as “Seen in training” and “New”.")

SCAN = ScanTask(
    "scan", "Commands, divided at random",
    "Read a command such as “jump twice and walk left” and write the actions one by one.",
    "it is instruction following; here the test commands are of the same kind as the training "
    "commands",
    "jump twice and walk left", WORDS, execute, model=MODEL, train=TRAIN,
    target_alphabet=ACTIONS, family="Where models fail",
    more_examples=("jump around left twice", "turn opposite right after look thrice",
                   "run around right and walk opposite left thrice",
                   "walk and look after run and jump"),
    unit="actions", longer="Three commands in a row", longer_by=1,
    teaches="All 20,910 commands of a small grammar: four fifths are used for training, and the "
            "model gets nearly all of the rest correct, too. It seems to understand the commands. "
            "Then type “walk”, try three commands in a row, or choose one of the two other ways to "
            "divide the same commands. " + SCORED)
SCAN_LENGTH = LengthTask(
    "scan-length", "Commands: train on short ones, test on long ones",
    "The same commands, but trained only on those with at most 22 actions.",
    "it shows whether the model has learned the rule or only answers like those in training",
    "jump around left twice and walk around right twice", WORDS, execute, model=MODEL,
    train=replace(TRAIN, num_examples=20_000, max_length=22), target_alphabet=ACTIONS,
    family="Where models fail",
    more_examples=("jump twice and walk left", "run around right thrice",
                   "look around left thrice after walk around left twice",
                   "turn around right thrice and run around left thrice"),
    unit="actions", longer="24 to 48 actions", longer_by=1,
    teaches="Every part of a long command occurs in training. Still the model fails as soon as "
            "the answer is longer than any in training: it has learned at which lengths answers "
            "end, not how the command determines the length. " + SCORED)
SCAN_JUMP = JumpTask(
    "scan-jump", "Commands with a new verb",
    "The same commands, but “jump” occurs in training only on its own.",
    "it shows whether a new word can be used like known words",
    "jump twice", WORDS, execute, model=MODEL,
    train=replace(TRAIN, num_examples=20_000), target_alphabet=ACTIONS, family="Where models fail",
    more_examples=("run twice", "walk and jump", "jump around left twice",
                   "look around left twice"),
    unit="actions", longer="“jump” with other words", longer_by=1,
    teaches=STORY + "This model has seen “jump” on its own a thousand times, and it can execute "
            "“run twice”. Now try “jump twice”. " + SCORED)
