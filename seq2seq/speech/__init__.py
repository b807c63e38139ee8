"""Spoken digits: made by a speech synthesiser, heard as pictures of sound.

* `voices`: who speaks, by name; some of them are never trained on
* `espeak`: the synthesiser, a C library; digits and a voice in, samples out
* `log_mel`: samples in, 100 columns a second of how loud each of 40 pitches is
* `clips`: what each clip sounds like, from a file of 3,000 or made on the spot
* `augmentation`: the same clip, a little different, every time it is trained on
"""
