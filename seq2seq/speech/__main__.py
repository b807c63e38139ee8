"""`python -m seq2seq.speech` synthesises the clips of `assets/speech.npz` again."""

from seq2seq.speech.clips import FILE, clip_list, write

if __name__ == "__main__":
    write()
    print(f"{len(clip_list()):,} clips, {FILE.stat().st_size / 1e6:.1f} MB: {FILE}")
