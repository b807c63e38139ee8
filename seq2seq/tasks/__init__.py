"""All tasks, in the order of the menu. A new task is a file in this folder and an entry below."""

from dataclasses import replace

from seq2seq.errors import InputError, shorten
from seq2seq.tasks.addition import ADDITION, ADDITION_BACKWARDS
from seq2seq.tasks.dates import DATES
from seq2seq.tasks.notebook import NOTEBOOK
from seq2seq.tasks.number_words import NUMBERS_DE_EN, NUMBERS_EN_DE, NUMBERS_EN_FR, NUMBERS_FR_EN
from seq2seq.tasks.pairs import PAIRS, PairsTask
from seq2seq.tasks.reordering import (
    COPY,
    COPY_LETTERS,
    REVERSE,
    REVERSE_LETTERS,
    REVERSE_NUMBERS,
    SORT,
    SORT_LETTERS,
)
from seq2seq.tasks.sampling import Example, Tokens
from seq2seq.tasks.scan import SCAN, SCAN_JUMP, SCAN_LENGTH
from seq2seq.tasks.spelling import SPELLING
from seq2seq.tasks.spoken_digits import SPOKEN_DIGITS
from seq2seq.tasks.stories import STORIES, STORIES_OBJECTS
from seq2seq.tasks.tables.cache import TableCache
from seq2seq.tasks.tables.parsing import allowed
from seq2seq.tasks.task import MAX_TOKENS, Task
from seq2seq.tasks.translation.catalogue import (
    EN_DE,
    EN_DE_FRAMES,
    EN_FR,
    EN_FR_COMBINATIONS,
)
from seq2seq.tasks.weather import WEATHER

TASKS: tuple[Task, ...] = (
    REVERSE,
    REVERSE_LETTERS,
    REVERSE_NUMBERS,
    COPY,
    COPY_LETTERS,
    SORT,
    SORT_LETTERS,
    NOTEBOOK,
    ADDITION_BACKWARDS,
    ADDITION,
    EN_FR,
    EN_DE,
    EN_FR_COMBINATIONS,
    EN_DE_FRAMES,
    NUMBERS_EN_FR,
    NUMBERS_FR_EN,
    NUMBERS_EN_DE,
    NUMBERS_DE_EN,
    DATES,
    SPOKEN_DIGITS,
    WEATHER,
    STORIES,
    STORIES_OBJECTS,
    SCAN,
    SCAN_LENGTH,
    SCAN_JUMP,
    SPELLING,
    PAIRS,
)

__all__ = ["MAX_TOKENS", "TASKS", "Example", "PairsTask", "Task", "Tokens", "get_task"]


_tables: TableCache[PairsTask] = TableCache(48, 8_000_000)


def get_task(name: str, pairs: str = "", subwords: str = "") -> Task:
    """The task `name`. For "pairs", its table is read from `pairs`, else it is an example.

    Its `subwords` are learnt from the table unless they are given (`PairsTask.subwords`).
    InputError if there is no such task, or if `pairs` cannot be read (it names the line).
    """
    for task in TASKS:
        if task.name == name:
            if task is PAIRS and pairs:
                return _tables.get(pairs, (allowed(), subwords),
                                   lambda: replace(PAIRS, text=pairs, merges=subwords))
            return task
    names = ", ".join(task.name for task in TASKS)
    raise InputError("There is no task “{name}”. The tasks are: {names}.", name=shorten(name),
                     names=names)
