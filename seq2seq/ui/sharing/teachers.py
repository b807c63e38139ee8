"""The teachers' half of the Share box: links for a class, advice, and lesson plans.

`assets/js/teachers.js` builds the links from the class's name, the lesson and the parts to hide.
The server validates a link when it is opened.
"""

from html import escape

from seq2seq.i18n import LazyText, _, decimal
from seq2seq.lessons import PLANS, Lesson, get_lesson, lessons
from seq2seq.ui import languages
from seq2seq.ui.components.markdown import inline
from seq2seq.ui.sharing.hidden_parts import PARTS

# Measured: CPU seconds of a lesson's trainings, on one core of an AMD Zen 3.
SHORT_RUN, LONG_RUN = 6, 14
CLASS, CORES = 30, 2
BEFORE = (  # the lesson
    LazyText("Your own copy on Hugging Face: *Duplicate this Space*, or push the repository to a "
             "new Space unchanged. The free hardware, two cores, is enough for a class: see "
             "below."),
    LazyText("A free Space goes to sleep when nobody uses it. Open it ten minutes before the "
             "lesson, press Train to check that it works, and leave the page open."),
    LazyText("Choose a class name that others will not guess: anyone who knows it can see the "
             "chart and join. Learners need no account and give no name, and nothing that they "
             "type is shown. The class is deleted two hours after the last visit."),
    LazyText("Open *the projector link* on the class screen, before you give the learners theirs: "
             "the page that is opened first has the buttons of the leader. It shows the votes, all "
             "runs live, and the learners' link as a QR code."),
)
PACE = LazyText(
    "Learners who press Train on the same recipe share one training: the same recipe gives the "
    "same numbers. A run of lesson 3 needs {short} to {long} seconds of CPU time, and when {count} "
    "learners press Train at the same moment, all of them are done as soon as one alone would be. "
    "Different recipes take turns many times a second: with three of them, the last learner waits "
    "about three times as long, and the page shows the time left. If each of {count} learners "
    "trains something else, each run takes {slow_short} to {slow_long}; let them work in pairs.")
HINTS = {
    "20 minutes": LazyText(
        "Lesson 1 together, on the projector. Lessons 3 and 4 in pairs: learners say their guess "
        "aloud first. Finish with the class chart: who got over 90 %, and how?"),
    "60 minutes": LazyText(
        "Each lesson: guess, do the steps, and then look at the chart together before continuing."),
    "half a day": LazyText(
        "In pairs. Lesson 8 is a contest: which pair finds all four bugs first, and can explain "
        "how?"),
}


def template() -> str:
    """The lower half of the Share box."""
    parts = "".join(
        f'<label><input type="checkbox" name="{name}"> {escape(_(part.words))}</label>'
        for name, part in PARTS.items())
    before = "".join(f"<li>{inline(_(words))}</li>" for words in BEFORE)
    slow = [in_minutes(seconds * CLASS / CORES) for seconds in (SHORT_RUN, LONG_RUN)]
    pace = _(PACE, short=SHORT_RUN, long=LONG_RUN, count=CLASS, slow_short=slow[0],
             slow_long=slow[1])
    return (languages.template("html/teachers.html").replace("<!-- parts -->", parts)
            .replace("<!-- before -->", before).replace("<!-- pace -->", escape(pace))
            .replace("<!-- plans -->", plans()))


def in_minutes(seconds: float) -> str:
    """A time in halves of a minute: "a minute", "3 minutes".

    >>> in_minutes(60), in_minutes(180), in_minutes(100)
    ('a minute', '3 minutes', '1.5 minutes')
    """
    halves = max(1, round(seconds / 30))
    return _("a minute") if halves == 2 else _("{n} minutes", n=decimal(halves / 2, "g"))


def plans() -> str:
    """HTML list of lesson plans; `teachers.js` adds the class to the links."""
    items = []
    for time, numbers in PLANS.items():
        found = [get_lesson(str(number)) for number in numbers]
        items.append(f"<li><b>{escape(_(time))}</b>: {', '.join(map(_link, found))}. "
                     f"{escape(_(HINTS[time]))}</li>")
    return f"<ul>{''.join(items)}</ul>"


def _link(lesson: Lesson) -> str:
    return (f'<a data-lesson="{escape(lesson.name)}" href="?lesson={escape(lesson.name)}">'
            f"{lesson.number} {escape(_(lesson.title))}</a>")


def choices() -> list[list[str]]:
    """What a class's link may open, besides a recipe: [query, words]."""
    return [["", _("the start page")], *(
        [f"?lesson={one.name}", _("lesson {n}: {title}", n=one.number, title=LazyText(one.title))]
        for one in lessons())]
