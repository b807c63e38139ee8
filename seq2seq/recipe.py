"""The recipe of a run: everything that determines the result.

The same recipe gives the same model, bit for bit. It contains the task (with the pairs, for a
table), the model's settings and the training's, seed included. As JSON it is stored in checkpoints
and sent to worker processes.

>>> recipe = Recipe("reverse")
>>> Recipe.from_json(recipe.to_json()) == recipe
True
>>> changed = Recipe("reverse", ModelConfig(hidden_size=8, attention="dot"))
>>> changed.differences(recipe)
'attention off→on, hidden size 64→8'
"""

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from seq2seq.config import CHOICES, ModelConfig, TrainConfig, as_dict, settings
from seq2seq.errors import ConfigError, InputError, shorten
from seq2seq.i18n import LazyText, joined
from seq2seq.models.size import max_training_rows
from seq2seq.tasks import Task, get_task
from seq2seq.tasks.tables.older import with_tokens_of_version_0_4

FORMAT, OLDER = "seq2seq-recipe-2", "seq2seq-recipe-1"


@dataclass(frozen=True)
class Recipe:
    """The task and all settings of a run."""

    task: str
    model: ModelConfig = ModelConfig()
    train: TrainConfig = TrainConfig()
    pairs: str = ""
    subwords: str = ""  # of a model file, if other ones would be learnt from the pairs here

    def make_task(self) -> Task:
        """The task, with the recipe's pairs if it has any. InputError if they cannot be read."""
        return get_task(self.task, self.pairs, self.subwords)

    def check_size(self, longest_source: int, longest_target: int, vocabulary_size: int,
                   num_weights: int = 0) -> None:
        """ConfigError if one training step would need too much memory, or too much time.

        The time counts where `num_weights` is given: on a server, others wait for that step.
        """
        rows, model = self.train.batch_size, self.model
        allowed = max_training_rows(model, longest_source, longest_target, vocabulary_size,
                                    num_weights)
        if rows > allowed:
            raise ConfigError(
                "Batch size is {rows}: with sequences of {longest} tokens and hidden size {size} a "
                "step would take too much memory or time. Use a batch size of at most {allowed}.",
                rows=rows, longest=longest_source, size=model.hidden_size, allowed=allowed)

    def differences(self, other: "Recipe") -> LazyText:
        """The settings that differ from `other`, as text; "" if none do."""
        words = []
        if self.task != other.task:
            words.append(LazyText("task {name}", name=self.task))
        elif self.pairs != other.pairs:
            words.append(LazyText("other pairs"))
        for mine, theirs in ((self.model, other.model), (self.train, other.train)):
            for name, what in settings(mine).items():
                new, old = getattr(mine, name), getattr(theirs, name)
                if name == "attention" and {new, old} == {"none", "dot"}:
                    new, old = new != "none", old != "none"  # the page shows these two as a switch
                if name == "num_examples" and self.pairs and other.pairs:
                    continue  # a table has a fixed number of examples
                if new != old:
                    words.append(LazyText("{setting} {old}→{new}", setting=what.inline,
                                          old=word(old), new=word(new)))
        return joined(words, ", ")

    def to_json(self) -> str:
        """As JSON that `from_json` reads back without loss.

        It contains the subwords that were learnt from the pairs, since another version of the
        library might learn others.
        """
        data = {"format": FORMAT, **asdict(self), "train": as_dict(self.train)}
        data["subwords"] = self.subwords or (self.make_task().subwords if self.pairs else "")
        if not data["subwords"]:
            del data["subwords"]
        return json.dumps(data, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        """The recipe in a JSON text. ConfigError or InputError if there is none."""
        try:
            data = json.loads(text)
        except (ValueError, TypeError, RecursionError):
            raise ConfigError("The recipe is not JSON: use one made by this page.") from None
        format_ = data.pop("format", None) if isinstance(data, dict) else None
        if format_ not in (FORMAT, OLDER):
            raise ConfigError("This recipe was made by a different version of this page. Use one "
                              "made by this version ({version}).", version=FORMAT)
        subwords = data.pop("subwords", "")
        expect_fields({**data, "subwords": subwords}, cls, "recipe")
        if not all(isinstance(text, str) for text in (data["task"], data["pairs"], subwords)):
            raise InputError("The recipe's task and pairs must be text.")
        if format_ == OLDER:
            data["pairs"] = with_tokens_of_version_0_4(data["pairs"])
        if isinstance(data["model"], dict):
            data["model"].setdefault("fault", "none")  # older files have no such field
        if isinstance(data["train"], dict):
            data["train"].setdefault("leave_out", "")
        for name, kind in (("model", ModelConfig), ("train", TrainConfig)):
            expect_fields(data[name], kind, name)
            data[name] = kind(**data[name])
        recipe = cls(**data)
        learnt = recipe.make_task().subwords
        if subwords in ("", learnt):
            return recipe
        saved = replace(recipe, subwords=subwords)
        return recipe if saved.make_task().subwords == learnt else saved


def expect_fields(data: Any, kind: type, what: str) -> None:
    """ConfigError unless `data` is a dict with exactly the fields of the dataclass `kind`."""
    names = [f.name for f in fields(kind)]
    if not isinstance(data, dict) or sorted(data) != sorted(names):
        given = ", ".join(map(shorten, data)) if isinstance(data, dict) else shorten(data)
        raise ConfigError("The recipe's part “{part}” contains {given}: it must contain exactly "
                          "{names}.",
                          part=what, given=shorten(given, 200), names=", ".join(names))


def word(value: Any) -> Any:
    """The value of a setting, as the page shows it.

    >>> word(False), word("none"), word("gru"), word(0.01), word(2.0)
    ('off', 'off', 'GRU', 0.01, 2)
    """
    if value is False or value == "none":
        return LazyText("off")
    if value == "":
        return LazyText("nothing")
    if value is True:
        return LazyText("on")
    if isinstance(value, str):
        return CHOICES.get(value, value)
    return int(value) if isinstance(value, float) and value.is_integer() else value
