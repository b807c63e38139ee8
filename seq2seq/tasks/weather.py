"""Summaries of weather logs: most common sky, coldest day, warmest day.

A toy summarisation task: the summary always has these three parts, so that it can be checked word
by word.
"""

import random
import re
from dataclasses import dataclass

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.tasks.sampling import Tokens
from seq2seq.tasks.task import MAX_TOKENS, Task

DAYS: Tokens = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SKIES: Tokens = ("sunny", "cloudy", "rainy")
COLDEST, WARMEST = -9, 39  # degrees; each is one token, so that the model need not learn digits
DEGREES: Tokens = tuple(str(degrees) for degrees in range(COLDEST, WARMEST + 1))
NAMES = dict(zip(DAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
                        "Sunday"), strict=True))
SYNONYMS = {"sun": "sunny", "cloud": "cloudy", "clouds": "cloudy", "rain": "rainy"}


def headline(tokens: Tokens) -> Tokens:
    """The sky of most days (or "mixed"), the coldest and the warmest day; () if it is no log.

    "Mostly" means more than half of the days. Of equally warm days the first one counts.
    """
    days = days_of(tokens)
    if not days:
        return ()
    skies = [sky for _, sky, _ in days]
    mostly = next((sky for sky in SKIES if 2 * skies.count(sky) > len(skies)), "mixed")
    cold, warm = min(days, key=lambda day: day[2]), max(days, key=lambda day: day[2])
    return (mostly, "coldest", cold[0], str(cold[2]), "warmest", warm[0], str(warm[2]))


def days_of(tokens: Tokens) -> list[tuple[str, str, int]]:
    """The (day, sky, degrees) of each day in a log; [] if the tokens are no log."""
    rows = [tokens[i : i + 3] for i in range(0, len(tokens), 3)]
    fits = all(len(row) == 3 and row[0] in DAYS and row[1] in SKIES and row[2] in DEGREES
               for row in rows)
    return [(day, sky, int(degrees)) for day, sky, degrees in rows] if fits else []


