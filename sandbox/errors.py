"""What keeps the sandbox from being opened, and how the system's own errors are told."""


class Unready(Exception):
    """Something that the sandbox needs isn't there; its words are told to whoever started it, and no traceback."""


def reason(error: OSError) -> str:
    """The file, where there is one, and what is wrong; without the error's number."""
    words = error.strerror or str(error)
    return words if error.filename is None else f"{error.filename}: {words}"
