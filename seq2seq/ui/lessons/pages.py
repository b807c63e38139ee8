"""The pages of a lesson as HTML: menu, guess, steps, diagnosis, reveal.

Pure functions from lessons and numbers to markup.
"""

import random
from collections.abc import Mapping, Sequence
from html import escape

from seq2seq.i18n import LazyText, _
from seq2seq.lessons import PLANS, Lesson, Step
from seq2seq.lessons.lesson import Number
from seq2seq.lessons.program_listing import lines_to_pick, program
from seq2seq.ui.components.markdown import inline, paragraphs

TAB_TITLES = {"sequence": LazyText("Sequence"), "train": LazyText("Train"),
              "answers": LazyText("Side by side"), "inside": LazyText("Look inside")}
NOTHING_YET = LazyText("You have no results yet: this part uses what you have trained and tried. "
                       "Go back and do a step or two.")
NO_RESULTS = LazyText("Do the steps of this lesson first: the explanation uses your own results.")
OTHERWISE = LazyText("This time your results differ from the usual ones. Trust them, and look for "
                     "the reason.")


def menu(lessons: Sequence[Lesson]) -> str:
    """The list of lessons, and lesson plans by available time."""
    items = "".join(
        f'<li><button type="button" data-lesson="{escape(lesson.name)}"><b>{lesson.number}</b>'
        f"<span>{inline(_(lesson.title))}</span><small>{escape(_minutes(lesson))}</small>"
        "</button></li>" for lesson in lessons)
    plans = "".join(f"<li><b>{escape(_(time))}</b>: {escape(_listed(numbers))}</li>"
                    for time, numbers in PLANS.items())
    how = _("In each lesson: guess, experiment, then compare your guess with your results.")
    time = _("How much time do you have?")
    return (_title(_("Lessons")) + '<p class="problem" role="alert"></p>'
            f'<p>{escape(how)}</p><ol class="chapters">{items}</ol>'
            f'<p class="plans-title">{escape(time)}</p><ul class="plans">{plans}</ul>')


def _minutes(lesson: Lesson) -> str:
    return _("{n} min", n=lesson.minutes)


def _listed(numbers: Sequence[int]) -> str:
    """1, 2, 3 as “lessons 1 to 3”, others one by one."""
    if list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return _("lessons {first} to {last}", first=numbers[0], last=numbers[-1])
    return _("lessons {numbers}", numbers=", ".join(map(str, numbers)))


def step_names(lesson: Lesson) -> list[tuple[str, str]]:
    """Name and title of the pages of a lesson: its guess, its steps, its results."""
    steps = [(_("step {n}", n=n), _(one.title)) for n, one in enumerate(lesson.steps, 1)]
    return [(_("guess"), _(lesson.title)), *steps, (_("results"), "")]


def order_of(lesson: Lesson, visit: object) -> list[int]:
    """A random order of the choices that is constant during a visit."""
    order = list(range(len(lesson.choices)))
    random.Random(f"{visit}/{lesson.name}"[:100]).shuffle(order)
    return order


def guess(lesson: Lesson, visit: object = 0) -> str:
    """The page with the introduction and the question with its three choices."""
    choices = "".join(
        f'<label><input type="radio" name="guess" value="{i}">'
        f"<span>{inline(_(lesson.choices[i].text))}</span></label>"
        for i in order_of(lesson, visit))
    where = _("Lesson {lesson} · about {n} minutes", lesson=lesson.number, n=lesson.minutes)
    label = _("Your guess")
    later = _("Your guess is saved. The last page compares it with your results.")
    return (f"{_where(where)}{_title(_(lesson.title))}{paragraphs(_(lesson.hook))}"
            f'<fieldset class="guess" aria-label="{escape(label)}">'
            f"<legend>{inline(_(lesson.question))}</legend>{choices}"
            f'</fieldset><p class="later">{escape(later)}</p>'
            + _ways(_button("guess", _("This is my guess"), go=True, disabled=True)))


