"""The lessons: read from `assets/lessons`, checked, and filled with a learner's own numbers.

A lesson is a text file, `3-bottleneck.md`; `reader.py` says how it is written. Nothing is computed
here: whoever shows a lesson brings a dict of numbers, by the names of `Lesson.numbers`, which
`METRICS` and the lesson's own measures explain.
"""

from functools import cache
from pathlib import Path

from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.lessons.lesson import METRICS, Choice, Lesson, Measure, Step
from seq2seq.lessons.reader import read_lesson

FOLDER = Path(__file__).parents[2] / "assets" / "lessons"
# Lessons for a workshop of so long.
PLANS = {LazyText("20 minutes"): (1, 3, 4), LazyText("60 minutes"): (1, 2, 3, 4, 5),
         LazyText("half a day"): (1, 2, 3, 4, 5, 6, 7, 8)}

__all__ = ["METRICS", "PLANS", "Choice", "Lesson", "Measure", "Step", "get_lesson", "lessons",
           "read_lesson"]


@cache
def lessons() -> tuple[Lesson, ...]:
    """All lessons, in their order. InputError names the file and the line of what is wrong."""
    found = [read_lesson(path.name, path.read_text(encoding="utf-8"))
             for path in FOLDER.glob("*.md")]
    return tuple(sorted(found, key=lambda lesson: lesson.number))


def get_lesson(name: str) -> Lesson:
    """The lesson of this name or number. InputError if there is none."""
    for lesson in lessons():
        if name in (lesson.name, str(lesson.number)):
            return lesson
    names = ", ".join(f"{lesson.number} ({lesson.name})" for lesson in lessons())
    raise InputError("There is no lesson “{name}”. The lessons are: {names}.", name=shorten(name),
                     names=names)
