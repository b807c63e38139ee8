"""What was read from a table, in sentences, for the page and the terminal before training."""

from collections.abc import Sequence

from seq2seq.i18n import LazyText, decimal, joined
from seq2seq.tasks.pairs import PairsTask
from seq2seq.tasks.tables.facts import (
    is_right_to_left,
    normal_forms,
    script_of,
    sides,
    unknown_shares,
    vocabulary_sizes,
)
from seq2seq.tasks.tables.parsing import Skipped

TOKENS = {"characters": LazyText("characters"), "words": LazyText("words and punctuation marks"),
          "spaces": LazyText("the parts between spaces"),
          "subwords": LazyText("subwords, learnt from the pairs that are trained on")}
NUM_LINES = 3  # whose numbers are given for each reason
MARKS = {"\t": LazyText("a tab"), ",": LazyText("a comma"), ";": LazyText("a semicolon")}
COLUMNS = {"source": LazyText("source"), "target": LazyText("target"),
           "features": LazyText("features, added to the source"), "ignore": LazyText("ignored")}
REASONS = {
    "separator": LazyText("no separator between two sides"),
    "columns": LazyText("too many columns"), "empty": LazyText("one side empty"),
    "quotes": LazyText("quotation marks that do not match"),
    "character": LazyText("an invalid character"), "long": LazyText("too many tokens"),
    "symbol": LazyText("a symbol that this task does not have")}
SCRIPTS = {
    "CYRILLIC": LazyText("Cyrillic"), "GREEK": LazyText("Greek"),
    "ARABIC": LazyText("Arabic"), "HEBREW": LazyText("Hebrew"),
    "DEVANAGARI": LazyText("Devanagari"), "HANGUL": LazyText("Hangul"),
    "CJK": LazyText("Chinese characters"), "HIRAGANA": LazyText("Hiragana"),
    "KATAKANA": LazyText("Katakana")}


def report(task: PairsTask, shift: int = 0) -> list[LazyText]:
    """The table's format, what was left out, its tokens, and what to look at before training.

    `shift` is added to the numbers of lines: the table may begin with settings that are not in the
    user's file.
    """
    examples, table = task.examples, task.table
    several = sum(bool(e.others) for e in {e.source: e for e in examples}.values())
    found = [LazyText("{pairs} pairs with {sources} different sources. Between the two sides: "
                      "{separator}.", pairs=decimal(len(examples), ","),
                      sources=decimal(len({example.source for example in examples}), ","),
                      separator=MARKS.get(table.separator, LazyText("the arrow {mark}",
                                                                    mark=table.separator)))]
    if table.columns:
        found.append(LazyText("Columns: {columns}.", columns=joined(
            [COLUMNS[name] for name in table.columns], ", ")))
    if table.heading is not None:
        found.append(LazyText("Line {line} is a heading, not a pair.", line=table.heading + shift))
    found += left_out(task.skipped, shift)
    if task.num_repeated:
        found.append(LazyText("Lines that repeat a pair: {n}. The pair is read once.",
                              n=decimal(task.num_repeated, ",")))
    if several:
        found.append(LazyText("Sources with several targets: {n}. Each of their targets counts as "
                              "correct.", n=decimal(several, ",")))
    return [*found, *_token_sentences(task), *_writing(task), *_held_out(task)]


def left_out(skipped: Sequence[Skipped], shift: int = 0) -> list[LazyText]:
    """How many lines were left out; for each reason, how many and the first of them."""
    if not skipped:
        return []
    by_reason: dict[str, list[Skipped]] = {}
    for one in skipped:
        by_reason.setdefault(one.reason, []).append(one)
    found = [LazyText("Lines left out: {n}.", n=decimal(len(skipped), ","))]
    for reason, group in by_reason.items():
        numbers = ", ".join(str(one.line + shift) for one in group[:NUM_LINES])
        more = " …" if len(group) > NUM_LINES else ""
        found.append(LazyText("{n} with {reason} (line {lines}); the first is “{text}”.",
                              n=decimal(len(group), ","), reason=REASONS[reason],
                              lines=numbers + more, text=group[0].text))
    return found


def _token_sentences(task: PairsTask) -> list[LazyText]:
    found = []
    for name, rows, tokens, least in zip(
            (LazyText("Source"), LazyText("Target")), sides(task), task.tokenisations,
            task.min_counts, strict=True):
        types = vocabulary_sizes(rows)[1]
        found.append(LazyText(
            "{side} tokens are {tokens}: {types} different ones, {shortest} to {longest} in a "
            "sequence.", side=name, tokens=TOKENS[tokens], types=decimal(types, ","),
            shortest=min(map(len, rows)), longest=max(map(len, rows))))
        if least > 1:
            found.append(LazyText("{side} tokens that occur fewer than {n} times in training are "
                                  "read as “unknown”.", side=name, n=decimal(least, ",")))
    return found


def _writing(task: PairsTask) -> list[LazyText]:
    """Scripts other than Latin, and letters that are written in two ways."""
    texts = list(zip(*(row.cells[:2] for row in task.table.rows), strict=True))
    scripts = [script_of(side) for side in texts]
    found = []
    for name, script, cells in zip((LazyText("Source"), LazyText("Target")), scripts, texts,
                                   strict=True):
        if script in ("LATIN", ""):
            continue
        known = SCRIPTS.get(script, script.title())
        if is_right_to_left(cells):
            found.append(LazyText("{side} script: {script}, shown from right to left.", side=name,
                                  script=known))
        else:
            found.append(LazyText("{side} script: {script}.", side=name, script=known))
    if task.settings.normalise == "none":
        composed, decomposed = map(sum, zip(*map(normal_forms, texts), strict=True))
        if composed and decomposed:
            found.append(LazyText(
                "Some letters are one character (in {composed} cells), others a letter and a mark "
                "(in {decomposed}): the model reads them as different tokens. Set the Unicode "
                "normal form to NFC.", composed=decimal(composed, ","),
                decomposed=decimal(decomposed, ",")))
    else:
        found.append(LazyText("All letters are in the Unicode normal form {form}.",
                              form=task.settings.normalise))
    return found


def _held_out(task: PairsTask) -> list[LazyText]:
    """The pairs below the line of dashes: what training lacks, and what it loses to them."""
    if not task.held_out:
        return []
    source, target = unknown_shares(task)
    found = [LazyText("Held out: {n} sources. Training lacks {source} % of their source tokens and "
                      "{target} % of their target tokens.", n=decimal(len(task.held_out), ","),
                      source=decimal(100 * source, ".1f"), target=decimal(100 * target, ".1f"))]
    if task.num_dropped:
        found.append(LazyText("Training pairs whose source is held out: {n}. They are not trained "
                              "on.", n=decimal(task.num_dropped, ",")))
    return found
