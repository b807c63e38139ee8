"""An experiment: a task, a model and its training, in the caller's own process.

    experiment = Experiment("reverse", ModelConfig(attention="dot"))
    for event in experiment.fit(TrainConfig(num_epochs=5, seed=7)):
        print(event)
    print(experiment.predict("3 1 4 1 5").tokens, experiment.scores())

For worker processes, `seq2seq.hosting.training_job` yields the same training as a stream of
picklable events.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.data.left_out import leave_out, never_trained_on
from seq2seq.data.splits import Splits, make_splits
from seq2seq.decoding.beam import BeamSearch, beam_search
from seq2seq.decoding.greedy import Prediction, predict
from seq2seq.decoding.sampling import Sample, sample
from seq2seq.errors import InputError, shorten
from seq2seq.evaluation.measures import Measure, measures
from seq2seq.evaluation.metrics import Answer, answers_sliced, evaluate, max_steps
from seq2seq.files import checkpoint
from seq2seq.files.provenance import Provenance
from seq2seq.i18n import _
from seq2seq.inspection.data_search import Near, nearest_examples
from seq2seq.inspection.gates import GateTrace, run_layers
from seq2seq.inspection.repairs import Repairs, find_repairs
from seq2seq.inspection.similar_states import TrainingStates, training_states
from seq2seq.inspection.trace import Insight, make_insight
from seq2seq.models.decoder import Decoder
from seq2seq.models.encoder import Encoder
from seq2seq.models.parameters import count_parameters, weight_shapes
from seq2seq.models.seq2seq import make_generator
from seq2seq.recipe import Recipe, word
from seq2seq.reports import check_complete
from seq2seq.tasks import Task, Tokens, get_task
from seq2seq.time_slices import Sliced, finish
from seq2seq.training.events import EpochEnd, StepEnd
from seq2seq.training.loop import train
from seq2seq.training.notebook_bugs import FAULTS
from seq2seq.training.snapshots import Snapshots
from seq2seq.training.state import TrainingState

if TYPE_CHECKING:  # reports draw figures, and importing this package imports no Plotly
    from seq2seq.reports.html_page import HtmlPage

MOST_LISTED = 100_000  # fresh examples that are generated again to look for a source, in 1 to 2 s


class Experiment:
    """One model on one task.

    `model` and `train` default to the task's settings. `pairs` is the table of the task "pairs".
    `data` (from `splits.splits_of`) replaces the task's training and held-out examples; a saved
    model does not contain it.
    """

    def __init__(self, task: str, model: ModelConfig | None = None,
                 train: TrainConfig | None = None, pairs: str = "",
                 data: Splits | None = None) -> None:
        defaults = get_task(task)
        self.data = data
        self._start(Recipe(task, model or defaults.model, train or defaults.train, pairs))

    @classmethod
    def from_recipe(cls, recipe: Recipe) -> "Experiment":
        """The untrained experiment that `recipe` describes."""
        experiment = cls.__new__(cls)
        experiment.data = None
        experiment._start(recipe)
        return experiment

    def _start(self, recipe: Recipe) -> None:
        """Set up examples and initial weights; both depend on the recipe alone."""
        self.recipe = recipe
        self.task: Task = recipe.make_task()
        fault = FAULTS[recipe.model.fault]
        data = self.data and leave_out(self.data, recipe.train.leave_out)
        self.splits: Splits = fault.apply_to(data or make_splits(self.task, recipe.train))
        source, target = self.splits.source_vocabulary, self.splits.target_vocabulary
        longest = max(len(self.task.positions(e.source)) for e in self.splits.slots)
        recipe.check_size(longest, self.splits.max_target_length + 1, len(target))
        self.model = fault.model(len(source), len(target), recipe.model,
                                 make_generator(recipe.train.seed, "weights"), self.task.frame_size)
        self.history: list[StepEnd | EpochEnd] = []
        self.snapshots = Snapshots()
        self.snapshots[0] = checkpoint.dump_weights(self.model)

    def fit(self, config: TrainConfig | None = None,
            state: TrainingState | None = None) -> Iterator[StepEnd | EpochEnd]:
        """Train from the initial weights, yielding events. `history` collects them.

        Every call starts again from the initial weights, or from the last complete epoch of a
        `state` with the bytes of an earlier `TrainingState.dump`. To stop early, leave the loop
        over the events; the model keeps the weights of that moment.
        """
        self._start(replace(self.recipe, train=config or self.recipe.train))
        for event in train(self.model, self.splits, self.recipe.train, state):
            if event is None:  # the end of a time slice, see `train`
                continue
            self.history.append(event)
            if isinstance(event, EpochEnd):
                self.snapshots[event.epoch] = checkpoint.dump_weights(self.model)
            yield event

    def with_weights(self, weights: bytes) -> "Experiment":
        """A copy of the experiment whose model has the `weights` of a snapshot."""
        twin = copy.copy(self)
        twin.model = copy.deepcopy(self.model)
        checkpoint.load_weights(twin.model, weights)
        return twin

    def predict(self, text: str, *, forced: Mapping[int, str] | None = None,
                attention: Mapping[int, Sequence[float]] | None = None,
                zero_context: bool = False) -> Prediction:
        """The greedy answer to a typed sequence; what-if changes as in `decoding.greedy.predict`.

        InputError if the task cannot read the text.
        """
        tokens = self.task.parse(text)
        found = predict(self.model, self.splits, tokens, self.task.solve(tokens),
                        max_steps(self.splits, len(tokens)), forced=forced, attention=attention,
                        zero_context=zero_context)
        if found.tokens in self.task.solutions(tokens):  # one of several correct answers
            return replace(found, target=found.tokens)
        return found

    def insight(self, prediction: Prediction) -> Insight:
        """The states, embeddings and attention heads of an answer of this model."""
        return make_insight(self.model, self.splits, self.recipe.model, prediction)

    def beam(self, text: str, width: int = 3, alpha: float = 0.0) -> BeamSearch:
        """The `width` best answers to a typed sequence, and the search tree."""
        tokens = self.task.parse(text)
        return beam_search(self.model, self.splits, tokens, max_steps(self.splits, len(tokens)),
                           width, alpha)

    def sample(self, text: str, num: int = 5, temperature: float = 1.0, top_k: int | None = None,
               seed: int = 0) -> list[Sample]:
        """`num` answers to a typed sequence, drawn at random. The same seed gives the same answers.

        `top_k` None: from all tokens. ConfigError if a value is out of range.
        """
        tokens = self.task.parse(text)
        return sample(self.model, self.splits, tokens, max_steps(self.splits, len(tokens)), num,
                      temperature, top_k, seed)

    def _ids(self, prediction: Prediction) -> tuple[torch.Tensor, torch.Tensor]:
        """The source of a prediction as a batch: ids (1, S), length (1,)."""
        source = self.splits.encode(prediction.source)
        return source, torch.tensor([source.size(1)])

    @torch.no_grad()
    def gates(self, prediction: Prediction) -> tuple[GateTrace, GateTrace]:
        """The gates and states of the top layers of encoder and decoder for an answer."""
        model, cell = self.model.eval(), self.recipe.model.cell
        encoder, decoder = model.encoder, model.decoder
        assert isinstance(encoder, Encoder), "only recurrent layers have gates"
        assert isinstance(decoder, Decoder)
        source, lengths = self._ids(prediction)
        target = self.splits.target_vocabulary
        read = [target.id_of(step.read) for step in prediction.steps]
        looked = None if prediction.attention is None else torch.tensor(prediction.attention)
        inputs, context = decoder.recurrence_inputs(
            torch.tensor(read), model.encode(source, lengths), looked)
        layers = encoder.recurrence.layers
        zeros = torch.zeros(layers.num_layers * 2, encoder.recurrence.state_size)
        return (run_layers(cell, layers, encoder.embedding(source[0]), zeros),
                run_layers(cell, decoder.recurrence.layers, inputs, context))

    def training_states(self) -> TrainingStates:
        """The decoder's states on training examples, for nearest-neighbour search."""
        return training_states(self.model, self.splits)

    def through_time(self, text: str, snapshots: Mapping[float, bytes],
                     limit: int = 24) -> dict[float, Prediction]:
        """Epoch -> answer with that epoch's weights, for at most `limit` evenly spaced epochs."""
        epochs = sorted(snapshots)
        if len(epochs) > limit:
            last = len(epochs) - 1
            epochs = sorted({epochs[round(i * last / (limit - 1))] for i in range(limit)})
        return {epoch: self.with_weights(snapshots[epoch]).predict(text) for epoch in epochs}

    def repairs(self, text: str, snapshots: Mapping[float, bytes] | None = None) -> Repairs:
        """Which single changes make a wrong answer to a typed sequence correct.

        `snapshots` (default: those of `fit`) are weights by epoch, as in `through_time`.
        """
        kept = self.snapshots if snapshots is None else snapshots
        found = self.predict(text)
        return find_repairs(self.model, self.splits, found,
                            {} if found.is_correct else self.through_time(text, kept))

    def answers(self, name: str) -> list[Answer]:
        """The model's answers to the set "memorised", "new", "longer" or "left_out"."""
        return finish(self.answers_sliced(name))

    def answers_sliced(self, name: str) -> Sliced[list[Answer]]:
        """As `answers`, in time slices."""
        if name not in self.splits.sets:
            raise InputError("There is no set “{name}”: choose one of {names}.",
                             name=shorten(name), names=", ".join(self.splits.sets))
        return (yield from answers_sliced(self.model, self.splits, self.splits.sets[name]))

    def scores(self) -> dict[str, float | None]:
        """Exact match in [0, 1] on each of the three sets; None for an empty set."""
        return evaluate(self.model, self.splits).scores

    def measures(self, name: str = "new") -> list[Measure]:
        """The field's measures of the answers to a set, with intervals; [] for an empty set.

        Errors are those of `answers`.
        """
        return measures(self.answers(name), self.task)

    def report(self) -> "HtmlPage":
        """The error analysis of the three sets, as one HTML file for a notebook or `save`."""
        check_complete()
        from seq2seq.reports.error_analysis import error_analysis
        return error_analysis(str(self), self._note(), {name: self.answers(name)
                                                        for name in self.splits.sets}, self.task)

    def show(self, text: str, library: str | None = None) -> "HtmlPage":
        """Every step of the answer to a typed sequence, as one HTML file of about 5 MB.

        `library` takes the place of Plotly's JavaScript, most of the file.
        """
        check_complete()
        from seq2seq.reports.answer_page import answer_page
        p = self.predict(text)
        has_gates = self.recipe.model.is_recurrent
        return answer_page(f"{self.task.format(p.source)} → {self.task.format_target(p.tokens)}",
                           f"{self}. {self._note()}", self.insight(p),
                           self.gates(p) if has_gates else (), library)

    def _note(self) -> str:
        model = self.recipe.model
        return _("Architecture: {cell}. Attention: {attention}. Parameters: {n:,}.",
                 cell=word(model.cell), attention=word(model.attention), n=self.num_parameters)

    def __str__(self) -> str:
        return _(self.task.title)

    def _repr_html_(self) -> str:
        from seq2seq.reports.experiment_card import experiment_card
        ended = [event for event in self.history if isinstance(event, EpochEnd)]
        return experiment_card(self.recipe, self.task, self.num_parameters, len(ended),
                               ended[-1].scores if ended else {})

    def membership(self, tokens: Tokens) -> str:
        """The set that a source belongs to: "memorised" (trained on), "new" or "longer".

        "unknown": too many fresh examples would have to be generated again to find it among them.
        """
        is_held_out = never_trained_on(tokens, self.splits)
        can_list = self.splits.num_trained_on <= MOST_LISTED
        known = (self.splits.trained_on if can_list and not is_held_out
                 else {example.source for example in self.splits.train})
        if tokens in known:
            return "memorised"
        if self.task.in_longer_set(tokens, known):
            return "longer"
        return "new" if can_list or is_held_out else "unknown"

    def nearest_examples(self, text: str, num: int = 5) -> list[Near]:
        """The `num` training examples with the fewest edits between their source and `text`."""
        return nearest_examples(self.splits, self.task.parse(text), num)

    @property
    def num_parameters(self) -> int:
        """The number of trainable parameters."""
        return count_parameters(self.model)

    def save(self, path: str | Path, provenance: Provenance | None = None,
             half: bool = False) -> Path:
        """Write weights and recipe to `path` and return the file's path, ending in .safetensors.

        With `half`, weights have 16 bits, which halves the size. CheckpointError if it fails.
        """
        return checkpoint.write_checkpoint(path, self.model, self.recipe, provenance, half)

    @classmethod
    def load(cls, path: str | Path) -> "Experiment":
        """The experiment in a file of `save`. CheckpointError for any other file."""
        recipe = checkpoint.read_recipe(path)
        task = recipe.make_task()
        splits = make_splits(task, recipe.train)
        sizes = len(splits.source_vocabulary), len(splits.target_vocabulary)
        shapes = weight_shapes(*sizes, recipe.model, task.frame_size)
        weights = checkpoint.read_weights(path, shapes)
        experiment = cls.from_recipe(recipe)
        experiment.model.load_state_dict(weights)
        return experiment
