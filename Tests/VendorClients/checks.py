"""What was expected and what was found, one line for each thing that holds."""


class CheckFailed(Exception):
    """Something does not hold; the text says what was expected and found."""


class Checks:
    """The checks of one client; `count` is how many have held."""

    def __init__(self, client):
        self._client = client
        self.count = 0

    def equal(self, what, expected, found):
        if expected != found:
            raise CheckFailed(f"{self._client}: {what}\n  expected: {expected!r}\n  found:    {found!r}")
        self._holds(what)

    def true(self, what, holds, found):
        """For what no equality says: `found` is shown where it does not hold."""
        if not holds:
            raise CheckFailed(f"{self._client}: {what}\n  expected: that this holds\n  found:    {found!r}")
        self._holds(what)

    def refused(self, what, kind, call, expected, reading):
        """`call` must raise `kind`, of which `reading` makes what is compared with `expected`."""
        try:
            answer = call()
        except kind as error:
            self.equal(what, expected, reading(error))
        else:
            raise CheckFailed(
                f"{self._client}: {what}\n  expected: {expected!r}\n  found:    no refusal but {answer!r}"
            )

    def _holds(self, what):
        self.count += 1
        print(f"ok  {self._client}: {what}", flush=True)