@dataclass(frozen=True)
class WeatherTask(Task):
    """Logs with a sky and a temperature for each day. The size is the number of days."""

    def parse(self, text: str) -> Tokens:
        """The tokens of a log. Each day starts with its name; sky and degrees in any order."""
        if not isinstance(text, str):
            raise InputError("The weather log is {value}: it must be text. "
                             "{allowed}", value=shorten(text),
                             allowed=self._allowed())
        text = text[:10_000].lower().replace("−", "-")
        days: list[dict[str, str]] = []
        for word in re.findall(r"-?\d+|[^\W\d_]+|[^\w\s,;.:°]", text):
            self._add_word(days, word)
        if not days:
            raise InputError("The box is empty. {allowed}", allowed=self._allowed())
        for day in days:
            if "sky" not in day:
                raise InputError("The sky is missing for {day}: write sunny, cloudy or rainy after "
                                 "the day. {allowed}",
                                 day=NAMES[day["day"]], allowed=self._allowed())
            if "degrees" not in day:
                raise InputError("The temperature is missing for {day}: write it after the day. "
                                 "{allowed}", day=NAMES[day["day"]], allowed=self._allowed())
        if 3 * len(days) > MAX_TOKENS:
            raise InputError("The weather log has {n} days: at most {most} are allowed. Shorten "
                             "it.",
                             n=len(days), most=MAX_TOKENS // 3)
        return tuple(token for day in days for token in (day["day"], day["sky"], day["degrees"]))

    def _add_word(self, days: list[dict[str, str]], word: str) -> None:
        """Add one word of the text to the last day, or start a day. InputError if it is wrong."""
        name = next((d for d in DAYS if len(word) > 2 and NAMES[d].lower().startswith(word)), "")
        # "sun" is Sunday if the last day already has a sky, else it means sunny.
        if name and (word != "sun" or not days or "sky" in days[-1]):
            days.append({"day": name})
            return
        if word == "c":  # 12 °C
            return
        sky = SYNONYMS.get(word, word)
        kind = "sky" if sky in SKIES else "degrees" if re.fullmatch(r"-?\d+", word) else ""
        if not kind:
            raise InputError("“{token}” is not in this task's vocabulary. "
                             "{allowed}", token=shorten(word),
                             allowed=self._allowed())
        if not days:
            raise InputError("“{word}” comes before the first day: start with a day. "
                             "{allowed}", word=shorten(word),
                             allowed=self._allowed())
        if kind in days[-1]:
            raise InputError("{day} has two entries of the same kind: “{one}” and “{other}”. Start "
                             "each day with its "
                             "name.", day=NAMES[days[-1]["day"]], one=days[-1][kind],
                             other=shorten(word))
        if kind == "degrees" and not COLDEST <= int(word[:9]) <= WARMEST:
            raise InputError("The temperature is {value}: it must be from {low} to {high} degrees.",
                             value=shorten(word), low=COLDEST, high=WARMEST)
        days[-1][kind] = str(int(word)) if kind == "degrees" else sky

    def format(self, tokens: Tokens) -> str:
        """The log as text, with commas between the days."""
        return ", ".join(" ".join(tokens[i : i + 3]) for i in range(0, len(tokens), 3))

    def format_target(self, tokens: Tokens) -> str:
        """The summary as a sentence, or its tokens if it is not well-formed."""
        if len(tokens) != 7 or tokens[2] not in NAMES or tokens[5] not in NAMES:
            return " ".join(tokens)
        mostly = "Mixed weather" if tokens[0] == "mixed" else f"Mostly {tokens[0]}"
        return (f"{mostly}, coldest on {NAMES[tokens[2]]} ({tokens[3]}°), "
                f"warmest on {NAMES[tokens[5]]} ({tokens[6]}°)")

    def size(self, tokens: Tokens) -> int:
        """The number of days."""
        return -(-len(tokens) // 3)

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A log of `length` consecutive days, with temperatures around a random mean."""
        start, season = rng.randrange(7), rng.randint(0, 30)
        usual = rng.choice(SKIES)
        log: list[str] = []
        for i in range(length):
            sky = usual if rng.random() < 0.4 else rng.choice(SKIES)
            degrees = season + rng.randint(-9, 9)
            log += [DAYS[(start + i) % 7], sky, str(degrees)]
        return tuple(log)

    def _allowed(self) -> LazyText:
        return LazyText("Type days, each with its sky (sunny, cloudy or rainy) and its "
                        "temperature, for example: {example}",
                        example=self.example)


WEATHER = WeatherTask(
    "weather", "The week's weather in one line",
    "Read a weather log of several days and write its headline: the sky, the coldest day, the "
    "warmest day.",
    "it is a small version of summarisation, in which the headline always has the same three parts",
    "mon rainy 12, tue cloudy 15, wed rainy 9, thu sunny 18, fri rainy 11",
    (*DAYS, *SKIES, *DEGREES), headline,
    model=ModelConfig(cell="lstm", attention="dot", hidden_size=128, embedding_dim=48),
    train=TrainConfig(num_epochs=20, learning_rate=0.004, num_examples=5_000, batch_size=64,
                      min_length=2, max_length=7, fresh=True, curriculum=0.6),
    target_alphabet=(*SKIES, "mixed", "coldest", "warmest", *DAYS, *DEGREES),
    family="Summary", writes_text=True,
    more_examples=("mon sunny 20, tue rainy 14", "sat cloudy -2, sun cloudy 0, mon sunny -5",
                   "Thursday: rain, 17°; Friday: rain, 17°; Saturday: sun, 25°",
                   "wed sunny 31, thu sunny 33, fri cloudy 29, sat rainy 22, sun rainy 20, "
                   "mon cloudy 21, tue sunny 26"),
    unit="days", longer="More days than in training", longer_by=3,
    teaches="To name the warmest day, the model has to compare all of them: watch the attention "
            "jump to that day while the model copies its name and temperature. Training starts "
            "with two days and moves on to longer logs.")
