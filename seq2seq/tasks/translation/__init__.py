"""Translation of English sentences: lexicon, grammar, parser, sampler, and the tasks."""
