"""`python -m seq2seq`: the command line."""

from seq2seq.cli.parser import main

if __name__ == "__main__":
    raise SystemExit(main())
