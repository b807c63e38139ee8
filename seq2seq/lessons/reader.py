"""The parser of lesson files. Errors name the file and the line.

A file starts with title and minutes between two lines of `---`. Then follow the sections, in the
order of `SECTIONS`:

    # Hook
    # Guess           a question and three choices. The correct one has conditions on the learner's
                      numbers: `- [x if small.new < 0.5] The choice`. Indented below each choice is
                      the reply that the results show, with numbers in braces
    # Do              steps, each with a `## ` heading and some of these lines below it:
                          link: ?task=reverse&hidden_size=8     the recipe to train (share_link.py)
                          ready: yes                            open the pre-trained model instead
                          run: small                            the prefix of its numbers
                          tab: train                            a tab, see TABS
                          control: train-button                 a control to highlight, see CONTROLS
                          wait: trained                         when the step is done, see WAITS
                          preset: …, expect: …                  see checks.py
                          measure: changed count How many …     a number that this step measures
    # Reveal          paragraphs with numbers in braces, `{small.new}`; one that starts with
                      `[if small.new < 0.5]` is conditional
    # Keep
    # Misconception
    # Question

Paragraphs of the reveal with missing numbers are omitted, for example if a step was skipped.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from seq2seq.errors import InputError, Seq2SeqError, shorten
from seq2seq.files.share_link import from_query
from seq2seq.lessons.checks import expectation, preset
from seq2seq.lessons.lesson import (
    KINDS,
    METRICS,
    Choice,
    Condition,
    Lesson,
    Measure,
    Paragraph,
    Step,
    names,
)

SECTIONS = ("Hook", "Guess", "Do", "Reveal", "Keep", "Misconception", "Question")
TABS = ("sequence", "train", "answers", "inside")
WAITS = {  # event that completes a step -> the line that the step then needs
    "trained": "link",  # the run of its link was trained or opened
    "seen": "tab",  # the tab was opened by the step's button, with the step's run
    "tried": "control",  # a control was used as expected, and its numbers were measured
    "typed": "expect",  # a text that meets the expectations was typed
    "picked": "run",  # the faulty line of the run's program was picked
    "told": "",  # nothing to do: it names neither tab nor control
}
CONTROLS = ("text", "train-button", "curve", "rows", "scores", "only-wrong", "time", "map",
            "lines", "change", "force", "redirect", "zero", "beam", "sampling", "forcing", "epochs",
            "nearest", "code")


def read_lesson(file: str, text: str) -> Lesson:
    """The lesson in a file's `text`. InputError names `file` and the wrong line."""
    return _Reader(file, text).read()


class _Line(NamedTuple):
    number: int
    text: str


