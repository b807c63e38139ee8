"""Commands to be carried out: "walk left twice" becomes LTURN WALK LTURN WALK.

The SCAN grammar of Lake & Baroni 2018 (arXiv:1711.00350): 20,910 commands and no more. A person who
knows "walk twice" and learns what "to jump" means can jump twice. These models cannot, and the
three ways of dividing the commands show it: at random it works; with longer answers held out,
or with one verb held out, it breaks.
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
LONGEST = 48  # actions that a command of the grammar can ask for
REPEATED = 1_467  # times that the jump split repeats "jump", to make it a tenth of the training set
NUM_HELD_OUT = 200  # of the kind that is trained on, in the splits that break
NUM_BEYOND = 200


def phrases() -> Iterator[Tokens]:
    """The grammar's V: a verb, a direction, "opposite" or "around"; 34 of them."""
    for verb in VERBS:
        yield (verb,)
    for verb in (*VERBS, "turn"):
        for way in ((), ("opposite",), ("around",)):
            for side in SIDES:
                yield (verb, *way, side)


@lru_cache
def commands() -> tuple[Tokens, ...]:
    """All 20,910: C = S and S | S after S | S, with S = V twice | V thrice | V."""
    single = [(*phrase, *times) for phrase in phrases() for times in ((), ("twice",), ("thrice",))]
    double = [(*one, link, *two) for link in LINKS for one in single for two in single]
    return (*single, *double)


@lru_cache(maxsize=50_000)
def carry_out(tokens: Tokens) -> Tokens:
    """The actions of a command; () if it is none. A third part is simply carried out with the rest.

    >>> carry_out(("walk", "twice", "after", "turn", "left"))
    ('LTURN', 'WALK', 'WALK')
    """
    for i in reversed(range(len(tokens))):  # the last link joins all that stands before it
        if tokens[i] in LINKS:
            one, two = carry_out(tokens[:i]), _single(tokens[i + 1 :])
            if not one or not two:
                return ()
            return one + two if tokens[i] == "and" else two + one
    return _single(tokens)


def _single(tokens: Tokens) -> Tokens:
    """S: once, twice or thrice."""
    times = {"twice": 2, "thrice": 3}.get(tokens[-1], 1) if tokens else 1
    return times * _phrase(tokens[:-1] if times > 1 else tokens)


def _phrase(tokens: Tokens) -> Tokens:
    """V: a side means one turn, "opposite" two, "around" four with the action after each."""
    match tokens:
        case (verb,) if verb in VERBS:
            return (verb.upper(),)
        case (verb, *way, side) if verb in (*VERBS, "turn") and side in SIDES:
            turn: Tokens = (f"{side[0].upper()}TURN",)
            action: Tokens = () if verb == "turn" else (verb.upper(),)
            return {"": turn + action, "opposite": 2 * turn + action,
                    "around": 4 * (turn + action)}.get(" ".join(way), ())
    return ()


Divided = tuple[list[Tokens], list[Tokens]]  # what is trained on, what is tested


