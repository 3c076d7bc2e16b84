"""What can go wrong with keys; each says it in one French sentence, and never holds a key or a text."""


class Unavailable(Exception):
    """No key can be had for now: the request answers 503 and writes nothing."""


class MasterLost(Unavailable):
    """No master key opens a wrapped key, or none is there to wrap one."""


class StoreLost(Unavailable):
    """The key store is not where it should be: an unmounted disk must not pass for keys destroyed."""


class KeyLost(Exception):
    """The key was destroyed: what it sealed is gone, in backups too."""


class Tampered(Exception):
    """What is opened is not what this key sealed for this place."""
