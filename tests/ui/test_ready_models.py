"""A pre-trained model of each family, and what every tab shows of it."""

from html import unescape

import gradio as gr
import pytest

from seq2seq import TASKS
from seq2seq.files import pretrained
from seq2seq.ui.lab import Lab
from seq2seq.ui.session import make_session
from seq2seq.ui.tabs.inside.tab import InsideTab
from seq2seq.ui.tabs.n_best import WIDTH, n_best_answers
from seq2seq.ui.tabs.sequence import SequenceTab
from seq2seq.ui.tabs.side_by_side import AnswersTab

READY = [task for task in TASKS if pretrained.ready(task.name)]
FIRST = list({task.family: task for task in reversed(READY)}.values())


@pytest.mark.parametrize("task", FIRST, ids=lambda task: task.name)
def test_a_ready_model_answers_on_every_tab(one, task):
    lab = Lab(one)
    run = lab.open_pretrained("ada", task.name)
    with gr.Blocks():
        session = make_session(lab)
        sequence, inside = SequenceTab(session), InsideTab(session)
        answers = AnswersTab(session)
    shown = sequence.show(run.recipe, run, task.example)
    assert "The pre-trained model's answer" in unescape(str([*shown.values()]))

    shown = answers.show(run.id, task.name, task.example, "new", False)
    assert "answered by the pre-trained model" in shown[answers.mine]
    assert shown[answers.table].count("<tr") > 10
    assert task.longer in shown[answers.scores]
    best = n_best_answers(lab, shown[answers.n_best])
    assert best["html"].count("<tr") == 1 + WIDTH, best

    seen = inside.ask({"what": "look", "run": run.id, "text": task.example, "epoch": None,
                       "values": {}})
    assert "problem" not in seen, seen
    assert len(seen["steps"]) == seen["num"] > 0