@dataclass(frozen=True)
class ScanTask(Task):
    """The commands divided at random; the size of one is how many actions it asks for."""

    def divided(self, rng: random.Random, longest: int) -> Divided:
        """Four fifths to train on, the rest to test: 16,728 and 4,182 of them."""
        tested = [command for command in self.offered() if command in commands()]
        rest = [command for command in commands() if command not in tested]
        rng.shuffle(rest)
        num_train = round(0.8 * len(commands()))
        return rest[:num_train], [*tested, *rest[num_train:]]

    def sets(self, config: TrainConfig, rng: random.Random) -> Sets:
        """The published split, and, third, three commands in a row: the grammar has only two."""
        train, new = self.divided(rng, config.max_length)
        longer: dict[Tokens, None] = {}
        while len(longer) < NUM_BEYOND:
            one, two = rng.choice(commands()), rng.choice(commands())
            link = rng.choice(LINKS)
            if self.parts(one) + self.parts(two) == 3 and len(carry_out((*one, link, *two))) <= 22:
                longer[*one, link, *two] = None
        return (solved(self, train[: config.num_examples]), solved(self, new),
                solved(self, list(longer)))

    @property
    def is_table(self) -> bool:
        """The grammar has 20,910 commands."""
        return True

    def scored(self, examples: Sequence[Example], count: int) -> tuple[Example, ...]:
        """A quarter of them are single commands, where there are so many.

        Only one in 200 commands is single. Drawn as they come nearly none of them would be scored.
        """
        examples = distinct(examples)
        single = [e for e in examples if self.parts(e.source) == 1]
        # The verbs by themselves come first: all that the other commands are made of.
        single.sort(key=lambda e: len(e.source) > 1)
        joined = [e for e in examples if self.parts(e.source) > 1]
        chosen = single[: max(count // 4, count - len(joined))]
        chosen += joined[: count - len(chosen)]
        kept = {e.source for e in chosen}
        return tuple(e for e in examples if e.source in kept)

    def is_beyond(self, tokens: Tokens, trained_on: Set[Tokens]) -> bool:
        """Whether a command has more parts than the grammar knows."""
        return self.parts(tokens) > 2

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """Any command, however long its answer is."""
        return rng.choice(commands())

    @staticmethod
    def parts(tokens: Tokens) -> int:
        """How many commands are joined by "and" or "after"."""
        return 1 + sum(token in LINKS for token in tokens)

    def parse(self, text: str) -> Tokens:
        """Words of the grammar. Where they make no command, they are read all the same."""
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
        """Actions."""
        return len(self.rule(tokens)) or len(tokens)

    def _allowed(self) -> LazyText:
        return LazyText("Use the words {words}, for example: {example}", words=", ".join(WORDS),
                        example=self.example)


@dataclass(frozen=True)
class BreakingTask(ScanTask):
    """A split that asks for more than memory: what it tests is the third set.

    Of what would be trained on a little is held out, so that the page can show both: commands of
    the same kind, which are learned, and those of the test, which are not. A twentieth of it are
    single commands of several words, which are rare (see `ScanTask.scored`).
    """

    def sets(self, config: TrainConfig, rng: random.Random) -> Sets:
        """The published split, less the commands of the second set."""
        train, test = self.divided(rng, config.max_length)
        rng.shuffle(train)
        rng.shuffle(test)
        count = min(NUM_HELD_OUT, len(train) // 5)
        offered = [command for command in self.offered() if command in set(train)]
        single = [c for c in train if self.parts(c) == 1 and len(c) > 1][: count // 20]
        rest = [c for c in train if c != ("jump",)]
        # Dicts, not sets: their order is the same in every process.
        held_out = dict.fromkeys(list(dict.fromkeys([*offered, *single, *rest]))[:count])
        train = [command for command in train if command not in held_out]
        longer = list(dict.fromkeys([*(c for c in self.offered() if c in set(test)), *test]))
        return (solved(self, train[: config.num_examples]), solved(self, list(held_out)),
                solved(self, longer[:NUM_BEYOND]))


@dataclass(frozen=True)
class LengthTask(BreakingTask):
    """Trained on short answers, tested on long ones."""

    def divided(self, rng: random.Random, longest: int) -> Divided:
        """Commands of up to `longest` actions (of 22: 16,990), and the longer ones (3,920)."""
        near = [command for command in commands() if len(carry_out(command)) <= longest]
        return near, [command for command in commands() if len(carry_out(command)) > longest]

    def is_beyond(self, tokens: Tokens, trained_on: Set[Tokens]) -> bool:
        """Whether a command asks for more actions than any that was trained on."""
        return self.size(tokens) > max(map(self.size, trained_on))

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A command of `length` actions, or of as many less as there must be to find one."""
        return rng.choice(next(of_size(n) for n in range(length, 0, -1) if of_size(n)))


@dataclass(frozen=True)
class JumpTask(BreakingTask):
    """Of all commands with "jump", only "jump" itself is trained on."""

    def divided(self, rng: random.Random, longest: int) -> Divided:
        """14,670 to train on, "jump" being a tenth of them, and the 7,706 others with "jump"."""
        near = [command for command in commands() if "jump" not in command]
        return ([*near, *REPEATED * [("jump",)]],
                [command for command in commands() if "jump" in command and len(command) > 1])

    def is_beyond(self, tokens: Tokens, trained_on: Set[Tokens]) -> bool:
        """Whether "jump" stands with other words."""
        return "jump" in tokens and len(tokens) > 1

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A command without "jump", or, one time in ten, "jump" alone."""
        while True:
            command = ("jump",) if rng.random() < 0.1 else rng.choice(commands())
            if "jump" not in command or len(command) == 1:
                return command


@lru_cache
def of_size(size: int) -> tuple[Tokens, ...]:
    """The commands of so many actions."""
    return tuple(command for command in commands() if len(carry_out(command)) == size)


MODEL = ModelConfig(cell="lstm", attention="dot", hidden_size=96, embedding_dim=32)
TRAIN = TrainConfig(num_epochs=10, learning_rate=0.005, num_examples=16_728, batch_size=64,
                    min_length=1, max_length=30)
STORY = ("Lake and Baroni (2018) asked whether such a model learns the *meaning* of words. A child "
         "that learns “to dax” can dax twice at once. ")
SCORED = ("Single commands, without “and” or “after”, are rare (one in 200), and the model learns "
          "them last. To make this visible, they are up to a quarter of the seen and new commands "
          "that are scored.")

SCAN = ScanTask(
    "scan", "Commands, divided at random",
    "Read a command such as “jump twice and walk left”, write the actions one by one.",
    "it is following instructions; here the test commands are of the same kind as the training "
    "commands",
    "jump twice and walk left", WORDS, carry_out, model=MODEL, train=TRAIN,
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
    "scan-length", "Commands, short ones to learn, long ones to test",
    "The same commands, but trained only on those with at most 22 actions.",
    "it shows whether the model has learned the rule or only answers like those in training",
    "jump around left twice and walk around right twice", WORDS, carry_out, model=MODEL,
    train=replace(TRAIN, num_examples=20_000, max_length=22), target_alphabet=ACTIONS,
    family="Where models fail",
    more_examples=("jump twice and walk left", "run around right thrice",
                   "look around left thrice after walk around left twice",
                   "turn around right thrice and run around left thrice"),
    unit="actions", longer="24 to 48 actions", longer_by=1,
    teaches="Every part of a long command occurs in training. Still the model fails as soon as "
            "the answer is longer than any in training: it has learned when to stop, not how to "
            "count. " + SCORED)
SCAN_JUMP = JumpTask(
    "scan-jump", "Commands with a new verb",
    "The same commands, but “jump” occurs in training only on its own.",
    "it shows whether a new word can be used like known words",
    "jump twice", WORDS, carry_out, model=MODEL,
    train=replace(TRAIN, num_examples=20_000), target_alphabet=ACTIONS, family="Where models fail",
    more_examples=("run twice", "walk and jump", "jump around left twice",
                   "look around left twice"),
    unit="actions", longer="“jump” with other words", longer_by=1,
    teaches=STORY + "This model has seen “jump” on its own a thousand times, and it can run "
            "twice. Now let it jump twice. " + SCORED)
