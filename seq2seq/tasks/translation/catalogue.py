"""The translation tasks: two languages, and three kinds of third sets."""

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.tasks.translation import english
from seq2seq.tasks.translation.task import (
    FRENCH,
    GERMAN,
    TargetLanguage,
    TranslationTask,
    rule_of,
)
from seq2seq.tasks.translation.third_sets import COMBINATIONS, FRAMES, LONGER, ThirdSet

MODEL = ModelConfig(cell="gru", attention="dot", hidden_size=160, embedding_dim=128)
# Many different sentences, few epochs: otherwise the model knows these sentences by heart before it
# knows the grammar.
TRAIN = TrainConfig(num_epochs=3, learning_rate=0.004, num_examples=30_000, batch_size=32,
                    min_length=1, max_length=2, label_smoothing=0.05)
STANDS_FOR = ("it is machine translation, in which words agree with each other and their order "
              "changes")


def translation(language: TargetLanguage, example: str, more: tuple[str, ...], teaches: str,
                third_set: ThirdSet = LONGER) -> TranslationTask:
    """A task of one target language."""
    return TranslationTask(
        f"translation-en-{language.code}{third_set.suffix}",
        f"{third_set.title}: English to {language.name}",
        f"Read an English sentence and write it in {language.name}.", STANDS_FOR, example,
        tuple(sorted(english.vocabulary())), rule_of(language), model=MODEL, train=TRAIN,
        target_alphabet=language.tokens, family="Translation", writes_text=True,
        more_examples=more, unit="clauses", longer=third_set.longer, longer_by=1, largest=3,
        teaches=teaches, language=language, third_set=third_set)


EN_FR = translation(
    FRENCH, "She did not eat the small red apples.",
    ("Does he love her?", "She does not drink water.",
     "The girls went to the garden because it snowed.",
     "The old man reads the letters that she found.",
     "When it rains, the father of the boys cannot go to the school."),
    "Follow the attention for “red apples”: French says “pommes rouges”, so the largest weights "
    "cross. A pronoun moves in front of the verb (“he loves her”: “il l'aime”), and a participle "
    "agrees with it. “You” always means one friend here (“tu”); for I, you, we and they both "
    "genders are correct.")
EN_DE = translation(
    GERMAN, "The boy called the old woman because he loves her.",
    ("Does he invite the king?", "She does not have a dog.",
     "Today I want to buy a small red car.",
     "He knows the man who gave him the key.",
     "When it rains, the father of the girl goes into the house."),
    "Follow the attention for “called”: German says “hat” in second place and “angerufen” at the "
    "end, and after “weil” the whole verb comes last. Change “the old woman” to “the old man”: the "
    "article and the adjective show the case. “You” always means one friend here (“du”).")
EN_FR_COMBINATIONS = translation(
    FRENCH, "The small cat sees the red book.",
    ("The beautiful letter is new.", "The small door was red.", "The tired bird never sings.",
     "She has an expensive key."),
    "In training, one in ten pairs of adjective and noun never occurs, but both words do, in other "
    "pairs. The third set has such a pair in each sentence. “The tired bird” is one of them, “the "
    "tired mouse” is not. Compare the answers: does the adjective agree with the noun in both "
    "(“fatigué”, “fatiguée”)? Then try pairs of your own.", COMBINATIONS)
EN_DE_FRAMES = translation(
    GERMAN, "The dog sees the cat.",
    ("The cat sees the dog.", "The king calls the brother.", "She loves her brother.",
     "The birds sing because the dog sleeps."),
    "In training, “dog”, “king”, “brother” and “bird” are subjects only: “der Hund”. The third set "
    "asks for them as objects: “den Hund”. The model knows this article from other nouns. Compare "
    "its answers to “The dog sees the cat” and “The cat sees the dog”.", FRAMES)
