"""Classes: learners who opened the page by one link, `?class=8b`, and share a chart.

    classes = Classes()
    classes.join("8b", owner)         # a Learner: number 1, 2, … in the order of joining
    classes.learners("8b")            # its members, for the chart
    classes.lead("8b", owner)         # the leader's key, for the page on the projector
    classes.activity("8b")            # votes, steps reached, seeds (`class_activity`)
    classes.leave(owner)

There are no logins and no names: a class is a word in a link and a list of anonymous owner tokens.
Everyone who has the word can see the chart, so the chart must contain nothing private, and the
tokens in `Learner.owner` must not leave the server. Instead, the page of a learner or of the leader
gets a random key for its requests to the class. The leader is whoever opens the projector's page
first; another page can take over `LEADER_SECONDS` after the last request of that one. A learner is
in one class at a time. Only runs that began after joining count, so a previous user of the same
computer does not appear.

Classes are stored in memory; `seq2seq.jobs.limits` limits their number and size. A class is deleted
two hours after the last visit.
"""

import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from seq2seq.errors import InputError, LabFullError, shorten
from seq2seq.hosting.class_activity import Activity
from seq2seq.jobs.limits import DEFAULT, Limits

MAX_NAME = 40
LEADER_SECONDS = 60.0


_THIS_SERVER = secrets.token_urlsafe(6)


def _new_key() -> str:
    return f"{_THIS_SERVER}.{secrets.token_urlsafe(12)}"


def is_of_this_server(key: object) -> bool:
    """Whether this server process has made a key: if it is unknown now, its learner has left."""
    return isinstance(key, str) and key.startswith(f"{_THIS_SERVER}.")


@dataclass(frozen=True)
class Learner:
    """One member of a class, known by a number only."""

    number: int  # 1, 2, … in the order of joining; never reused
    owner: str  # the token whose runs are shown; it must not leave the server
    since: float  # seconds since 1970: earlier runs are not shown
    key: str = field(default_factory=_new_key, repr=False)  # known to this learner's page only


@dataclass
class _Leader:
    owner: str
    key: str
    seen: float  # by the clock of `Classes`


@dataclass
class _Class:
    learners: dict[str, Learner] = field(default_factory=dict)  # by owner, in order of joining
    num_joined: int = 0  # including those who have left
    visited: float = 0.0  # by the clock of `Classes`
    address: str = ""  # network address from which it was created; "" if unknown
    leader: _Leader | None = None
    activity: Activity = field(default_factory=Activity)


