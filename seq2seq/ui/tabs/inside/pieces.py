"""Pieces of the tab "Look inside" as HTML: strip, sections, forms, two answers aligned.

Like `html.py`: pure functions from strings and numbers, and every token goes through `escape`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from seq2seq.evaluation.metrics import matches
from seq2seq.i18n import LazyText, _, decimal
from seq2seq.inspection.similar_states import Neighbour
from seq2seq.inspection.trace import name
from seq2seq.ui.components.markdown import inline

Choice = tuple[object, str]  # value, words


@dataclass(frozen=True)
class Cell:
    """One tile of an answer: what stands there, and how it compares."""

    token: str | None  # None: nothing stands here
    kind: str = "plain"  # "plain", "same", "other", "ok", "no", "made" (by the learner's hand)


def places(tokens: Sequence[str]) -> list[Choice]:
    """Choices among the places of a sequence."""
    return [(i, f"{i + 1}: {name(token)}") for i, token in enumerate(tokens)]


def cells(tokens: Sequence[str], other: Sequence[str] | None = None) -> list[Cell]:
    """Tiles of an answer; where it differs from the `other` one, that is said.

    Both are aligned first: one token too many is one difference, whatever follows it.
    """
    if other is None:
        return [Cell(token) for token in tokens]
    return [Cell(token, "same" if same else "other")
            for token, same in zip(tokens, matches(tokens, other), strict=True)]


def marked_cells(tokens: Sequence[str], right: Sequence[str]) -> list[Cell]:
    """Tiles of an answer, marked against the right one as in `cells`."""
    return [Cell(token, "ok" if same else "no")
            for token, same in zip(tokens, matches(tokens, right), strict=True)]


def strip(source: Sequence[str], written: Sequence[str], levels: Sequence[float] = (),
          context: bool = True) -> str:
    """The tokens read, the three parts, the tokens written: every tile leads to its moment.

    A Transformer hands no context over: without it, there are two parts. Of sound,
    `levels` says how loud it is at each place (0 to 1), and the tiles are thin bars.
    """
    num_read = len(source)
    arrow = '<span class="arrow" aria-hidden="true">→</span>'
    parts = [
        _sound(source, levels) if levels else _lane("enc", source, 0),
        _box("enc", _("encoder"), 0),
        *([_box("ctx", _("context"), num_read)] if context else []),
        _box("dec", _("decoder"), num_read), _lane("dec", written, num_read)]
    return arrow.join(parts)


def _lane(role: str, tokens: Sequence[str], start: int) -> str:
    items = ""
    for i, token in enumerate(map(name, tokens)):
        what = (_("input, token {n}: {token}", n=i + 1, token=token) if role == "enc" else
                _("output, token {n}: {token}", n=i + 1, token=token))
        items += (f'<li><button type="button" data-go="{start + i}" aria-label="{escape(what)}">'
                  f"{escape(token)}</button></li>")
    return f'<ol class="tokens {role}">{items}</ol>'


def _sound(times: Sequence[str], levels: Sequence[float]) -> str:
    items = "".join(
        f'<li><button type="button" data-go="{i}" style="--loud:{share:.2f}" '
        f'aria-label="{escape(_("sound at {time}", time=at))}"></button></li>'
        for i, (at, share) in enumerate(zip(times, levels, strict=True)))
    return f'<ol class="tokens enc sound-lane">{items}</ol>'


def _box(role: str, words: str, moment: int) -> str:
    return (f'<button type="button" class="box {role}" data-part="{role}" data-go="{moment}">'
            f"{escape(words)}</button>")


def section(key: str, title: str, question: str, body: str) -> str:
    """One closed sub-section: a title, the question it answers, and room for the answer."""
    return (f'<details class="ask" data-ask="{escape(key)}"><summary><b>{escape(title)}</b> '
            f"<small>{escape(question)}</small></summary>{body}</details>")


def body(height: int) -> str:
    """The inside of a sub-section: its form, a problem, what was found, and perhaps a chart."""
    chart = ""
    if height:
        chart = f'<div class="chart" role="img" style="height:{height}px" hidden></div>'
    return ('<div class="inner"><form></form><p class="problem" role="alert"></p>'
            f'<div class="found" aria-live="polite"></div>{chart}</div>')


def panel(key: str, title: str, caption: str, height: int, extra: str = "",
          wide: bool = False) -> str:
    """A titled place of fixed height for one chart."""
    kind = "panel wide" if wide else "panel"
    return (f'<section class="{kind}" data-panel="{escape(key)}"><h2>{escape(title)} '
            f"<small>{escape(caption)}</small></h2>"
            f'<div class="chart" role="img" style="height:{height}px"></div>{extra}</section>')


def select(field: str, words: str, choices: Iterable[Choice], chosen: object = None) -> str:
    """A labelled menu."""
    options = "".join(
        f'<option value="{escape(str(value))}"{" selected" if value == chosen else ""}>'
        f"{escape(text)}</option>" for value, text in choices)
    return (f'<label><span>{escape(words)}</span> <select name="{escape(field)}">{options}'
            "</select></label>")


def token_box(field: str, words: str, tokens: Sequence[str], chosen: str) -> str:
    """A menu of tokens; for a large vocabulary a box to type in, with suggestions."""
    if len(tokens) <= 60:
        return select(field, words, [(t, name(t)) for t in tokens], chosen)
    options = "".join(f'<option value="{escape(t)}">' for t in tokens[:400])
    return (f'<label><span>{escape(words)}</span> <input name="{escape(field)}" size="10" '
            f'maxlength="100" autocomplete="off" list="tokens-{escape(field)}" '
            f'value="{escape(chosen)}"><datalist id="tokens-{escape(field)}">{options}</datalist>'
            "</label>")


def slider(field: str, words: str, low: int, high: int, value: int, shown: str,
           marks: str = "") -> str:
    """A labelled slider; `marks` are data attributes that tell the page what it moves."""
    return (f'<label class="wide"><span>{escape(words)}</span> <input type="range" '
            f'name="{escape(field)}" min="{low}" max="{high}" step="1" value="{value}"{marks}> '
            f"<output>{escape(shown)}</output></label>")


def checkbox(field: str, words: str, gloss: str = "") -> str:
    """A labelled box to tick."""
    return (f'<label class="tick"><input type="checkbox" name="{escape(field)}"> '
            f"<span>{escape(words)}</span> <small>{escape(gloss)}</small></label>")


def rows(lines: Sequence[tuple[str, Sequence[Cell]]]) -> str:
    """Answers under each other, place by place: a real table, one tile a cell."""
    width = max((len(cells) for _, cells in lines), default=0)
    body = ""
    for words, cells in lines:
        tiles = "".join(_tile(cell) for cell in cells) + "<td></td>" * (width - len(cells))
        body += f'<tr><th scope="row">{escape(words)}</th>{tiles}</tr>'
    return _table("aligned", _("Answers, position by position"), f"<tbody>{body}</tbody>")


def _table(kind: str, name: str, inside: str) -> str:
    """A table that may be wider than the page; its place is called `name`."""
    return (f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(name)}">'
            f'<table class="{kind}">{inside}</table></div>')


HIDDEN = {"other": LazyText("(different)"), "no": LazyText("(wrong)"), "ok": LazyText("(correct)"),
          "made": LazyText("(forced by you)")}


def _tile(cell: Cell) -> str:
    if cell.token is None:
        return ('<td><span class="tile none"><span aria-hidden="true">·</span>'
                f'<span class="unseen">{escape(_("nothing"))}</span></span></td>')
    words = HIDDEN.get(cell.kind)
    hidden = f'<span class="unseen"> {escape(_(words))}</span>' if words else ""
    return (f'<td><span class="tile {escape(cell.kind)}"><b>{escape(name(cell.token))}</b>{hidden}'
            "</span></td>")


def sentence(text: str, kind: str = "finding") -> str:
    """What was found, in a line of its own."""
    return f'<p class="{escape(kind)}">{escape(text)}</p>'


def ranking(answers: Sequence[tuple[Sequence[str], bool, str, str]]) -> str:
    """The n best: tokens, whether it is the greedy one, probability, score."""
    mark = f" <small>{escape(_('= greedy'))}</small>"
    body = "".join(
        f'<tr><th scope="row">{i}</th><td><ol class="tokens dec">'
        + "".join(f"<li>{escape(name(t))}</li>" for t in tokens)
        + f'</ol>{mark if greedy else ""}</td><td>{escape(share)}</td>'
        f"<td>{escape(score)}</td></tr>"
        for i, (tokens, greedy, share, score) in enumerate(answers, 1))
    heads = [escape(words) for words in (_("Rank"), _("Answer"), _("Probability"),
                                         _("Score"))]
    return _table("ranking", _("The best answers"), _head(heads) + f"<tbody>{body}</tbody>")


def _head(cells: Sequence[str]) -> str:
    """The first line of a table, from pieces of HTML."""
    heads = "".join(f'<th scope="col">{cell}</th>' for cell in cells)
    return f"<thead><tr>{heads}</tr></thead>"


def neighbours(found: Sequence[Neighbour]) -> str:
    """Moments of training: the input, what was written so far, and what came next there."""
    body = ""
    for moment in found:
        target, at = moment.example.target, moment.position
        so_far = "".join(f"<li>{escape(t)}</li>" for t in target[:at])
        following = target[at] if at < len(target) else "<eos>"
        body += ('<tr><td><ol class="tokens enc">'
                 + "".join(f"<li>{escape(t)}</li>" for t in moment.example.source)
                 + f'</ol></td><td><ol class="tokens">{so_far}<li class="came"><b>'
                 f"{escape(name(following))}</b></li></ol></td>"
                 f"<td>{decimal(moment.distance, '.2f')}</td></tr>")
    heads = [escape(_("Input read")), inline(_("Written so far, and **what came next**")),
             escape(_("Distance"))]
    return _table("ranking", _("Most similar moments"), _head(heads) + f"<tbody>{body}</tbody>")
