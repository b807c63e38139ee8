"""The controls for a recipe's settings, with labels, ranges and papers from `seq2seq.config`.

Three settings are always visible, the others are in an accordion. The configs validate what the
browser sends; the ranges of the controls only help the visitor.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component

from seq2seq.config import CHOICES, ModelConfig, Setting, TrainConfig, settings
from seq2seq.i18n import LazyText, _
from seq2seq.recipe import Recipe
from seq2seq.tasks import TASKS, get_task
from seq2seq.training.estimate import with_few_examples

# They include the default size of every task. If the choices changed with the task, Gradio would
# reject a late event with the size of the previous task.
SIZES = tuple(sorted({8, 32, 64, 128, *(task.model.hidden_size for task in TASKS)}))
SLIDERS = {"num_epochs": 1, "dropout": 0.05, "teacher_forcing": 0.05, "label_smoothing": 0.05,
           "min_length": 1, "max_length": 1, "curriculum": 0.1}  # field -> step; others are typed
MODEL_FIELDS = ("cell", "num_layers", "bidirectional", "embedding_dim", "dropout")
TRAIN_FIELDS = ("optimizer", "learning_rate", "schedule", "teacher_forcing", "label_smoothing",
                "clip_norm", "batch_size")
DATA_FIELDS = ("num_examples", "min_length", "max_length", "fresh", "curriculum", "leave_out",
               "seed")
SIZE_WORDS = {"min_length": LazyText("{unit} in the shortest training example"),
              "max_length": LazyText("{unit} in the longest training example")}


class Settings:
    """The settings of the Train tab: Gradio components by field name."""

    def __init__(self, recipe: Recipe) -> None:
        self.first = recipe
        self.known = settings(ModelConfig) | settings(TrainConfig)
        self.parts: dict[str, Component] = {}
        self.describe: Callable[[Recipe], str] = lambda recipe: ""  # HTML for `facts`

    @property
    def inputs(self) -> list[Component]:
        """The components, in the order of the values that `recipe` expects."""
        return list(self.parts.values())

    def build_main(self) -> None:
        """Build the three settings that are always visible."""
        self._control("num_epochs")
        self.facts = gr.HTML(apply_default_css=False)
        self.parts["attention"] = gr.Radio(
            [(_("off"), "off"), (_("on"), "on")], value=self._value("attention", self.first),
            label=_("Attention"), info=_(self.known["attention"].help),
            elem_classes="segmented")
        self.parts["hidden_size"] = gr.Radio(
            sizes_with(self.first), value=self.first.model.hidden_size, elem_classes="segmented",
            label=_("Hidden size"), info=_(self.known["hidden_size"].help))

    def build_more(self) -> None:
        """Build the other settings, in three columns of a closed accordion."""
        with (gr.Accordion(_("More settings"), open=False, elem_classes="more"),
              gr.Row(elem_classes="sheet", equal_height=False)):
            with gr.Column(min_width=0):
                _heading(_("The model"))
                self._control("cell")
                self._kind_of_attention()
                self._controls(MODEL_FIELDS[1:])
            with gr.Column(min_width=0):
                _heading(_("Training"))
                self._controls(TRAIN_FIELDS)
            with gr.Column(min_width=0):
                _heading(_("Training data"))
                self._controls(DATA_FIELDS)

    def _kind_of_attention(self) -> None:
        kinds = [kind for kind in self.known["attention"].choices if kind != "none"]
        self.parts["attention_kind"] = gr.Radio(
            [(_(CHOICES.get(kind, kind)), kind) for kind in kinds],
            value=self._value("attention_kind", self.first), label=_("Kind of attention"),
            info=_("how input positions are weighted (when attention is on)"),
            elem_classes="segmented")
        _paper(self.known["attention"])

    def _controls(self, names: Sequence[str]) -> None:
        for name in names:
            self._control(name)

    def _control(self, name: str) -> None:
        what, value = self.known[name], self._value(name, self.first)
        common: dict[str, Any] = {"label": _(what.label), "info": _(what.help),
                                  "value": value}
        if name in SIZE_WORDS:
            common["info"] = size_words(name, self.first.task)
        if name == "num_epochs":
            common.pop("info")  # `facts`, below it, explains it with numbers
        part: Component
        if what.choices:
            choices = [(_(CHOICES.get(c, c)), c) for c in what.choices]
            part = gr.Radio(choices, elem_classes="segmented", **common)
        elif what.max_characters:
            part = gr.Textbox(max_length=what.max_characters, max_lines=1, **common)
        elif isinstance(value, bool):
            part = gr.Checkbox(**common)
        elif name == "num_layers":
            part = gr.Radio([1, 2, 3], elem_classes="segmented", **common)
        elif name in SLIDERS:
            assert what.low is not None
            assert what.high is not None
            part = gr.Slider(what.low, what.high, step=SLIDERS[name], buttons=[], **common)
        else:
            part = gr.Number(elem_classes="aside", **common)
        self.parts[name] = part
        _paper(what)

    @staticmethod
    def _value(name: str, recipe: Recipe) -> Any:
        if name == "attention":
            return "off" if recipe.model.attention == "none" else "on"
        if name == "attention_kind":
            return "dot" if recipe.model.attention == "none" else recipe.model.attention
        config = recipe.model if hasattr(recipe.model, name) else recipe.train
        return getattr(config, name)

    def recipe(self, task: str, pairs: str, values: tuple[Any, ...]) -> Recipe:
        """The recipe with the values of the controls. Seq2SeqError if one is not allowed."""
        chosen = dict(zip(self.parts, values, strict=True))
        train = {name: chosen[name] for name in settings(TrainConfig)}
        needs_pairs = get_task(task).needs_pairs
        recipe = Recipe(task, self.model(values), TrainConfig(**train),
                        pairs if needs_pairs else "")
        recipe.make_task()
        return recipe

    def model(self, values: tuple[Any, ...]) -> ModelConfig:
        """The model config with the values of the controls. ConfigError if one is not allowed."""
        chosen = dict(zip(self.parts, values, strict=True))
        on, kind = chosen.pop("attention"), chosen.pop("attention_kind")
        chosen["attention"] = kind if on == "on" else "none"
        return ModelConfig(**{name: chosen[name] for name in settings(ModelConfig)
                              if name in chosen})

    def show(self, recipe: Recipe, with_facts: bool = True) -> dict[Component, Any]:
        """Updates that make the controls show `recipe`.

        `with_facts=False` leaves out the facts, which may take a second: they need all examples.
        """
        updates: dict[Component, Any] = {
            part: self._value(name, recipe) for name, part in self.parts.items()}
        updates[self.parts["hidden_size"]] = gr.update(
            choices=sizes_with(recipe), value=recipe.model.hidden_size)
        for name in SIZE_WORDS:
            updates[self.parts[name]] = gr.update(value=self._value(name, recipe),
                                                  info=size_words(name, recipe.task))
        return {**updates, self.facts: self.describe(recipe) if with_facts else ""}

    def outputs(self) -> Iterator[Component]:
        """The components that `show` updates."""
        yield from self.parts.values()
        yield self.facts


def default_recipe(task: str, pairs: str = "") -> Recipe:
    """The default recipe of a task; `pairs` are used only if the task needs them."""
    found = get_task(task)
    return Recipe(task, found.model, found.train, pairs if found.needs_pairs else "")


def untrained_recipe(recipe: Recipe) -> Recipe:
    """`recipe` with fixed optimisation settings: the same initial model, the same examples."""
    return replace(recipe, train=replace(
        recipe.train, num_epochs=1, learning_rate=0.01, optimizer="adamw", schedule="cosine",
        teacher_forcing=1.0, clip_norm=1.0))


def size_words(name: str, task: str) -> str:
    """The explanation of a length setting, in the task's unit: "days in the shortest …"."""
    return _(SIZE_WORDS[name], unit=_(get_task(task).unit))


def preview_recipe(recipe: Recipe) -> Recipe:
    """`untrained_recipe` with few examples, for a model that is not trained.

    A table keeps all its examples, since they define its vocabulary.
    """
    return with_few_examples(untrained_recipe(recipe))


def sizes_with(recipe: Recipe) -> list[int]:
    """The hidden sizes to choose from, including the recipe's."""
    return sorted({*SIZES, recipe.model.hidden_size})


def _heading(text: str) -> None:
    gr.HTML(f"<h3>{escape(text)}</h3>", apply_default_css=False, elem_classes="group")


def _paper(what: Setting) -> None:
    if what.paper:
        gr.HTML(f'<p class="paper">{escape(_(what.paper))}</p>', apply_default_css=False)