class _Reader:
    """The parser of one file."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines = [_Line(n, line.rstrip()) for n, line in enumerate(text.splitlines(), 1)]

    def error(self, line: int, what: str) -> InputError:
        return InputError(f"{self.file}, line {line}: {what}")

    def read(self) -> Lesson:
        name = re.fullmatch(r"(\d+)-([a-z-]+)\.md", self.file)
        if not name:
            raise self.error(1, "a lesson's file has a name like 3-bottleneck.md.")
        front, rest = self.front()
        parts = self.sections(rest)
        question, choices = self.guess(parts["Guess"])
        steps = tuple(self.steps(parts["Do"]))
        lesson = Lesson(
            int(name[1]), name[2], front["title"], int(front["minutes"]), _text(parts["Hook"]),
            question, choices, steps, (), _text(parts["Keep"]), _text(parts["Misconception"]),
            _text(parts["Question"]))
        for asked in lesson.numbers:
            self.known(parts["Guess"][0], asked, lesson)
        reveal = tuple(self.reveal(parts["Reveal"], lesson))
        return Lesson(**{**lesson.__dict__, "reveal": reveal})

    def front(self) -> tuple[dict[str, str], list[_Line]]:
        """Title and minutes, and the lines after them."""
        ends = [i for i, line in enumerate(self.lines) if line.text == "---"][:2]
        if len(ends) < 2 or ends[0] != 0:
            raise self.error(1, "a lesson starts with its title and minutes between two lines of "
                                "---.")
        found = {}
        for line in self.lines[1 : ends[1]]:
            key, colon, value = line.text.partition(":")
            if not colon or key not in ("title", "minutes") or not value.strip():
                raise self.error(line.number, f"“{shorten(line.text)}” should be “title: …” or "
                                              "“minutes: …”.")
            found[key] = value.strip()
            if key == "minutes" and not re.fullmatch(r"[1-9]\d?", found[key]):
                raise self.error(line.number, "minutes must be a whole number from 1 to 99.")
        if len(found) < 2:
            raise self.error(1, "title and minutes must both be given.")
        return found, self.lines[ends[1] + 1 :]

    def sections(self, lines: Sequence[_Line]) -> dict[str, list[_Line]]:
        """Heading -> lines, for all `SECTIONS` in order; none is empty."""
        found: dict[str, list[_Line]] = {}
        for line in lines:
            if line.text.startswith("# "):
                expected = SECTIONS[len(found)] if len(found) < len(SECTIONS) else "the end"
                if line.text[2:] != expected:
                    raise self.error(line.number, f"the section “{shorten(line.text[2:])}” is "
                                                  f"where {expected} should be.")
                found[expected] = [line]
            elif found:
                found[list(found)[-1]].append(line)
            elif line.text:
                raise self.error(line.number, "there is text before the first section, # Hook.")
        if len(found) < len(SECTIONS):
            raise self.error(len(self.lines), f"the section {SECTIONS[len(found)]} is missing.")
        for name, part in found.items():
            if not _text(part[1:]):
                raise self.error(part[0].number, f"the section {name} is empty.")
        return {name: part[1:] for name, part in found.items()}

    def guess(self, lines: Sequence[_Line]) -> tuple[str, tuple[Choice, ...]]:
        """The question and its three choices."""
        starts = [i for i, line in enumerate(lines) if line.text.startswith("- ")]
        choices = []
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            head = re.fullmatch(r"- \[(?: |(x) if ([^\]]+))\] (.+)", lines[start].text)
            if not head:
                raise self.error(lines[start].number, "a choice starts with “- [ ] ”, or with "
                                                      "“- [x if …] ” if it is correct.")
            reply = _text(lines[start + 1 : end])
            if not reply:
                raise self.error(lines[start].number, "this choice has no reply below it.")
            holds = [self.condition(lines[start], part) for part in (head[2] or "").split(" and ")
                     if part]
            choices.append(Choice(head[3], reply, bool(head[1]), tuple(holds)))
        if len(choices) != 3 or sum(choice.right for choice in choices) != 1:
            raise self.error(lines[0].number, f"there are {len(choices)} choices, "
                             f"{sum(c.right for c in choices)} of them correct: there must be 3 "
                             "and 1.")
        question = _text(lines[: starts[0]])
        if not question:
            raise self.error(lines[0].number, "the guess has no question.")
        return question, tuple(choices)

    def steps(self, lines: Sequence[_Line]) -> Iterator[Step]:
        """The steps of the section Do."""
        starts = [i for i, line in enumerate(lines) if line.text.startswith("## ")]
        if not starts or _text(lines[: starts[0]]):
            raise self.error(lines[0].number, "the section Do starts with a “## ” heading.")
        runs: set[str] = set()
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            step = self.step(lines[start], lines[start + 1 : end])
            if step.link and not step.run:
                raise self.error(lines[start].number, "this step has a link, so it needs “run: …”.")
            if step.run and not step.link and step.run not in runs:
                raise self.error(lines[start].number, f"no earlier step trains “{step.run}”.")
            if step.link and step.run in runs:
                raise self.error(lines[start].number, f"“{step.run}” is the name of two runs.")
            runs.add(step.run)
            yield step

    def step(self, head: _Line, lines: Sequence[_Line]) -> Step:
        """One step: its heading, settings and text."""
        allowed = {"tab": TABS, "control": CONTROLS, "wait": tuple(WAITS)}
        words: dict[str, str] = {}
        presets: dict[str, str] = {}
        link, ready, measures, expects, n = None, False, [], [], 0
        for line in lines:
            found = re.fullmatch(r"(\w+): (.+)", line.text)
            if not found:
                break
            key, value, n = found[1], found[2], n + 1
            if key == "measure":
                measures.append(self.measure(line, value))
            elif key == "preset":
                name, wanted = self.checked(line, preset, value)
                presets[name] = wanted
            elif key == "expect":
                expects.append(self.checked(line, expectation, value))
            elif key == "link":
                words["query"] = value
                try:
                    link = from_query(value)
                except Seq2SeqError as problem:
                    raise self.error(line.number, f"the link does not work. {problem}") from None
            elif key == "ready" and value == "yes" and link:
                ready = True
            elif key == "run" and re.fullmatch(r"[a-z]\w*", value):
                words["run"] = value
            elif value not in allowed.get(key, ()):
                known = ", ".join(allowed.get(key, ("link", "ready", "run", "measure", "preset",
                                                    "expect", *allowed)))
                raise self.error(line.number, f"“{shorten(line.text)}” is not known here. It must "
                                              f"be one of {known}.")
            else:
                words[key] = value
        text = _text(lines[n:])
        if not text:
            raise self.error(head.number, "this step has no text.")
        step = Step(head.text[3:], text, link=link, ready=ready, measures=tuple(measures),
                    presets=presets, expects=tuple(expects), **words)
        given = {"link": link, "tab": step.tab, "control": step.control, "expect": expects,
                 "run": step.run, "": True}
        if not given[WAITS[step.wait]]:
            raise self.error(head.number, f"a step that waits until it is {step.wait} needs "
                                          f"“{WAITS[step.wait]}: …”.")
        if step.wait == "told" and (step.tab or step.control):
            raise self.error(head.number, "a step that leads to a tab must wait for something.")
        return step

    def checked(self, line: _Line, read: Callable[[str], Any], value: str) -> Any:
        """`read(value)`, with its ValueError as an error of this line."""
        try:
            return read(value)
        except ValueError as problem:
            raise self.error(line.number, f"“{shorten(value)}” is not known here: "
                                          f"{problem}.") from None

    def measure(self, line: _Line, value: str) -> Measure:
        """A number that the step measures: name, kind, meaning."""
        found = re.fullmatch(r"([a-z]\w*) (\w+) (.+)", value)
        if not found or found[2] not in KINDS:
            raise self.error(line.number, "a measure has a name, a kind and a meaning; the kinds "
                                          f"are {', '.join(KINDS)}.")
        return Measure(*found.groups())

    def reveal(self, lines: Sequence[_Line], lesson: Lesson) -> Iterator[Paragraph]:
        """The paragraphs. The lesson must have all their numbers."""
        for block in _blocks(lines):
            text, conditions = _text(block), []
            found = re.match(r"\[if ([^\]]*)\]\s*", text)
            if found:
                text = text[found.end():]
                conditions = [self.condition(block[0], part) for part in found[1].split(" and ")]
            paragraph = Paragraph(text, tuple(conditions))
            if not text or re.search(r"[{}]", re.sub(r"\{[\w.]+\}", "", text)):
                raise self.error(block[0].number, "this paragraph has no text, or a brace without "
                                                  "its partner.")
            for name in names(paragraph):
                self.known(block[0], name, lesson)
            yield paragraph

    def known(self, line: _Line, name: str, lesson: Lesson) -> None:
        """Raise an error if the lesson has no such number."""
        try:
            lesson.kind(name)
        except KeyError:
            raise self.error(
                line.number, f"there is no number “{shorten(name)}”. A number is the "
                f"name of a run ({', '.join(lesson.runs) or 'there is none'}), a dot and "
                f"one of {', '.join(METRICS)}, right_at_N, changed_at_N, look_at_N, "
                f"weight_at_N; or a measure "
                f"({', '.join(lesson.measures) or 'there is none'}).") from None

    def condition(self, line: _Line, text: str) -> Condition:
        """`a < 0.5`, `a < b`, or `no a`."""
        found = re.fullmatch(r"no ([\w.]+)|([\w.]+) (<=|>=|==|!=|<|>) ([\w.]+)", text.strip())
        if not found:
            raise self.error(line.number, f"“{shorten(text)}” is not a condition: write one like "
                                          "small.new < 0.5, or no small.new.")
        if found[1]:
            return Condition(found[1])
        try:
            return Condition(found[2], found[3], float(found[4]))
        except ValueError:
            return Condition(found[2], found[3], found[4])


def _text(lines: Sequence[_Line]) -> str:
    """Lines as Markdown: paragraphs without line breaks, separated by a blank line."""
    return "\n\n".join(" ".join(line.text.strip() for line in block) for block in _blocks(lines))


def _blocks(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """The paragraphs: groups of lines separated by empty ones."""
    block: list[_Line] = []
    for line in [*lines, _Line(0, "")]:
        if line.text:
            block.append(line)
        elif block:
            yield block
            block = []
