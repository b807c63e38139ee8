"""Parts of the page that a link leaves out: `?hide=inside,settings`.

A script in the page's head writes the names on the root element before anything is drawn, and the
rules beside it take the parts out of the page's flow: they never flash up, and neither the tab key
nor a screen reader finds them. The server only says what is wrong with a link, and which tab is
the first that is left.
"""

from typing import Any, NamedTuple

import gradio as gr

from seq2seq.errors import InputError, Seq2SeqError, shorten
from seq2seq.i18n import LazyText, _
from seq2seq.lessons import get_lesson


class Part(NamedTuple):
    """What can be hidden: its words for a teacher, and where it is, as CSS selectors."""

    words: LazyText
    where: tuple[str, ...]


def _tab(name: str, *leading: str) -> tuple[str, ...]:
    return (f"#tab-{name}", f"#tab-{name}-button", *leading)


TABS = ("sequence", "train", "answers", "inside")
PARTS = {
    "sequence": Part(LazyText("the tab “Sequence”"), _tab("sequence")),
    "train": Part(LazyText("the tab “Train”"),
                  _tab("train", ".to-train", "#inside .nothing button")),
    "answers": Part(LazyText("the tab “Side by side”"), _tab("answers", ".to-answers")),
    "inside": Part(LazyText("the tab “Look inside”"), _tab("inside", ".to-inside")),
    "tasks": Part(LazyText("the list of tasks"), (".choose .families", ".choose .tasks")),
    "ready": Part(LazyText("the pre-trained models"), (".choose .ready",)),
    "settings": Part(LazyText("“More settings”"), (".choices .more",)),
    "lessons": Part(LazyText("the list of lessons (one in the link still opens)"),
                    ("#lessons .entry", "#lessons .lesson-panel .bar", ".to-lessons")),
    "share": Part(LazyText("“Share”"), (".top > button",)),
    "take": Part(LazyText("“Download this run”"), (".take-home",)),
}

# The root element holds the names, and whether the class's chart is wanted alone.
SCRIPT = """<script>{
  const asked = new URLSearchParams(location.search);
  const root = document.documentElement.dataset;
  root.hide = asked.getAll('hide').join(',').toLowerCase().split(/[\\s,]+/).join(' ').trim();
  if (asked.get('class') && asked.get('view') === 'class') root.view = 'class';
}</script>"""
ALONE = ("#lessons", ".page-tabs", ".top > button", ".share-parts", ".class-line",
         ".class-head [data-do=close]")


def head() -> str:
    """The script and the rules, for the head of the page."""
    rules = [f"html[data-hide~={name}] :is({', '.join(part.where)})"
             for name, part in PARTS.items()]
    alone = f"html[data-view=class] :is({', '.join(ALONE)})"
    return f"{SCRIPT}<style>{', '.join([*rules, alone])} {{ display: none !important }}</style>"


def hidden(request: gr.Request | None) -> tuple[set[str], str]:
    """The parts that the page's link hides, and a sentence about what is wrong with it, or ""."""
    asked: Any = getattr(request, "query_params", None)
    words = ",".join(asked.getlist("hide")) if asked else ""
    names = words.lower().replace(",", " ").split()
    try:
        check(names, asked.get("lesson", "") if asked else "")
    except Seq2SeqError as problem:
        return set(names) & set(PARTS), _(problem)
    return set(names), ""


def check(names: list[str], lesson: str = "") -> None:
    """InputError if one of `names` is no part, no tab is left, or `lesson` needs a hidden tab."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise InputError("The link hides “{name}”, which is not a part of this page. These can be "
                         "hidden: {names}.", name=shorten(unknown[0]), names=", ".join(PARTS))
    if set(TABS) <= set(names):
        raise InputError("The link hides all four tabs, so there is nothing to see. Remove at "
                         "least one of them from hide: {names}.", names=", ".join(TABS))
    if not lesson:
        return
    try:
        steps = get_lesson(lesson).steps
    except InputError:
        return  # the lessons themselves say that there is no such one
    needed = {step.tab for step in steps} | ({"train"} if any(s.link for s in steps) else set())
    if missing := [name for name in TABS if name in names and name in needed]:
        raise InputError("This lesson uses {part}, which the link hides. Remove {name} from hide, "
                         "or choose another lesson.", part=PARTS[missing[0]].words,
                         name=missing[0])


def shown_tab(wanted: str, parts: set[str]) -> str:
    """The tab to begin with: `wanted`, or else the first that is not among the hidden `parts`."""
    left = [name for name in TABS if name not in parts]
    return wanted if wanted in left or not left else left[0]
