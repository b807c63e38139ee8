"""The settings of a model and of its training, as frozen dataclasses that check their values.

Each field has a `Setting` with its label, range and paper. `__post_init__` enforces the range, and
the page's controls show the same range.

>>> ModelConfig(hidden_size=10**9)
Traceback (most recent call last):
seq2seq.errors.ConfigError: Hidden size is 1000000000: it must be a whole number from 4 to 512.
"""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from seq2seq.errors import ConfigError, shorten
from seq2seq.i18n import LazyText
from seq2seq.leave_out import MAX_CHARACTERS, plain

MAX_SEED = 999_999
CHOICES = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rnn": "RNN", "gru": "GRU",
           "lstm": "LSTM", "transformer": "Transformer", "dot": LazyText("dot product"),
           "additive": LazyText("additive"), "location": LazyText("location-based"),
           "cosine": LazyText("cosine"), "constant": LazyText("constant")}  # choice -> label


@dataclass(frozen=True)
class Setting:
    """Label, help, allowed values and paper of one field."""

    label: str
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    paper: str = ""
    max_characters: int = 0  # of a text; 0: not a text

    @property
    def inline(self) -> LazyText:
        """The label within a sentence, for example "hidden size"."""
        return LazyText(self.label.lower())

    def check(self, value: Any, kind: str) -> Any:
        """`value` converted to the field's type. ConfigError if it is not allowed."""
        if kind == "bool":
            if not isinstance(value, bool):
                raise self._error(value, LazyText("it must be true or false"))
            return value
        if self.max_characters:
            if not isinstance(value, str):
                raise self._error(value, LazyText("it must be text"))
            return value
        if self.choices:
            if not isinstance(value, str) or value not in self.choices:
                raise self._error(value, LazyText("it must be one of {choices}",
                                                  choices=", ".join(self.choices)))
            return value
        assert self.low is not None
        assert self.high is not None
        number = not isinstance(value, bool) and isinstance(value, int | float)
        whole = kind == "int"
        low, high = f"{self.low:g}", f"{self.high:,.10g}".replace(",", "")
        rule = (LazyText("it must be a whole number from {low} to {high}") if whole
                else LazyText("it must be a number from {low} to {high}"))
        # `not low <= value` also catches NaN, for which every comparison is false.
        if not number or not self.low <= value <= self.high or (whole and value != int(value)):
            raise self._error(value, LazyText(rule.template, low=low, high=high))
        return int(value) if whole else float(value)

    def _error(self, value: Any, rule: LazyText) -> ConfigError:
        given = shorten(value)
        if isinstance(value, str):
            given = LazyText("“{word}”", word=given)
        return ConfigError("{label} is {given}: {rule}.", label=LazyText(self.label), rule=rule,
                           given=given)


def setting(default: Any, label: str, help: str, low: float | None = None,
            high: float | None = None, choices: tuple[str, ...] = (), paper: str = "",
            max_characters: int = 0) -> Any:
    """A dataclass field whose metadata holds its `Setting`."""
    what = Setting(label, help, low, high, choices, paper, max_characters)
    return field(default=default, metadata={"setting": what})


def settings(config: type | object) -> dict[str, Setting]:
    """The `Setting` of each field by name, in the order of declaration."""
    return {f.name: f.metadata["setting"] for f in fields(config)}  # type: ignore[arg-type]


def as_dict(config: Any) -> dict[str, Any]:
    """The fields of a config by name, as in files and links.

    A text that is empty is left out, as in files of older versions, which have no texts.
    """
    return {name: value for name, value in asdict(config).items() if value != ""}


class _Checked:
    """Checks all fields of a frozen dataclass against their `Setting`s on creation."""

    def __post_init__(self) -> None:
        for f in fields(self):  # type: ignore[arg-type]
            kind = getattr(f.type, "__name__", str(f.type))
            value = f.metadata["setting"].check(getattr(self, f.name), kind)
            object.__setattr__(self, f.name, value)


