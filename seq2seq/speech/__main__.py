"""`python -m seq2seq.speech` synthesises the clips that come with the lab once more."""

from seq2seq.speech.clips import FILE, choose, write

if __name__ == "__main__":
    write()
    print(f"{len(choose()):,} clips, {FILE.stat().st_size / 1e6:.1f} MB: {FILE}")
