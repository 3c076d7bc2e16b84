"""Rows of data.inclusion v1: what each says for us, what is wrong with it, and how ours are written in it."""
