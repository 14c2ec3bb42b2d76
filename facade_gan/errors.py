"""The one exception whose message is meant for the user."""


class UserError(Exception):
    """A mistake the user can mend: the message is one line - what, where, what to do.

    Commands print it without a traceback and exit with status 2.
    """
