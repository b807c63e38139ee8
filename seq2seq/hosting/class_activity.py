"""What the members of one class do together: votes, steps reached, own seeds, a sweep.

    activity = Activity()
    activity.vote("bottleneck", 3, learner=1, choice=2)    # once in each round
    activity.ballot("bottleneck").voted                    # how many have voted in this round
    activity.show("bottleneck")                            # ends the round; its counts may be shown
    activity.vote_again("bottleneck")                      # the second round, after a discussion

Learners are numbers (`Learner.number`), so a vote cannot be traced to a visitor's token. Callers
check names of questions and numbers of learners; so the memory is limited by the questions, the
learners of a class and `MAX_ROUNDS`. Nothing is saved: a restart of the server forgets all votes.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from seq2seq.errors import InputError
from seq2seq.hosting.class_sweep import ClassSweep

MAX_ROUNDS = 2
SEEDS_APART = 1000  # between two requests for seeds; more than a class may have learners
MAX_REQUESTS = 998


class Ballot(NamedTuple):
    """The state of the votes on one question."""

    round: int  # 1 or 2
    voters: frozenset[int]  # learners who have voted in this round
    is_shown: bool  # the round has ended
    counts: tuple[tuple[int, ...], ...]  # of each round that has been shown, by choice

    @property
    def voted(self) -> int:
        """How many have voted in this round."""
        return len(self.voters)

    def is_open_to(self, learner: int) -> bool:
        """Whether this learner may vote now."""
        return not self.is_shown and learner not in self.voters


NO_VOTES = Ballot(1, frozenset(), False, ())


@dataclass
class _Votes:
    num_choices: int
    rounds: list[dict[int, int]] = field(default_factory=lambda: [{}])  # learner -> choice
    is_shown: bool = False  # the newest round
    first_is_shown: bool = False  # before the second round began

    def ballot(self) -> Ballot:
        shown = self.rounds if self.is_shown else self.rounds[:-1] if self.first_is_shown else []
        return Ballot(len(self.rounds), frozenset(self.rounds[-1]), self.is_shown, tuple(
            tuple(sum(choice == c for choice in votes.values()) for c in range(self.num_choices))
            for votes in shown))


class Activity:
    """The activity of one class. Thread-safe."""

    def __init__(self) -> None:
        self._votes: dict[str, _Votes] = {}  # by question
        self._reached: dict[str, dict[int, int]] = {}  # question -> learner -> step
        self._num_requests = 0  # for seeds
        self._newest = ""
        self._sweep: ClassSweep | None = None
        self._lock = threading.Lock()

    @property
    def newest(self) -> str:
        """The question that the class came to last; "" before the first."""
        return self._newest

    def questions(self) -> list[str]:
        """All questions that a learner has reached."""
        with self._lock:
            return list(self._reached)

    def vote(self, question: str, num_choices: int, learner: int, choice: int) -> Ballot:
        """Count a learner's vote in the current round; a second one in a round is not counted.

        InputError if the round has ended, or if there is no such choice.
        """
        if type(choice) is not int or not 0 <= choice < num_choices:
            raise InputError("There is no such answer: choose one of the answers of the page.")
        self.reach(question, learner, 0)
        with self._lock:
            votes = self._votes.setdefault(question, _Votes(num_choices))
            if votes.is_shown:
                raise InputError("The votes of the class are already shown: your guess is saved, "
                                 "but it is not counted.")
            votes.rounds[-1].setdefault(learner, choice)
            return votes.ballot()

    def ballot(self, question: str) -> Ballot:
        """The votes on a question."""
        with self._lock:
            votes = self._votes.get(question)
            return votes.ballot() if votes else NO_VOTES

    def show(self, question: str) -> None:
        """End the round: its counts may be shown. Without any vote, nothing happens."""
        with self._lock:
            votes = self._votes.get(question)
            if votes and votes.rounds[-1]:
                votes.is_shown = True

    def vote_again(self, question: str) -> None:
        """Begin the second round, if there were votes in the first."""
        with self._lock:
            votes = self._votes.get(question)
            if votes and votes.rounds[-1] and len(votes.rounds) < MAX_ROUNDS:
                votes.first_is_shown, votes.is_shown = votes.is_shown, False
                votes.rounds.append({})

    def second_round(self, learner: int) -> str:
        """A question whose second round still lacks this learner's vote; "" if there is none."""
        with self._lock:
            for question, votes in self._votes.items():
                if len(votes.rounds) > 1 and votes.ballot().is_open_to(learner) \
                        and learner in votes.rounds[0]:
                    return question
            return ""

    def reach(self, question: str, learner: int, step: int) -> None:
        """Note that a learner is at a step, from 0; the highest one counts."""
        with self._lock:
            if question not in self._reached:
                self._reached[question] = {}
                self._newest = question
            steps = self._reached[question]
            steps[learner] = max(step, steps.get(learner, 0))

    def num_reached(self, question: str, num_steps: int) -> list[int]:
        """How many learners have reached each of the steps 0 to `num_steps` - 1."""
        with self._lock:
            steps = list(self._reached.get(question, {}).values())
        return [sum(reached >= step for reached in steps) for step in range(num_steps)]

    def request_seeds(self) -> None:
        """Ask all learners to train with a seed of their own, other than those before."""
        with self._lock:
            self._num_requests = self._num_requests % MAX_REQUESTS + 1

    def seed_of(self, learner: int) -> int | None:
        """The seed that this learner is asked to use; None before the first request."""
        with self._lock:
            requests = self._num_requests
            return SEEDS_APART * requests + learner % SEEDS_APART if requests else None

    @property
    def sweep(self) -> ClassSweep | None:
        """The sweep whose cells the learners train; None before the first."""
        return self._sweep

    def begin_sweep(self, sweep: ClassSweep) -> None:
        """Replace the sweep of the class, unless it has the same cells."""
        with self._lock:
            if self._sweep is None or self._sweep.cells != sweep.cells:
                self._sweep = sweep

    def leave(self, learners: Iterable[int]) -> None:
        """Delete the votes and steps of these learners, and free their cells."""
        learners = list(learners)
        if self._sweep is not None:
            self._sweep.leave(learners)
        with self._lock:
            for learner in learners:
                for steps in self._reached.values():
                    steps.pop(learner, None)
                for votes in self._votes.values():
                    for one in votes.rounds:
                        one.pop(learner, None)
