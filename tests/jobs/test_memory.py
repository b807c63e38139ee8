"""Memory that must be released: deleted runs, descriptions of the page, freed blocks."""

import copy
import gc
import tracemalloc
import weakref

import gradio as gr
import pytest
from gradio.state_holder import SessionState

from seq2seq import Experiment, ModelConfig, Recipe, TrainConfig
from seq2seq.files.checkpoint import dump_weights
from seq2seq.jobs import memory
from seq2seq.jobs.limits import Limits
from seq2seq.jobs.memory import limit_arenas, release_free_memory
from seq2seq.jobs.runs import Run, Runs
from seq2seq.ui.gradio_internals import use_small_sessions
from seq2seq.ui.lab import Lab
from seq2seq.ui.page import build_page
from tests import jobs_for_tests as jobs

RECIPE = Recipe("reverse", ModelConfig(hidden_size=8), TrainConfig(num_epochs=1, num_examples=50))


@pytest.fixture(scope="module")
def lab():
    """A lab that keeps one ended run of each visitor."""
    with Runs(jobs.start, limits=Limits(num_workers=1, max_owned=1)) as runs:
        yield Lab(runs)


def test_nothing_holds_a_run_that_was_forgotten(lab):
    weights = dump_weights(Experiment.from_recipe(RECIPE).model)

    def opened() -> weakref.ref[Run]:
        run = lab.runs.adopt("visitor", RECIPE, "Run", 1, weights)
        assert lab.histories.of(run).run is run  # as the page does
        assert lab.experiment_for(run) is lab.experiment_for(run)
        return weakref.ref(run)

    first, second = opened(), opened()
    gc.collect()
    assert first() is None
    assert second() is not None
    assert {key[0] for key in lab._models} <= {second().id, RECIPE}


def page(lab: Lab) -> gr.Blocks:
    with gr.Blocks(analytics_enabled=False) as demo:
        build_page(lab, demo)
    return demo


def test_a_visit_takes_little_memory_and_has_all_of_the_page(lab):
    demo = page(lab)
    described, heavy = demo.get_config_file(), SessionState(demo)
    use_small_sessions(demo)
    assert demo.get_config_file() == described  # to the browser it is told as before
    gc.collect()
    tracemalloc.start()
    visit = SessionState(demo)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 100_000
    assert not list(visit.components)
    assert visit.blocks_config.blocks == heavy.blocks_config.blocks
    assert visit.blocks_config.fns == heavy.blocks_config.fns


def test_no_events_data_is_dropped_or_sent_twice(lab):
    """Gradio drops it with "once", and repeats the data of the first event with "always_last"."""
    modes = {f.fn.__name__: f.trigger_mode for f in page(lab).fns.values()
             if f.fn and any(kind is gr.EventData for kind in f.fn.__annotations__.values())}
    assert modes.pop("again") == "once"  # the second press of a double click starts no second run
    assert len(modes) >= 7
    assert set(modes.values()) == {"multiple"}


def test_what_a_visit_changes_is_its_own():
    with gr.Blocks() as demo:
        box, kept = gr.Textbox("as it was"), gr.State([])
    use_small_sessions(demo)
    one, other = SessionState(demo), SessionState(demo)
    one[box._id] = gr.Textbox("changed", render=False)
    one._update_value_in_config(box._id, "changed")
    one[kept._id].append("mine")
    assert one[box._id].value == "changed"
    assert other[box._id].value == "as it was"
    assert other[kept._id] == []
    assert copy.copy(demo.default_config).blocks[box._id] is box


def test_where_there_is_no_way_to_give_memory_back_nothing_happens(monkeypatch):
    for found in (memory._find("malloc_trim"), None):
        monkeypatch.setattr(memory, "_malloc_trim", found)
        monkeypatch.setattr(memory, "_mallopt", None)
        limit_arenas()
        release_free_memory()
    assert memory._find("no_such_function") is None
