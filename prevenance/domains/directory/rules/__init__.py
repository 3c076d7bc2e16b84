"""Refusals of the directory, one module a subject. Nothing is imported here: each user names its module."""
