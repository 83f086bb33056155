"""Why a socket is closed, as codes. A browser never reconnects by itself after 4401, 4403 and 4404,
and after 4429 not within half a minute."""

from sidecars import errors

GONE = 1001
UNREADABLE = 1003
TOO_BIG = 1009
INTERNAL = 1011
TOO_SLOW = 1013
GOING_ON_TOO_LONG = 4000
SIGNED_OUT = 4401
FORBIDDEN = 4403
NOT_FOUND = 4404
TOO_MANY = 4429


class Closed(Exception):
    """Raised by a consumer's `run` to end its socket with a code that no error stands for."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


_CODES: dict[type[Exception], int] = {
    errors.Unauthorized: SIGNED_OUT,
    errors.Forbidden: FORBIDDEN,
    errors.NotFound: NOT_FOUND,
    errors.SidecarsError: INTERNAL,
}


def close_code_of(error: errors.SidecarsError) -> int:
    return next(_CODES[kind] for kind in type(error).__mro__ if kind in _CODES)
