"""The section “Why did it say that?”: which single changes repair a wrong answer."""

import json
from collections.abc import Sequence
from html import escape
from typing import Any

from seq2seq.figures.style import percent_text
from seq2seq.i18n import LazyText, _, ngettext
from seq2seq.inspection.repairs import END, Repairs, Trial
from seq2seq.inspection.trace import name
from seq2seq.ui.components.run_names import epoch_count
from seq2seq.ui.tabs.inside import pieces
from seq2seq.ui.tabs.inside.panels import Query, reads_sound
from seq2seq.ui.tabs.inside.pieces import Cell, cells, marked_cells

NUM_PLACES = 3  # input positions that are listed
TITLES = {"attention": LazyText("Attention"), "token": LazyText("One token"),
          "beam": LazyText("Beam search"), "epoch": LazyText("An earlier epoch"),
          "input": LazyText("Another input")}


def why(query: Query) -> dict[str, Any]:
    """The first wrong token, and for each kind of change whether it repairs the answer."""
    known = {epoch: query.run.blobs.get(epoch) for epoch in query.run.blobs}
    kept = {e: w for e, w in known.items() if w and e <= query.epoch}
    found = query.experiment.repairs(query.text, {} if query.run.provenance else kept)
    p = found.prediction
    if found.target is None:
        return {"html": pieces.sentence(_(
            "The correct answer to this input is not known, so no change can be judged. Type an "
            "input that the task knows the answer to."))}
    if found.step is None:
        return {"html": pieces.sentence(
            _("The answer is correct: there is nothing to repair. Open a wrong answer from the "
              "table on the tab “Side by side”, or type a longer input.") if p.is_correct else
            _("The answer was cut off before its first wrong token: there is no step to repair."))}
    right = (*found.target, END)
    own = tuple(step.token for step in p.steps)
    table = pieces.rows([(_("Correct answer"), cells(right)), (_("Answer"), _own(own, found.step))])
    listed = [item for kind in (_attention(found, reads_sound(p)), _token(found), _beam(found),
                                _epoch(found), _input(found)) for item in kind]
    note = _("A change that repairs the answer is not always the cause of the error: several "
             "changes often repair the same answer.")
    return {"html": table + pieces.sentence(_first_error(found)) + "".join(
        ['<ul class="repairs">', *listed, "</ul>"]) + pieces.sentence(note, "soft")}


def _own(own: Sequence[str], step: int) -> list[Cell]:
    return [Cell(token, "ok" if i < step else "no" if i == step else "plain")
            for i, token in enumerate(own)]


def _first_error(found: Repairs) -> str:
    where = _("The first wrong token is number {n}: “{written}” instead of “{expected}”.",
              n=(found.step or 0) + 1, written=name(found.written or ""),
              expected=name(found.expected or ""))
    if not found.rank:
        return where + " " + _("“{expected}” is not in the vocabulary, so the model cannot write "
                               "it.", expected=name(found.expected or ""))
    return where + " " + _("The model gave “{expected}” a probability of {share} (rank {rank}).",
                           expected=name(found.expected or ""), rank=found.rank,
                           share=percent_text(found.expected_prob))


def _attention(found: Repairs, sound: bool) -> list[str]:
    trials, p, step = found.of("attention"), found.prediction, found.step or 0
    if not trials:
        return []
    weights = p.steps[step].attention
    assert weights is not None, "these trials changed it"
    before = int(weights.argmax())
    # The position that the model itself prefers comes first.
    trials = sorted(trials, key=lambda t: (-t.is_correct, -t.repairs_step,
                                           -float(weights[t.position or 0])))
    best = trials[0]
    place = best.position or 0
    names = {"place": place + 1, "token": name(p.positions[place]), "before": before + 1}
    if sound:
        names |= {"place": p.positions[place], "before": p.positions[before]}
    if not best.repairs_step:
        return [_item("attention", best, p, None, _(
            "At none of the {n} input positions does the attention make the model write "
            "“{expected}” here.", n=len(trials), expected=name(found.expected or "")))]
    if best.is_correct and place == before:
        says = _("Looking only at position {place} (“{token}”), where its attention is strongest "
                 "anyway, makes the answer correct.", **names)
    elif best.is_correct:
        says = _("Looking at position {place} (“{token}”) instead of {before} makes the answer "
                 "correct.", **names)
    elif place == before:
        says = _("Looking only at position {place} (“{token}”), where its attention is strongest "
                 "anyway, makes this token correct, but not the answer.", **names)
    else:
        says = _("Looking at position {place} (“{token}”) instead of {before} makes this token "
                 "correct, but not the answer.", **names)
    more = sum(t.is_correct if best.is_correct else t.repairs_step for t in trials[1:])
    if more:
        says += " " + ngettext("{n} other position does the same.",
                               "{n} other positions do the same.", more)
    return [_item("attention", best, p, found.target, says,
                  {"ask": "redirect", "step": step, "place": place})]


