"""Writing an answer: greedy decoding and beam search."""