class Classes:
    """All classes of this server. Thread-safe. `clock` is a monotonic clock in seconds."""

    def __init__(self, limits: Limits = DEFAULT,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self._classes: dict[str, _Class] = {}  # by `class_name`
        self._lock = threading.Lock()

    def join(self, name: str, owner: str, since: float | None = None,
             address: str = "") -> Learner:
        """Add `owner` to the class and remove them from any other; a member stays as they are.

        `address` is the network address of the request. The learner's runs count from `since` on,
        in seconds since 1970 (default: now). Empty classes are deleted if there are too many.
        InputError if `name` is not a valid name, LabFullError if a limit is reached.
        """
        key = class_name(name)
        with self._lock:
            found = self._class(key, address, keep=False)
            if owner in found.learners:
                found.visited = self._clock()
                return found.learners[owner]
            if len(found.learners) >= self.limits.max_learners:
                raise LabFullError(
                    "The class “{name}” is full: it has {n} learners. Everything else works, but "
                    "your runs are not on its chart. The teacher can give some of you a link with "
                    "another name.", name=key, n=self.limits.max_learners)
            self._leave(owner)
            self._classes[key] = found
            found.visited = self._clock()
            found.num_joined += 1
            learner = Learner(found.num_joined, owner, time.time() if since is None else since)
            found.learners[owner] = learner
            return learner

    def leave(self, owner: str) -> None:
        """Remove `owner` from their class, if any; their runs are no longer shown."""
        with self._lock:
            self._leave(owner)

    def of(self, owner: str) -> str:
        """The name of the class that `owner` is in, or ""."""
        with self._lock:
            self._forget()
            for name, found in self._classes.items():
                if owner in found.learners:
                    return name
            return ""

    def learners(self, name: str) -> list[Learner]:
        """The members in the order of joining; [] if there is no such class.

        A call counts as a visit. InputError if `name` is not a valid name.
        """
        key = class_name(name)
        with self._lock:
            self._forget()
            found = self._classes.get(key)
            if found is None:
                return []
            found.visited = self._clock()
            return list(found.learners.values())

    def lead(self, name: str, owner: str, address: str = "") -> str:
        """The key with which `owner` leads the class; "" if the page of another visitor leads it.

        Errors are those of `join`.
        """
        key = class_name(name)
        with self._lock:
            found = self._class(key, address)
            now = found.visited = self._clock()
            leader = found.leader
            if leader is None or (leader.owner != owner and leader.seen < now - LEADER_SECONDS):
                leader = found.leader = _Leader(owner, _new_key(), now)
            leader.seen = now
            return leader.key if leader.owner == owner else ""

    def leads(self, name: str, key: object) -> bool:
        """Whether this is the key of the leader of the class. A call counts as a visit."""
        with self._lock:
            found = self._classes.get(class_name(name))
            leader = found.leader if found else None
            if found is None or leader is None or leader.key != key:
                return False
            found.visited = leader.seen = self._clock()
            return True

    def member(self, key: object) -> tuple[str, Learner] | None:
        """The class and the learner that this key belongs to. A call counts as a visit."""
        with self._lock:
            for name, found in self._classes.items():
                for learner in found.learners.values():
                    if learner.key == key:
                        found.visited = self._clock()
                        return name, learner
            return None

    def activity(self, name: str) -> Activity:
        """The votes, steps and seeds of a class; an empty one if there is no such class."""
        with self._lock:
            found = self._classes.get(class_name(name))
            return found.activity if found else Activity()

    def _class(self, key: str, address: str, keep: bool = True) -> _Class:
        # The class of this name, or a new one, which is kept only if `keep`.
        self._forget()
        found = self._classes.get(key)
        if found is not None:
            return found
        self._make_room(address)
        if len(self._classes) >= self.limits.max_classes:
            raise LabFullError(
                "This server has reached its limit of open classes ({n}). Everything else "
                "works; to join the class, open the link again later.",
                n=self.limits.max_classes)
        found = _Class(address=address)
        if keep:
            self._classes[key] = found
        return found

    def _make_room(self, address: str) -> None:
        # For one more class, delete empty ones if a limit is reached.
        def is_too_much() -> bool:
            near = sum(one.address == address for one in self._classes.values()) if address else 0
            return 0 < self.limits.max_classes_per_address <= near

        empty = sorted((one.visited, name) for name, one in self._classes.items()
                       if not one.learners)
        for _, name in empty:
            if len(self._classes) >= self.limits.max_classes or is_too_much():
                del self._classes[name]
        if is_too_much():
            raise LabFullError(
                "This server allows {n} classes per network address, and yours has reached this "
                "limit. Everything else works; to join the class, open the link again later.",
                n=self.limits.max_classes_per_address)

    def _leave(self, owner: str) -> None:
        for found in self._classes.values():
            if learner := found.learners.pop(owner, None):
                found.activity.leave([learner.number])

    def _forget(self) -> None:
        latest = self._clock() - self.limits.class_seconds
        for name in [name for name, found in self._classes.items() if found.visited < latest]:
            del self._classes[name]


def class_name(text: object) -> str:
    """The name of a class in lower case. InputError if it is not a valid name.

    >>> class_name("Room-8b")
    'room-8b'
    """
    if isinstance(text, str) and re.fullmatch(rf"[A-Za-z0-9_-]{{1,{MAX_NAME}}}", text):
        return text.lower()
    raise InputError(
        "The class in the link is “{name}”: its name must have 1 to {most} letters (a to z), "
        "digits, - or _. Write it like this: ?class=room-8b", name=shorten(text), most=MAX_NAME)
