"""HTML for the tab “Look inside”: diagram, sections, forms, tables of aligned answers.

Pure functions from strings and numbers to markup, as in `html.py`; all tokens are escaped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from seq2seq.data.vocabulary import EOS, SPECIALS
from seq2seq.evaluation.metrics import matches
from seq2seq.i18n import LazyText, _, decimal
from seq2seq.inspection.similar_states import Neighbour
from seq2seq.inspection.trace import name
from seq2seq.ui.components.markdown import inline

Choice = tuple[object, str]  # value, label


@dataclass(frozen=True)
class Cell:
    """One tile of an answer: its token, and the result of a comparison."""

    token: str | None  # None: no token at this position
    kind: str = "plain"  # "plain", "same", "other", "ok", "no", "made" (forced by the learner)


def places(tokens: Sequence[str]) -> list[Choice]:
    """Menu choices for the positions of a sequence."""
    return [(i, f"{i + 1}: {name(token)}") for i, token in enumerate(tokens)]


def cells(tokens: Sequence[str], other: Sequence[str] | None = None) -> list[Cell]:
    """Tiles of an answer, marked where it differs from `other`.

    Both are aligned first, so an extra token counts as one difference.
    """
    if other is None:
        return [Cell(token) for token in tokens]
    return [Cell(token, "same" if same else "other")
            for token, same in zip(tokens, matches(tokens, other), strict=True)]


def marked_cells(tokens: Sequence[str], right: Sequence[str]) -> list[Cell]:
    """Tiles of an answer, marked as correct or wrong; aligned as in `cells`."""
    return [Cell(token, "ok" if same else "no")
            for token, same in zip(tokens, matches(tokens, right), strict=True)]


def strip(source: Sequence[str], written: Sequence[str], levels: Sequence[float] = (),
          context: bool = True) -> str:
    """The diagram: tokens read, encoder, context, decoder, tokens written; a click opens a step.

    A Transformer has no single `context` vector. For audio, `levels` are the loudness at each
    position (0 to 1), and the tiles are thin bars.
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


def _box(role: str, words: str, step: int) -> str:
    return (f'<button type="button" class="box {role}" data-part="{role}" data-go="{step}">'
            f"{escape(words)}</button>")


def section(key: str, title: str, question: str, body: str) -> str:
    """A closed section: its title, the question that it answers, and its body."""
    return (f'<details class="ask" data-ask="{escape(key)}"><summary><b>{escape(title)}</b> '
            f"<small>{escape(question)}</small></summary>{body}</details>")


def body(height: int) -> str:
    """The body of a section: its form, an error, the answer, and a chart if `height` is not 0."""
    chart = ""
    if height:
        chart = f'<div class="chart" role="img" style="height:{height}px" hidden></div>'
    return ('<div class="inner"><form></form><p class="problem" role="alert"></p>'
            f'<div class="found" aria-live="polite"></div>{chart}</div>')


def panel(key: str, title: str, caption: str, height: int, extra: str = "",
          wide: bool = False) -> str:
    """A titled panel of fixed height for one chart."""
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
    """A menu of tokens; for a large vocabulary, a text box with suggestions."""
    if len(tokens) <= 60:
        return select(field, words, [(t, name(t)) for t in tokens], chosen)
    options = "".join(f'<option value="{escape(t)}">' for t in tokens[:400])
    return (f'<label><span>{escape(words)}</span> <input name="{escape(field)}" size="10" '
            f'maxlength="100" autocomplete="off" list="tokens-{escape(field)}" '
            f'value="{escape(chosen)}"><datalist id="tokens-{escape(field)}">{options}</datalist>'
            "</label>")


def slider(field: str, words: str, low: float, high: float, value: float, shown: str,
           marks: str = "", step: float = 1) -> str:
    """A labelled slider; `marks` are data attributes for the page's JavaScript."""
    return (f'<label class="wide"><span>{escape(words)}</span> <input type="range" '
            f'name="{escape(field)}" min="{low}" max="{high}" step="{step}" value="{value}"{marks}'
            f"> <output>{escape(shown)}</output></label>")


