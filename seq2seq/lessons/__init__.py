"""The lessons in `assets/lessons`, parsed, checked and filled with the learner's numbers.

A lesson is a text file such as `3-bottleneck.md`; `reader.py` describes the format. The page passes
a dict with the values of `Lesson.numbers`, which `measurement.py` computes.
"""

from functools import cache
from pathlib import Path

from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.lessons.lesson import METRICS, Choice, Lesson, Measure, Step
from seq2seq.lessons.reader import read_lesson

FOLDER = Path(__file__).parents[2] / "assets" / "lessons"
# Duration of a workshop -> its lessons.
PLANS = {LazyText("20 minutes"): (1, 3, 4), LazyText("60 minutes"): (1, 2, 3, 4, 5),
         LazyText("half a day"): (1, 2, 3, 4, 5, 6, 7, 8)}

__all__ = ["METRICS", "PLANS", "Choice", "Lesson", "Measure", "Step", "get_lesson", "lessons",
           "read_lesson"]


@cache
def lessons() -> tuple[Lesson, ...]:
    """All lessons in order. InputError if a file is wrong; it names the line."""
    found = [read_lesson(path.name, path.read_text(encoding="utf-8"))
             for path in FOLDER.glob("*.md")]
    return tuple(sorted(found, key=lambda lesson: lesson.number))


def get_lesson(name: str) -> Lesson:
    """The lesson with this name or number. InputError if there is none."""
    for lesson in lessons():
        if name in (lesson.name, str(lesson.number)):
            return lesson
    names = ", ".join(f"{lesson.number} ({lesson.name})" for lesson in lessons())
    raise InputError("There is no lesson “{name}”. The lessons are: {names}.", name=shorten(name),
                     names=names)
