"""Encoder, decoder, attention and the Transformer. Start reading with `encoder`."""
