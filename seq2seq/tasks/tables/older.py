"""Tables in recipes of version 0.4, which chose the tokens in another way."""

from dataclasses import replace

from seq2seq.errors import InputError
from seq2seq.tasks.pairs import PAIRS
from seq2seq.tasks.tables.settings import with_settings


def with_tokens_of_version_0_4(text: str) -> str:
    """`text` with the settings that make its tokens those of version 0.4.

    There, a side was split into characters only if none of its cells contained a blank.
    """
    try:
        task = replace(PAIRS, text=text)
    except InputError:
        return text
    left_out = {skipped.line for skipped in task.skipped}
    rows = [row for row in task.table.rows if row.line not in left_out]
    above = [row.cells for row in rows if task.is_above(row.line)] or [row.cells for row in rows]
    changed = {}
    for name, cells, now in zip(("source_tokens", "target_tokens"),
                                zip(*above, strict=True), task.tokenisations, strict=True):
        before = "spaces" if any(" " in cell for cell in cells) else "characters"
        if before != now:
            changed[name] = before
    return with_settings(text, **changed) if changed else text
