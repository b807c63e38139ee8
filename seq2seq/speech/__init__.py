"""Synthesised speech and its features.

* `voices`: the speakers; some are held out from training
* `espeak`: the synthesiser, a C library: digits and a voice -> samples
* `log_mel`: samples -> log-mel spectrogram, 40 bands every 10 ms
* `clips`: the spectrogram of a clip, from a file of 3,500 clips or synthesised
* `augmentation`: random variations of a clip for training
* `phonemes`: the pronunciation of ARPAbet phonemes
"""
