"""One script a revision, `r0001_words.py`, each with `upgrade`. There is no way back but a backup."""
