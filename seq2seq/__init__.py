"""Sequence-to-sequence models to understand by experiment.

    from seq2seq import Experiment, ModelConfig, TrainConfig

    experiment = Experiment("reverse", ModelConfig(cell="gru", attention="dot"))
    for event in experiment.fit(TrainConfig(num_epochs=5)):
        print(event)
    print(experiment.predict("3 1 4 1 5"))

To read the source, follow this order:

1. `models`: encoder, decoder, attention and Transformer; `models.seq2seq` joins them
2. `training.loop`: the training loop, a generator of events
3. `decoding` and `evaluation`: greedy decoding, beam search, sampling, losses and scores
4. `tasks` and `data`: generated examples, training and held-out sets, batches
5. `config`, `recipe`, `files`, `experiment`: settings, recipes, checkpoints, the Python interface
6. `inspection`: states, attention weights and gates of one answer
7. `jobs` and `hosting`: many training runs at once; `figures` and `ui`: the page

Importing this package imports torch, but neither Gradio nor Plotly.
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
