"""Own pairs: time and memory from a file to the first training step."""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.contest import table

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MEASURED = """
import json, resource, sys, time
from seq2seq import Experiment, TrainConfig
from seq2seq.cli.files import read_table
from seq2seq.tasks import get_task
from seq2seq.tasks.pairs import PAIRS
from seq2seq.tasks.tables.report import report

def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

before, start = memory(), time.process_time()
text, shift = read_table(PAIRS, sys.argv[1], None)
told = report(get_task("pairs", text), shift)
read = time.process_time()
next(Experiment("pairs", PAIRS.model, TrainConfig(num_epochs=1, batch_size=64), text).fit())
print(json.dumps([read - start, time.process_time() - read, before, memory()]))
"""


def imports(short: bool) -> str:
    """(j) CPU seconds and memory for tables of words, sentences and tokens."""
    num, rows = 10_000 if short else 100_000, []
    with tempfile.TemporaryDirectory() as folder:
        for name, make in (("words, by letter", word), ("sentences, by subword", sentence)):
            rng, path = random.Random(1), Path(folder, "pairs.tsv")
            path.write_text("".join(f"{make(rng)}\t{make(rng)}\n" for _ in range(num)))
            done = subprocess.run([sys.executable, "-c", MEASURED, path], check=True,
                                  capture_output=True, text=True)
            read, started, before, peak = json.loads(done.stdout)
            rows.append([name, f"{path.stat().st_size / 1e6:.1f}", f"{read:.1f}", f"{started:.1f}",
                         f"{peak:,.0f} ({before:,.0f} before)"])
    return table(f"A file of {num:,} pairs", ["", "MB", "CPU s to read and report",
                 "CPU s to the first training step after that", "MB of memory at most"], rows)


def word(rng: random.Random) -> str:
    """A random word of 4 to 12 letters."""
    return "".join(rng.choices(LETTERS, k=rng.randint(4, 12)))


def sentence(rng: random.Random) -> str:
    """A random sentence of 3 to 8 of 3,000 words, some of them frequent."""
    return " ".join(word(random.Random(int(3000 * rng.random() ** 2)))
                    for _ in range(rng.randint(3, 8))) + "."
