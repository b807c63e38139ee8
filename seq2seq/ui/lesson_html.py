"""The pages of a lesson as HTML: menu, guess, steps, diagnosis, reveal.

Pure functions from lessons and numbers to markup. Lesson texts know three marks of Markdown
(`**bold**`, `*slanted*` and backquotes); everything is escaped before a tag is written around it.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape

from seq2seq.faults import FAULTS
from seq2seq.lessons import PLANS, Lesson, Step
from seq2seq.lessons.measuring import BUGS, patients

TAB_TITLES = {"sequence": "Sequence", "train": "Train", "answers": "Side by side",
              "inside": "Look inside"}
MARKS = ((r"`([^`]+)`", r"<code>\1</code>"), (r"\*\*([^*]+)\*\*", r"<b>\1</b>"),
         (r"\*([^*]+)\*", r"<i>\1</i>"))
NOTHING_YET = ("There are no numbers of yours yet: this part is told by what you have trained and "
               "tried. Go back, and do a step or two.")


def inline(text: str) -> str:
    """A line of a lesson as HTML.

    >>> inline("**3** < `4`")
    '<b>3</b> &lt; <code>4</code>'
    """
    text = escape(text, quote=False).replace(" %", "&nbsp;%")  # no line begins with it
    for mark, tag in MARKS:
        text = re.sub(mark, tag, text)
    return text


def paragraphs(text: str) -> str:
    """Paragraphs with an empty line between them, as HTML."""
    return "".join(f"<p>{inline(part)}</p>" for part in text.split("\n\n") if part)


def menu(lessons: Sequence[Lesson]) -> str:
    """All lessons to choose from, and which of them fit into how much time."""
    items = "".join(
        f'<li><button type="button" data-lesson="{escape(lesson.name)}"><b>{lesson.number}</b>'
        f"<span>{inline(lesson.title)}</span><small>{lesson.minutes} min</small></button></li>"
        for lesson in lessons)
    plans = "".join(f"<li><b>{escape(time)}</b>: {_listed(numbers)}</li>"
                    for time, numbers in PLANS.items())
    return (f'{_title("Lessons")}<p class="problem" role="alert"></p>'
            "<p>In each you first guess, then you try it on the real page, and then you are told "
            "what came out: with the numbers of your own models.</p>"
            f'<ol class="chapters">{items}</ol>'
            f'<p class="plans-title">How much time is there?</p><ul class="plans">{plans}</ul>')


def _listed(numbers: Sequence[int]) -> str:
    """1, 2, 3 as “lessons 1 to 3”, others one by one."""
    if list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"lessons {numbers[0]} to {numbers[-1]}"
    return "lessons " + ", ".join(map(str, numbers))


def guess(lesson: Lesson) -> str:
    """The hook, and the question with its three choices."""
    choices = "".join(
        f'<label><input type="radio" name="guess" value="{i}"><span>{inline(choice.text)}</span>'
        "</label>" for i, choice in enumerate(lesson.choices))
    return (f'{_where(lesson, f"about {lesson.minutes} minutes")}{_title(lesson.title)}'
            f"{paragraphs(lesson.hook)}"
            f'<fieldset class="guess" aria-label="Your guess">'
            f"<legend>{inline(lesson.question)}</legend>{choices}"
            '</fieldset><div class="reply" aria-live="polite"></div>'
            f'{_ways(_button("guess", "This is my guess", go=True, disabled=True))}')


def reply(lesson: Lesson, chosen: int) -> str:
    """What is said to whoever has guessed."""
    return paragraphs(lesson.choices[chosen].reply)


def step(lesson: Lesson, number: int, act: str, status: str, done: bool) -> str:
    """A step: its text, its buttons (`act`), how it stands, and the ways on and back."""
    found = lesson.steps[number - 1]
    on = _button("next", "Go on →", go=True) if done else _button("next", "Skip this →")
    return (f'{_where(lesson, f"step {number} of {len(lesson.steps)}")}{_title(found.title)}'
            f"{paragraphs(found.text)}{act}"
            f'<p class="status" role="status" aria-live="polite">{escape(status)}</p>'
            f'<p class="problem" role="alert"></p>{_ways(_button("back", "← Back") + on)}')


def buttons(step: Step, train: str, visit: bool, go: bool) -> str:
    """What can be pressed in a step: the button that trains (its words), the one that leads."""
    found = ""
    if train:
        found += _button("begin", train, go=go)
    if visit:
        where = TAB_TITLES[step.tab or "train"]
        found += _button("visit", f"Show me: {where}", go=go and not train)
    return f'<div class="act">{found}</div>'


def diagnosis(lesson: Lesson, said_of: Mapping[str, str]) -> str:
    """For each patient: which bug it has, and a button to look at it once more."""
    options = {word: f"{word}: {FAULTS[fault].title[:1].lower()}{FAULTS[fault].title[1:]}"
               for fault, word in BUGS.items()}
    titles = {s.run: s.title for s in lesson.steps if s.link}
    rows = []
    for run in patients(lesson):
        name = escape(titles[run])
        chosen = "".join(
            f'<option value="{word}"{" selected" if said_of.get(run) == word else ""}>'
            f"{escape(words)}</option>" for word, words in options.items())
        rows.append(f'<div><label for="patient-{run}">{name}</label><button type="button" '
                    f'class="quietly" data-do="visit" data-run="{run}" '
                    f'aria-label="Look at {name} again">Look again</button>'
                    f'<select id="patient-{run}" name="{run}"><option value="">choose…</option>'
                    f"{chosen}</select></div>")
    return f'<form class="diagnosis">{"".join(rows)}</form>'


def reveal(lesson: Lesson, told: str, picture: str, following: Lesson | None) -> str:
    """What came out, and what to take along."""
    news = paragraphs(told) or f"<p>{NOTHING_YET}</p>"
    on = _button("lesson", "All lessons", go=True)
    if following:
        on = (f'<button type="button" class="go" data-lesson="{escape(following.name)}">'
              f"Next: {inline(following.title)} →</button>")
    return (f'{_where(lesson, "what came out")}{_title(lesson.title)}'
            f'<div class="told">{news}</div>{picture}'
            f'<div class="keep"><h3>Keep this</h3>{paragraphs(lesson.keep)}</div>'
            f"<h3>Easy to believe</h3>{paragraphs(lesson.misconception)}"
            f"<h3>For the road</h3>{paragraphs(lesson.road)}"
            f'{_ways(_button("back", "← Back") + on)}')


def _where(lesson: Lesson, place: str) -> str:
    return f'<p class="where">Lesson {lesson.number} · {escape(place)}</p>'


def _title(text: str) -> str:
    return f'<h2 tabindex="-1">{inline(text)}</h2>'


def _ways(found: str) -> str:
    return f'<div class="ways">{found}</div>'


def _button(do: str, words: str, go: bool = False, disabled: bool = False) -> str:
    off = " disabled" if disabled else ""
    return (f'<button type="button" class="{"go" if go else "plain"}" data-do="{do}"{off}>'
            f"{escape(words)}</button>")
