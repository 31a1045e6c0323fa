"""What a service refuses with; views show the message in the reader's language and lose nothing typed."""

from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """The act is not possible now; the message says what to do instead."""

    def __init__(self, message):
        super().__init__(str(message))
        self.message = message


class CaseIsClosed(Refused):
    def __init__(self):
        super().__init__(_("This case is closed. Reopen it first."))


class Stale(Refused):
    """Somebody saved in between; ``current`` is the row as it is now."""

    def __init__(self, current):
        super().__init__(_("Someone else has saved this. Look at the difference and choose."))
        self.current = current
