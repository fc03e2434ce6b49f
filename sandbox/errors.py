"""What keeps the sandbox from being opened."""


class Unready(Exception):
    """Something that the sandbox needs isn't there; its words are told to whoever started it, and no traceback."""