@dataclass(frozen=True)
class ModelConfig(_Checked):
    """The architecture of an encoder-decoder."""

    cell: str = setting(
        "gru", "Architecture", "a recurrent network (RNN, GRU or LSTM), which processes one token "
        "after another, or a Transformer, which always uses attention, whatever the attention "
        "setting",
        choices=("rnn", "gru", "lstm", "transformer"),
        paper="RNN: Elman 1990 · GRU: Cho et al. 2014 · LSTM: Hochreiter & Schmidhuber 1997 · "
              "Transformer: Vaswani et al. 2017")
    attention: str = setting(
        "none", "Attention", "whether the decoder may look back at every input position",
        choices=("none", "dot", "additive", "location"),
        paper="dot product: Luong et al. 2015 · additive: Bahdanau et al. 2015 · location-based: "
              "Chorowski et al. 2015")
    hidden_size: int = setting(
        64, "Hidden size", "how many values the hidden state has", 4, 512,
        paper="Sutskever et al. 2014 used 1,000 in each of four layers")
    embedding_dim: int = setting(
        16, "Embedding size", "how many values represent a token; 0: as many as the hidden size",
        0, 512, paper="Bengio et al. 2003")
    num_layers: int = setting(
        1, "Layers", "number of layers in the encoder and in the decoder", 1, 3,
        paper="Sutskever et al. 2014")
    bidirectional: bool = setting(
        True, "Bidirectional encoder", "a second recurrent layer reads the input from the end to "
                                       "the start",
        paper="Schuster & Paliwal 1997")
    dropout: float = setting(
        0.0, "Dropout", "fraction of values set to zero at random during training", 0.0, 0.9,
        paper="Srivastava et al. 2014")
    fault: str = setting(
        "none", "Bug", "a bug that is built into the model on purpose, for you to find",
        choices=("none", "first-token", "forgetful", "endless", "double-end"),
        paper="all four come from the notebook on which this lab is based")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.cell == "transformer":
            # These settings have no effect on a Transformer. They get fixed values, so that equal
            # models have equal configs.
            object.__setattr__(self, "attention", "dot")
            object.__setattr__(self, "bidirectional", True)
            object.__setattr__(self, "embedding_dim", 0)

    @property
    def is_recurrent(self) -> bool:
        """Does a state run from token to token? A Transformer has none."""
        return self.cell != "transformer"


@dataclass(frozen=True)
class TrainConfig(_Checked):
    """How a model is trained: data, optimiser, and the one seed of everything random.

    The defaults are those of the first task, found by search: with attention, 99 % of new
    sequences or more; without, 80 to 90 %.
    """

    num_epochs: int = setting(
        5, "Epochs", "passes over all training examples", 1, 200)
    learning_rate: float = setting(
        0.01, "Learning rate", "step size of each weight update", 1e-5, 10.0)
    batch_size: int = setting(
        64, "Batch size", "number of examples per training step", 1, 512)
    num_examples: int = setting(
        12_000, "Training examples", "number of examples per epoch", 1, 40_000)
    min_length: int = setting(
        1, "Shortest", "length of the shortest training example, usually in tokens", 1, 30)
    max_length: int = setting(
        10, "Longest", "length of the longest training example, usually in tokens", 1, 30)
    fresh: bool = setting(
        False, "Fresh examples", "new examples in every epoch instead of the same ones again; has "
                                 "no effect on your own pairs")
    curriculum: float = setting(
        0.0, "Curriculum", "fraction of the epochs during which the length of fresh examples grows "
                           "from the shortest to the longest; 0: all lengths from the start",
        0.0, 1.0, paper="Bengio et al. 2009")
    optimizer: str = setting(
        "adamw", "Optimiser", "the rule that turns gradients into weight updates",
        choices=("sgd", "adam", "adamw"),
        paper="Adam: Kingma & Ba 2015 · AdamW: Loshchilov & Hutter 2019")
    schedule: str = setting(
        "cosine", "Learning rate schedule", "cosine: the rate rises during a short warm-up, then "
                                             "falls along a cosine curve; constant: it stays the "
                                             "same",
        choices=("cosine", "constant"), paper="Loshchilov & Hutter 2017")
    teacher_forcing: float = setting(
        1.0, "Teacher forcing",
        "fraction of steps at which the decoder reads the correct previous token instead of its "
        "own",
        0.0, 1.0, paper="Williams & Zipser 1989 · between 0 and 1: Bengio et al. 2015")
    label_smoothing: float = setting(
        0.0, "Label smoothing", "fraction of the probability that is spread over all tokens, so "
                                "that the model does not become overconfident", 0.0, 0.5,
                                paper="Szegedy et al. 2016")
    clip_norm: float = setting(
        1.0, "Gradient clipping", "maximum gradient norm; gradients with a larger norm are scaled "
                                  "down to it", 0.01, 1000.0,
        paper="Pascanu et al. 2013")
    seed: int = setting(
        7, "Seed", "determines every random choice: same seed, same run", 0, MAX_SEED)
    leave_out: str = setting(
        "", "Left out of training", "train without the examples that contain a token (token:7), "
                                     "have a length (length:5) or an input (input:3 1 4); empty: "
                                     "with all", max_characters=MAX_CHARACTERS)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.min_length > self.max_length:
            raise ConfigError(
                "Shortest is {low} and Longest is {high}: the shortest sequence cannot be longer "
                "than the longest.", low=self.min_length, high=self.max_length)
        object.__setattr__(self, "leave_out", plain(self.leave_out))
        if not self.fresh:  # then the curriculum has no effect: equal runs have equal configs
            object.__setattr__(self, "curriculum", 0.0)