def number_box(field: str, words: str, low: int, high: int, value: int, again: str) -> str:
    """A labelled box for a whole number, and a button that adds one to it."""
    return (f'<label><span>{escape(words)}</span> <input type="number" name="{escape(field)}" '
            f'min="{low}" max="{high}" step="1" value="{value}" inputmode="numeric"></label>'
            f'<button type="button" class="plain" data-add="{escape(field)}">{escape(again)}'
            "</button>")


def checkbox(field: str, words: str, gloss: str = "") -> str:
    """A labelled checkbox."""
    return (f'<label class="tick"><input type="checkbox" name="{escape(field)}"> '
            f"<span>{escape(words)}</span> <small>{escape(gloss)}</small></label>")


def rows(lines: Sequence[tuple[str, Sequence[Cell]]]) -> str:
    """Aligned answers as a table, one token per cell."""
    width = max((len(cells) for _, cells in lines), default=0)
    body = ""
    for words, cells in lines:
        tiles = "".join(_tile(cell) for cell in cells) + "<td></td>" * (width - len(cells))
        body += f'<tr><th scope="row">{escape(words)}</th>{tiles}</tr>'
    return _table("aligned", _("Answers, position by position"), f"<tbody>{body}</tbody>")


def _table(kind: str, name: str, inside: str) -> str:
    """A table that scrolls horizontally if it is wider than the page; `name` is its label."""
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
    """A paragraph with a result."""
    return f'<p class="{escape(kind)}">{escape(text)}</p>'


def ranking(answers: Sequence[tuple[Sequence[str], bool, str, str]]) -> str:
    """The n-best list: tokens, whether it is the greedy answer, probability, score."""
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


@dataclass(frozen=True)
class DrawnAnswer:
    """One row of `draws`."""

    tokens: Sequence[str]
    is_right: bool | None  # None: the correct answer is not known
    is_greedy: bool
    drawn: str  # its probability with temperature and top-k, in words
    own: str  # its probability according to the model, in words


def draws(answers: Sequence[DrawnAnswer]) -> str:
    """Answers that were drawn: tokens, whether they are right, and two probabilities."""
    body = ""
    for i, answer in enumerate(answers, 1):
        tokens = "".join(f"<li>{escape(name(t))}</li>" for t in answer.tokens)
        mark = "" if answer.is_right is None else (
            f'<span class="verdict {"right" if answer.is_right else "wrong"}">'
            f'{escape(_("✓ correct") if answer.is_right else _("✗ wrong"))}</span>')
        greedy = f" <small>{escape(_('= greedy'))}</small>" if answer.is_greedy else ""
        body += (f'<tr><th scope="row">{i}</th><td>{mark}</td><td><ol class="tokens dec">{tokens}'
                 f"</ol>{greedy}</td><td>{escape(answer.drawn)}</td>"
                 f"<td>{escape(answer.own)}</td></tr>")
    heads = [escape(words) for words in (_("Draw"), _("Compared"), _("Answer"),
                                         _("Probability with these settings"),
                                         _("The model's own probability"))]
    return _table("ranking", _("Answers drawn at random"),
                  _head(heads) + f"<tbody>{body}</tbody>")


def _head(cells: Sequence[str]) -> str:
    """The header row of a table, from pieces of HTML."""
    heads = "".join(f'<th scope="col">{cell}</th>' for cell in cells)
    return f"<thead><tr>{heads}</tr></thead>"


def neighbours(found: Sequence[Neighbour]) -> str:
    """Moments of training: the input, what was written so far, and what came next there."""
    body = ""
    for moment in found:
        target, at = moment.example.target, moment.position
        so_far = "".join(f"<li>{escape(t)}</li>" for t in target[:at])
        following = target[at] if at < len(target) else SPECIALS[EOS]
        body += ('<tr><td><ol class="tokens enc">'
                 + "".join(f"<li>{escape(t)}</li>" for t in moment.example.source)
                 + f'</ol></td><td><ol class="tokens">{so_far}<li class="came"><b>'
                 f"{escape(name(following))}</b></li></ol></td>"
                 f"<td>{decimal(moment.distance, '.2f')}</td></tr>")
    heads = [escape(_("Input read")), inline(_("Written so far, and **what came next**")),
             escape(_("Distance"))]
    return _table("ranking", _("Most similar decoder steps"),
                  _head(heads) + f"<tbody>{body}</tbody>")
