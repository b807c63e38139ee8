"""Sequence-to-sequence models to understand by doing: a guided tour.

    from seq2seq import Experiment, ModelConfig, TrainConfig

    experiment = Experiment("reverse", ModelConfig(cell="gru", attention="dot"))
    for event in experiment.fit(TrainConfig(num_epochs=5)):
        print(event)
    print(experiment.predict("3 1 4 1 5"))

Where to read on, in this order:

1. `models`: encoder, decoder and attention as the textbooks describe them, and the Transformer;
   `models.seq2seq` encodes once, then steps again and again
2. `training.loop`: the training loop, a generator of events
3. `decoding` and `evaluation`: greedy decoding, beam search, losses and scores
4. `tasks` and `data`: where examples come from, and which are held out
5. `config`, `recipe`, `files`, `experiment`: settings, the recipe of a run, files, all together
6. `inspection`: states, attention weights and gates of one answer
7. `jobs` and `hosting`: many training runs at once; `figures` and `ui`: the page

Importing this package imports torch, but nothing of the page.
"""

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.decoding.greedy import DecodeStep, Prediction
from seq2seq.errors import Seq2SeqError
from seq2seq.experiment import Experiment
from seq2seq.recipe import Recipe
from seq2seq.tasks import TASKS
from seq2seq.training.events import EpochEnd, StepEnd

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
