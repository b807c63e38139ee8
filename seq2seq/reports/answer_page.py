"""“Look inside” of one answer as one HTML file: all steps and figures, with Plotly's JavaScript."""

import json
from collections.abc import Sequence
from html import escape
from typing import Any

from seq2seq.figures.gates import gate_values
from seq2seq.figures.inside import PANELS
from seq2seq.figures.plotly_js import plotly_js
from seq2seq.figures.sentences import step_sentences
from seq2seq.figures.what_if import head_weights
from seq2seq.i18n import _
from seq2seq.inspection.gates import GATES, GateTrace
from seq2seq.inspection.trace import Insight, name, written
from seq2seq.reports.html_page import HtmlPage, asset, document

HEIGHT = 900  # of the frame in a notebook


def answer_page(title: str, note: str, seen: Insight,
                gates: Sequence[GateTrace] = (), library: str | None = None) -> HtmlPage:
    """All steps of one answer; `gates` are those of encoder and decoder, if the cell has any.

    `library` takes the place of Plotly's JavaScript.
    """
    library = plotly_js() if library is None else library
    figures: dict[str, Any] = {}
    panels = {"step": "", "run": ""}
    for panel in PANELS:
        if panel.is_for(seen):
            figures[panel.name] = panel.draw(seen).to_plotly_json()
            caption = (_(panel.caption) if panel.name != "next" else  # here a click does nothing
                       _("the most probable next tokens at this step"))
            panels[panel.place] += _panel(panel.name, _(panel.title), caption, panel.wide)
    if gates and GATES[seen.config.cell]:
        figures["gates"] = gate_values(seen, [trace.gates for trace in gates]).to_plotly_json()
        panels["step"] += _panel("gates", _("Gates"),
                                 _("what the cell keeps and what it forgets at this step"), True)
    if seen.heads is not None:
        figures["heads"] = head_weights(seen).to_plotly_json()
        panels["step"] += _panel("heads", _("Attention heads"),
                                 _("which input tokens each head attends to at this step"), True)
    p = seen.prediction
    data = {"num_read": seen.num_read, "steps": step_sentences(seen), "figures": figures,
            "play": _("▶ Play"), "pause": _("❚❚ Pause")}
    body = (f'<p class="soft">{escape(note)}</p><div class="lane">{_lane("enc", p.positions, 0)}'
            f'<span class="arrow">→</span>{_lane("dec", written(p), seen.num_read)}</div>'
            f'<div class="controls"><button class="back" aria-label="{escape(_("Previous step"))}">'
            f'◀</button><button class="play">{escape(_("▶ Play"))}</button>'
            f'<button class="next" aria-label="{escape(_("Next step"))}">▶▏</button>'
            f'<input type="range" class="steps" min="0" max="{len(seen.moments) - 1}" '
            f'aria-label="{escape(_("Step"))}"><span class="place"></span></div>'
            f'<p class="say" role="status"></p><div class="panels three">{panels["step"]}</div>'
            f'<h2>{escape(_("The whole answer"))}</h2><div class="panels">{panels["run"]}</div>')
    # A token that ends a script would end this one.
    values = json.dumps(data, ensure_ascii=False, default=_plain).replace("</", "<\\/")
    return document(title, body, f"{library}\nconst ANSWER = {values};\n"
                                 f"{asset('answer_page.js')}", HEIGHT)


def _plain(value: Any) -> Any:
    return value.tolist()  # NumPy arrays inside figures


def _panel(key: str, title: str, caption: str, wide: bool) -> str:
    return (f'<section class="panel{" wide" if wide else ""}"><h3>{escape(title)}</h3>'
            f'<p class="soft">{escape(caption)}</p><div class="chart" role="img" '
            f'data-figure="{escape(key)}"></div></section>')


def _lane(role: str, row: Sequence[str], start: int) -> str:
    return f'<span class="tokens {role}">' + "".join(
        f'<button class="tile" data-go="{start + i}">{escape(name(token))}</button>'
        for i, token in enumerate(row)) + "</span>"
