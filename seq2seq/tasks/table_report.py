"""What was read from a table, in sentences, for the page and the terminal before training."""

from seq2seq.i18n import LazyText, decimal
from seq2seq.tasks.pair_tables import separator_of
from seq2seq.tasks.pairs import PairsTask

TOKENS = {"characters": LazyText("characters"), "words": LazyText("words and punctuation marks"),
          "spaces": LazyText("the parts between spaces")}
NUM_REASONS = 3  # lines that are left out, with the reason
MARKS = {"\t": LazyText("a tab"), ",": LazyText("a comma"), ";": LazyText("a semicolon")}


def report(task: PairsTask) -> list[LazyText]:
    """The table's format, its size, and its tokens."""
    examples = task.examples
    sources = {example.source for example in examples}
    several = sum(bool(example.others) for example in {e.source: e for e in examples}.values())
    separator = separator_of(task.text)
    found = [LazyText("{pairs} pairs with {sources} different sources. Between the two sides: "
                      "{separator}.", pairs=decimal(len(examples), ","),
                      sources=decimal(len(sources), ","),
                      separator=MARKS.get(separator, LazyText("the arrow {mark}", mark=separator)))]
    found += skipped_lines(task)
    if several:
        found.append(LazyText("Sources with several targets: {n}. Each of their targets counts as "
                              "correct.", n=decimal(several, ",")))
    for side, name, rows in (
            (LazyText("Source"), task.tokenisations[0], [e.source for e in examples]),
            (LazyText("Target"), task.tokenisations[1], [e.target for e in examples])):
        found.append(LazyText(
            "{side} tokens are {tokens}: {types} different ones, {shortest} to {longest} in a "
            "sequence.", side=side, tokens=TOKENS[name],
            types=decimal(len({token for row in rows for token in row}), ","),
            shortest=min(map(len, rows)), longest=max(map(len, rows))))
    if task.min_count > 1:
        found.append(LazyText("A token that occurs fewer than {n} times in training is read as "
                              "“unknown”.", n=task.min_count))
    return found


def skipped_lines(task: PairsTask) -> list[LazyText]:
    """How many lines were left out, and why the first few."""
    skipped = task.skipped
    if not skipped:
        return []
    return [LazyText("Lines left out: {n}.", n=decimal(len(skipped), ",")),
            *(one.problem.args[0] for one in skipped[:NUM_REASONS])]

