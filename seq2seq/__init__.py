"""Sequence-to-sequence models to understand by doing: a guided tour.

    from seq2seq import Experiment, ModelConfig, TrainConfig

    experiment = Experiment("reverse", ModelConfig(cell="gru", attention="dot"))
    for event in experiment.fit(TrainConfig(num_epochs=5)):
        print(event)
    print(experiment.predict("3 1 4 1 5"))

Where to read on, in this order:

1. `encoder`, `decoder`, `attention`: the model, as the textbooks tell it (`cells` hides a detail);
   `transformer` is the other architecture, behind the same calls
2. `model`: encode once, then step again and again
3. `training`: the loop, a generator of events
4. `inference`, `beam` and `metrics`: writing answers, and judging them
5. `tasks`, `vocabulary`, `data`: where examples come from, and which are held out
6. `config`, `recipe`, `checkpoint`, `experiment`: settings, the name of a run, files, all together
7. `insight`, `gates` and `neighbours`: what there is to see inside
8. `jobs`: many people training at once; `figures` and `ui`: the page

Importing this package imports torch, but nothing of the page.
"""

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import Seq2SeqError
from seq2seq.events import EpochEnd, StepEnd
from seq2seq.experiment import Experiment
from seq2seq.inference import DecodeStep, Prediction
from seq2seq.recipe import Recipe
from seq2seq.tasks import TASKS

__version__ = "0.5.0"  # see assets/docs/changelog.md

__all__ = [
    "TASKS",
    "DecodeStep",
    "EpochEnd",
    "Experiment",
    "ModelConfig",
    "Prediction",
    "Recipe",
    "Seq2SeqError",
    "StepEnd",
    "TrainConfig",
]
