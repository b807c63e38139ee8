"""Parts of the page that a link hides: `?hide=inside,settings`.

A script in the page's head stores the names in an attribute of the root element before the first
paint, and CSS rules hide the parts, also from the tab key and screen readers. The server validates
the link, and returns the first tab that is not hidden.
"""

from typing import Any, NamedTuple

import gradio as gr

from seq2seq.errors import InputError, Seq2SeqError, shorten
from seq2seq.i18n import LazyText, _
from seq2seq.lessons import get_lesson


class Part(NamedTuple):
    """A part that can be hidden: its label, and CSS selectors of its elements."""

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
    "lessons": Part(LazyText("the list of lessons (a lesson named in the link still opens)"),
                    ("#lessons .entry", "#lessons .lesson-panel .bar", ".to-lessons")),
    "share": Part(LazyText("“Share”"), (".top > button",)),
    "take": Part(LazyText("“Download this run”"), (".take-home",)),
}

# Also marks a page that shows only the class's chart.
SCRIPT = """<script>{
  const asked = new URLSearchParams(location.search);
  const root = document.documentElement.dataset;
  root.hide = asked.getAll('hide').join(',').toLowerCase().split(/[\\s,]+/).join(' ').trim();
  if (asked.get('class') && asked.get('view') === 'class') root.view = 'class';
}</script>"""
ALONE = ("#lessons", ".page-tabs", ".top > button", ".share-parts", ".opened", ".class-line",
         ".class-head [data-do=close]")


def head() -> str:
    """The script and the rules, for the head of the page."""
    rules = [f"html[data-hide~={name}] :is({', '.join(part.where)})"
             for name, part in PARTS.items()]
    alone = f"html[data-view=class] :is({', '.join(ALONE)})"
    return f"{SCRIPT}<style>{', '.join([*rules, alone])} {{ display: none !important }}</style>"


def hidden(request: gr.Request | None) -> tuple[set[str], str]:
    """The parts that the page's link hides, and an error message about the link, or ""."""
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
                         "least one of them from “hide=” in the link: "
                         "{names}.", names=", ".join(TABS))
    if not lesson:
        return
    try:
        steps = get_lesson(lesson).steps
    except InputError:
        return  # the lesson panel shows the error
    needed = {step.tab for step in steps} | ({"train"} if any(s.link for s in steps) else set())
    if missing := [name for name in TABS if name in names and name in needed]:
        raise InputError("This lesson uses {part}, which the link hides. Remove {name} from "
                         "“hide=” in the link, or choose another "
                         "lesson.", part=PARTS[missing[0]].words,
                         name=missing[0])


def shown_tab(wanted: str, parts: set[str]) -> str:
    """The tab to open: `wanted`, or the first tab that is not in the hidden `parts`."""
    left = [name for name in TABS if name not in parts]
    return wanted if wanted in left or not left else left[0]