def explained(lesson: Lesson, chosen: int, numbers: Mapping[str, Number]) -> str:
    """The guess compared with the results: an explanation of each choice, if there are results."""
    title = f"<h3>{escape(_('Your guess'))}</h3>"
    holds = lesson.is_right(numbers)
    if holds is None:
        text = f"<p>{inline(_(lesson.choices[chosen].text))}</p>"
        return title + text + paragraphs(_(NO_RESULTS))
    items = ""
    for i, choice in enumerate(lesson.choices):
        mark = _("your guess") if i == chosen else ""
        if choice.right and holds:
            mark = f"{mark}, {_('correct')}" if mark else _("correct")
        kind = ("right" if choice.right and holds else "") + (" chosen" if i == chosen else "")
        note = f" <small>{escape(mark)}</small>" if mark else ""
        items += (f'<li class="{kind.strip()}"><b>{inline(_(choice.text))}</b>{note}'
                  f"{paragraphs(lesson.fill(choice.reply, numbers, _))}</li>")
    else_ = "" if holds else paragraphs(_(OTHERWISE))
    return f'{title}{else_}<ul class="guessed">{items}</ul>'


def step(lesson: Lesson, number: int, act: str, status: str, done: bool, below: str = "") -> str:
    """The page of a step: text, buttons (`act`), status, navigation, and HTML to add `below`."""
    found = lesson.steps[number - 1]
    where = _("Lesson {lesson} · step {n} of {total}", lesson=lesson.number, n=number,
              total=len(lesson.steps))
    back = _button("back", _("← Back"))
    on = _button("next", _("Next →") if done else _("Skip this →"), go=done)
    return (f"{_where(where)}{_title(_(found.title))}{paragraphs(_(found.text))}{act}"
            f'<p class="status" role="status" aria-live="polite">{escape(status)}</p>'
            f'<p class="problem" role="alert"></p>{_ways(back + on)}{below}')


def buttons(step: Step, train: str, visit: bool, go: bool) -> str:
    """The buttons of a step: one that trains, labelled `train`, and one that opens the tab."""
    found = ""
    if train:
        found += _button("begin", train, go=go)
    if visit:
        words = _("Take me to {tab}", tab=TAB_TITLES[step.tab or "train"])
        found += _button("visit", words, go=go and not train)
    return f'<div class="act">{found}</div>'


def listing(fault: str, picked: int) -> str:
    """The program of a model as a list of lines; lines that may be picked are buttons."""
    items, pick = "", lines_to_pick(fault)
    for n, line in enumerate(program(fault), 1):
        code = f"<code>{escape(line) or '&nbsp;'}</code>"
        if n in pick:
            words = _("Line {n}: {code}", n=n, code=line.strip())
            code = (f'<button type="button" data-pick="{n}" aria-label="{escape(words)}" '
                    f'aria-pressed="{str(n == picked).lower()}">{code}</button>')
        items += f"<li>{code}</li>"
    label = _("The program of this model: choose the faulty line")
    return f'<ol class="program" aria-label="{escape(label)}">{items}</ol>'


def reveal(lesson: Lesson, told: str, picture: str, guessed: str,
           following: Lesson | None) -> str:
    """The last page: the results, the guess compared with them, and the key idea."""
    where = _("Lesson {lesson} · results", lesson=lesson.number)
    news = paragraphs(told) or paragraphs(_(NOTHING_YET))
    on = _button("lesson", _("All lessons"), go=True)
    if following:
        words = _("Next: {title} →", title=LazyText(following.title))
        on = (f'<button type="button" class="go" data-lesson="{escape(following.name)}">'
              f"{inline(words)}</button>")
    return (f"{_where(where)}{_title(_(lesson.title))}"
            f'<div class="told">{news}</div>{picture}{guessed}'
            '<div class="keep">' + _part(_("Key idea"), lesson.keep) + "</div>"
            + _part(_("Common misconception"), lesson.misconception)
            + _part(_("Think further"), lesson.road)
            + _ways(_button("back", _("← Back")) + on))


def _where(place: str) -> str:
    return f'<p class="where">{escape(place)}</p>'


def _part(title: str, text: str) -> str:
    return f"<h3>{escape(title)}</h3>{paragraphs(_(text))}"


def _title(text: str) -> str:
    return f'<h2 tabindex="-1">{inline(text)}</h2>'


def _ways(found: str) -> str:
    return f'<div class="ways">{found}</div>'


def _button(do: str, words: str, go: bool = False, disabled: bool = False) -> str:
    off = " disabled" if disabled else ""
    return (f'<button type="button" class="{"go" if go else "plain"}" data-do="{do}"{off}>'
            f"{escape(words)}</button>")
