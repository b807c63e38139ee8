"""What the pages of a class request: a learner's vote and news, the leader's commands.

Each request contains the key of a learner or of the leader (`hosting.classes`), and is checked
here. The answers contain counts only, so a vote stays anonymous.
"""

from html import escape
from typing import Any

from seq2seq.errors import InputError, Seq2SeqError
from seq2seq.hosting.class_activity import Activity, Ballot
from seq2seq.hosting.classes import Learner, is_of_this_server
from seq2seq.i18n import _, ngettext
from seq2seq.lessons import Lesson, get_lesson, lessons
from seq2seq.ui.classroom.sweep import news, sweep_in
from seq2seq.ui.components.html import percent
from seq2seq.ui.components.markdown import inline
from seq2seq.ui.lab import Lab
from seq2seq.ui.lessons.pages import step_names


class ClassActivity:
    """Answers these requests. A question of the class is the guess of a lesson, by its name."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def vote(self, question: Any) -> dict[str, Any]:
        """Count the vote of [learner's key, lesson, choice]; {"problem": sentence} if it cannot."""
        try:
            key, name, choice = question
            name_of_class, learner = self._member(key)
            lesson = get_lesson(str(name))
            activity = self.lab.classes.activity(name_of_class)
            activity.vote(lesson.name, len(lesson.choices), learner.number, choice)
        except Seq2SeqError as problem:
            return {"problem": _(problem)}
        except (TypeError, ValueError):
            return {"problem": _("This request cannot be read. Reload the page.")}
        return {"vote": self.vote_news(name_of_class, learner, lesson)}

    def pulse(self, question: Any) -> dict[str, Any]:
        """News for a learner's page, which sends [key, lesson, step] ("" without a lesson).

        "gone" if the key is unknown, since the server was restarted; "left" if the learner has left
        the class, perhaps on another page.
        """
        try:
            key, name, step = question
        except (TypeError, ValueError):
            return {"gone": True}
        try:
            name_of_class, learner = self._member(key)
        except InputError:
            return {"left": True} if is_of_this_server(key) else {"gone": True}
        activity = self.lab.classes.activity(name_of_class)
        found: dict[str, Any] = {"seed": activity.seed_of(learner.number),
                                 "cell": news(self.lab, activity.sweep, learner)}
        lesson = _lesson(name)
        if lesson is not None and type(step) is int and 0 <= step <= len(lesson.steps) + 1:
            activity.reach(lesson.name, learner.number, step)
            found["vote"] = self.vote_news(name_of_class, learner, lesson)
        again = _lesson(activity.second_round(learner.number))
        if again is not None:
            found["again"] = {"lesson": again.name, "say": _(
                "The class votes again in lesson {n}, “{title}”.", n=again.number,
                title=_(again.title))}
        return found

    def vote_news(self, name: str, learner: Learner, lesson: Lesson) -> dict[str, Any]:
        """Whether the learner may vote on the lesson's question now, and a sentence."""
        ballot = self.lab.classes.activity(name).ballot(lesson.name)
        return {"lesson": lesson.name, "round": ballot.round,
                "open": ballot.is_open_to(learner.number),
                "say": learner_words(ballot, learner, self._num_learners(name))}

    def lead(self, question: Any) -> dict[str, Any]:
        """Carry out the leader's command [class, leader's key, command, lesson or link]."""
        try:
            name, key, what, lesson = question
            if not self.lab.classes.leads(str(name), key):
                raise InputError("Another page leads this class now. Reload the page.")
            activity, asked = self.lab.classes.activity(str(name)), _lesson(lesson)
            if what == "seeds":
                activity.request_seeds()
            elif what == "sweep":
                activity.begin_sweep(sweep_in(lesson))
            elif asked is not None and what == "show":
                activity.show(asked.name)
            elif asked is not None and what == "again":
                activity.vote_again(asked.name)
        except Seq2SeqError as problem:
            return {"problem": _(problem)}
        except (TypeError, ValueError):
            return {"problem": _("This request cannot be read. Reload the page.")}
        return {}

    def shown(self, name: str, asked: Any) -> dict[str, Any]:
        """The lesson on the class's chart: `asked`, or the one that the class came to last.

        "lessons" lists those that a learner has opened; {} if there is none.
        """
        activity = self.lab.classes.activity(name)
        opened = set(activity.questions())
        choices = [[one.name, _("Lesson {n}: {title}", n=one.number, title=_(one.title))]
                   for one in lessons() if one.name in opened]
        if not choices:
            return {}
        lesson = get_lesson(str(asked) if asked in opened else activity.newest)
        ballot, num_learners = activity.ballot(lesson.name), self._num_learners(name)
        return {"lessons": choices, "lesson": lesson.name,
                "html": question_html(lesson, ballot, num_learners) + reached(lesson, activity),
                "show": bool(ballot.voted) and not ballot.is_shown,
                "again": bool(ballot.voted) and ballot.round == 1}

    def _member(self, key: Any) -> tuple[str, Learner]:
        found = self.lab.classes.member(key)
        if found is None:
            raise InputError("You are no longer in this class. Open its link again.")
        return found

    def _num_learners(self, name: str) -> int:
        return len(self.lab.classes.learners(name))


def _lesson(name: Any) -> Lesson | None:
    try:
        return get_lesson(name) if isinstance(name, str) and name else None
    except Seq2SeqError:
        return None


def voted_words(ballot: Ballot, num_learners: int) -> str:
    """How many have voted: "12 of 20 learners have voted."."""
    if ballot.round == 1:
        return ngettext("{voted} of {n} learner has voted.", "{voted} of {n} learners have voted.",
                        num_learners, voted=ballot.voted)
    return ngettext("{voted} of {n} learner has voted again.",
                    "{voted} of {n} learners have voted again.", num_learners, voted=ballot.voted)


def learner_words(ballot: Ballot, learner: Learner, num_learners: int) -> str:
    """What a learner reads below the question."""
    if ballot.is_shown:
        return _("The votes of the class are shown.")
    if learner.number in ballot.voters:
        return f'{_("Your vote counts, without your name.")} {voted_words(ballot, num_learners)}'
    if ballot.round > 1:
        return _("The class votes again: discuss with your neighbours, then choose again.")
    return _("Your guess is also an anonymous vote of the class.")


def question_html(lesson: Lesson, ballot: Ballot, num_learners: int) -> str:
    """The question with its choices, and the votes of each round that has been shown."""
    items = "".join(
        f'<li><span class="choice">{inline(_(choice.text))}</span>'
        f'{"".join(_bar(r, counts, i) for r, counts in enumerate(ballot.counts, 1))}</li>'
        for i, choice in enumerate(lesson.choices))
    return (f"<h3>{inline(_(lesson.question))}</h3>"
            f'<ol class="ballot">{items}</ol>'
            f'<p class="voted">{escape(voted_words(ballot, num_learners))}</p>')


def _bar(number: int, counts: tuple[int, ...], i: int) -> str:
    share = counts[i] / max(1, sum(counts))
    words = _("vote {n}: {share} ({count})", n=number, share=percent(share), count=counts[i])
    return (f'<span class="votes round-{number}"><i style="width:{100 * share:.1f}%"></i>'
            f"<b>{escape(words)}</b></span>")


def reached(lesson: Lesson, activity: Activity) -> str:
    """How many learners have reached each page of a lesson, as a list."""
    names = step_names(lesson)
    items = "".join(
        f'<li><b>{count}</b> <span title="{escape(title)}">{escape(name)}</span></li>'
        for (name, title), count in zip(
            names, activity.num_reached(lesson.name, len(names)), strict=True))
    label = _("How many have reached each step")
    return f'<ol class="reached" aria-label="{escape(label)}">{items}</ol>'