def _token(found: Repairs) -> list[str]:
    listed = []
    for trial in found.of("token"):
        names = {"expected": name(found.expected or ""), "written": name(found.written or "")}
        if found.step == len(found.target or ()):
            says = _("Ending here makes the answer correct: everything before was right.")
        elif trial.is_correct:
            says = _("Writing “{expected}” instead of “{written}” makes the answer correct: the "
                     "model writes the rest without help.", **names)
        else:
            says = _("Writing “{expected}” instead of “{written}” is not enough: the model makes "
                     "another mistake later.", **names)
        listed.append(_item("token", trial, found.prediction, found.target, says,
                            {"ask": "force", "step": found.step, "token": found.expected}))
    return listed


def _beam(found: Repairs) -> list[str]:
    trials = found.of("beam")
    best = next((trial for trial in trials if trial.is_correct), None)
    if best is None:
        return [_item("beam", trials[-1], found.prediction, None,
                      _("No beam of up to {width} answers makes the answer correct.",
                        width=max(t.width or 0 for t in trials)))]
    says = (_("A beam of {width} with length normalisation makes the answer correct.",
              width=best.width) if best.alpha else
            _("A beam of {width} makes the answer correct.", width=best.width))
    return [_item("beam", best, found.prediction, found.target, says,
                  {"ask": "beam", "width": best.width, "normalise": best.alpha > 0})]


def _epoch(found: Repairs) -> list[str]:
    trials = found.of("epoch")
    right = [trial for trial in trials if trial.is_correct]
    if len(trials) < 2:
        return []
    if not right:
        return [_item("epoch", trials[-1], found.prediction, None,
                      _("The model of no earlier epoch gives the correct answer."))]
    says = _("After epoch {epoch} the model gave the correct answer, and unlearned it later.",
             epoch=epoch_count(right[-1].epoch or 0))
    return [_item("epoch", right[-1], found.prediction, found.target, says,
                  {"ask": "epochs", "epoch": trials.index(right[-1])})]


def _input(found: Repairs) -> list[str]:
    trials, p = found.of("input"), found.prediction
    if not trials:
        return []
    removed = [trial for trial in trials if trial.token is None]
    listed = []
    best = next((trial for trial in removed if trial.is_correct), None)
    if best is not None and best.position is not None:
        says = _("Without the input token {place} (“{token}”), the answer to the remaining input "
                 "is correct.", place=best.position + 1, token=name(p.source[best.position]))
        more = sum(trial.is_correct for trial in removed) - 1
        if more:
            says += " " + ngettext("Removing {n} other token does the same.",
                                   "Removing {n} other tokens does the same.", more)
        listed.append(_item("input", best, p, None, says,
                            {"ask": "change", "how": "delete", "place": best.position}))
    by_place: dict[int, list[Trial]] = {}
    for trial in trials:
        if trial.token is not None and trial.position is not None:
            by_place.setdefault(trial.position, []).append(trial)
    ranked = sorted(by_place.items(), key=lambda pair: -sum(t.is_correct for t in pair[1])
                    / len(pair[1]))
    for place, tried in ranked[:NUM_PLACES]:
        fixed = [trial for trial in tried if trial.is_correct]
        if not fixed:
            break
        says = _("With another token at position {place} (now “{token}”), {n} of {total} answers "
                 "are correct.", place=place + 1, token=name(p.source[place]), n=len(fixed),
                 total=len(tried))
        listed.append(_item("input", fixed[0], p, None, says,
                            {"ask": "change", "how": "replace", "place": place,
                             "token": fixed[0].token}))
    if not listed:
        listed.append(_item("input", trials[0], p, None, _(
            "None of {n} inputs that differ in one token gets a correct answer.", n=len(trials))))
    return listed


def _item(kind: str, trial: Trial, p: Any, target: Sequence[str] | None, says: str,
          form: dict[str, Any] | None = None) -> str:
    """One kind of change: its verdict, a sentence, the answer, and a button that shows it."""
    mark = ("ok", "✓", _("repairs the answer")) if trial.is_correct else (
        "part", "◐", _("repairs this token only")) if trial.repairs_step else (
        "no", "✗", _("does not repair the answer"))
    end = (END,) if trial.finished else ()
    shown = "" if target is None else _tiles((*trial.tokens, *end), (*target, END))
    button = "" if form is None else (
        f'<button type="button" class="plain" data-try="{escape(json.dumps(form))}">'
        f'{escape(_("Show →"))}</button>')
    return (f'<li class="{mark[0]}"><span class="mark" role="img" title="{escape(mark[2])}" '
            f'aria-label="{escape(mark[2])}">{mark[1]}</span><div><p><b>{escape(_(TITLES[kind]))}'
            f"</b> {escape(says)}</p>{shown}</div>{button}</li>")


def _tiles(tokens: Sequence[str], target: Sequence[str]) -> str:
    return "".join(["<p class=\"tiles\">", *(
        f'<span class="tile {cell.kind}"><b>{escape(name(cell.token or ""))}</b></span>'
        for cell in marked_cells(tokens, target)), "</p>"])
