"""What goes wrong for a person at a Discord client."""


class InteractionFailed(Exception):
    """The client showed "The application did not respond" or "This interaction failed"."""


class ClientRefused(Exception):
    """The client itself would not send this: a missing option, a value out of its range, a disabled button."""
