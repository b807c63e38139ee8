"""Extraction of all user-visible texts for translators: `python -m seq2seq texts de`.

Extracted are the texts in calls of `_`, `ngettext`, `LazyText` and errors (in JavaScript: `say`),
the texts between [[ and ]] in HTML templates, all parts of the lessons, and the titles and
descriptions of tasks and settings.
"""

import ast
import re
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from seq2seq import errors
from seq2seq.config import ModelConfig, TrainConfig, settings
from seq2seq.files import pretrained
from seq2seq.i18n import FOLDER
from seq2seq.lessons import Lesson, lessons
from seq2seq.tasks import TASKS

ROOT = Path(__file__).parent.parent
ASSETS = ROOT / "assets"
ENGLISH_ONLY = ("cli", "api", "limits.py", "translatable_texts.py", "health.py", "logs.py")
SAYING = {"_": 1, "ngettext": 2, "LazyText": 1, **{  # function -> number of texts it takes
    name: 1 for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.Seq2SeqError)}}
IN_TEMPLATE = re.compile(r"\[\[(.+?)\]\]", re.DOTALL)
HEADER = r"""# What the page says. Behind each msgid write what it is in your language, as a msgstr.
# What stands in {{braces}} is put in later: it stays as it is, wherever your sentence wants it.
msgid ""
msgstr ""
"Language: {language}\n"
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: {plural}\n"

"""
TASK_TEXTS = ("title", "summary", "stands_for", "family", "teaches", "unit", "longer")
LESSON_TEXTS = ("title", "hook", "question", "keep", "misconception", "road")

Found = tuple[str, str | tuple[str, ...]]  # a path in the repository, and a text (or two forms)


def in_code() -> Iterator[Found]:
    """The texts in Python modules."""
    for path in sorted((ROOT / "seq2seq").glob("**/*.py")):
        if not any(name in path.parts for name in ENGLISH_ONLY):
            for text in said_in(path.read_text(encoding="utf-8")):
                yield str(path.relative_to(ROOT)), text


def said_in(code: str) -> Iterator[str | tuple[str, ...]]:
    """The literals passed to translation functions in Python code, in order.

    >>> list(said_in("_('Guess'), ngettext('{n} run', '{n} runs', n), _(guess)"))
    ['Guess', ('{n} run', '{n} runs')]
    """
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        texts = tuple(arg.value for arg in call.args[: SAYING.get(name, 0)]
                      if isinstance(arg, ast.Constant) and isinstance(arg.value, str))
        if texts and all(texts):
            yield texts if len(texts) > 1 else texts[0]


def in_scripts() -> Iterator[Found]:
    """The texts in the page's scripts."""
    for path in sorted(ASSETS.glob("js/*.js")):
        code = BytesIO(path.read_bytes())
        with redirect_stderr(StringIO()):  # babel warns about empty texts
            found = list(extract("javascript", code, {"say": None},
                                 options={"parse_template_string": True}))
        for _, text, _, _ in found:
            if isinstance(text, str) and text:
                yield str(path.relative_to(ROOT)), text


def in_templates() -> Iterator[Found]:
    """The texts between [[ and ]] in HTML templates, without line breaks."""
    for path in sorted(ASSETS.glob("html/*.html")):
        for text in IN_TEMPLATE.findall(path.read_text(encoding="utf-8")):
            yield str(path.relative_to(ROOT)), " ".join(text.split())


def in_lessons() -> Iterator[Found]:
    """The texts of all lessons."""
    for lesson in lessons():
        for text in texts_of(lesson):
            yield f"assets/lessons/{lesson.number}-{lesson.name}.md", text


def texts_of(lesson: Lesson) -> Iterator[str]:
    """The texts of one lesson."""
    yield from (getattr(lesson, name) for name in LESSON_TEXTS)
    for choice in lesson.choices:
        yield from (choice.text, choice.reply)
    for step in lesson.steps:
        yield from (step.title, step.text)
    for paragraph in lesson.reveal:
        yield paragraph.template


def in_registries() -> Iterator[Found]:
    """Titles and descriptions of tasks, settings and pre-trained models."""
    for task in TASKS:
        for name in TASK_TEXTS:
            if text := getattr(task, name):
                yield "seq2seq/tasks", text
        if path := pretrained.ready(task.name):
            provenance = pretrained.provenance(path)  # for generated data it is a template
            for text in (provenance.data if provenance.from_file else "", provenance.remark):
                if text:
                    yield "assets/models", text
    for kind in (ModelConfig, TrainConfig):
        for what in settings(kind).values():
            for text in (what.label, what.inline, what.help, what.paper):
                if text:
                    yield "seq2seq/config.py", text


def catalogue(language: str | None = None) -> Catalog:
    """A catalogue of all texts with their locations, untranslated."""
    found = Catalog(language, project="Seq2seq lab", fuzzy=False)
    for texts in (in_code, in_scripts, in_templates, in_lessons, in_registries):
        for where, text in texts():
            found.add(text, locations=[(where, None)])  # type: ignore[list-item]
    return found


def path_of(language: str) -> Path:
    """The path of a language's .po file."""
    return FOLDER / f"{language}.po"


def update(language: str) -> tuple[int, int]:
    """Create or update the .po file of a language from the code.

    Existing translations stay, texts that are no longer in the code are removed, and new ones are
    added untranslated. Returns the number of texts and how many of them are untranslated.
    ValueError (from babel) for an unknown language.
    """
    new, path = catalogue(language), path_of(language)
    if path.exists():
        with path.open("rb") as file:
            old = read_po(file, locale=language)
        for message in new:
            if message.id and (known := old.get(message.id)) is not None:
                message.string = known.string
    FOLDER.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.write(HEADER.format(language=language, plural=new.plural_forms).encode())
        write_po(file, new, width=100, omit_header=True)
    return len(new), len(missing(language))


def missing(language: str) -> list[Any]:
    """The texts without a translation in a language's .po file."""
    with path_of(language).open("rb") as file:
        known = read_po(file, locale=language)
    wanted = (message.id for message in catalogue(language) if message.id)
    return [text for text in wanted if (found := known.get(text)) is None
            or not all(_strings(found))]


def _strings(message: Message) -> tuple[str, ...]:
    """The forms of a translation: one, or one for each plural form."""
    found = message.string or ""
    return (found,) if isinstance(found, str) else tuple(found)

