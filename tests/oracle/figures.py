"""How exact fractions become text: SEMANTICS section 2, CONTRACT section 5."""

from fractions import Fraction

PERCENT_DIGITS = 6
BURN_DIGITS = 9
SECONDS_MAX = 2**63 - 1


def digits(scaled, places):
    """`scaled` / 10^places as text, without a negative zero."""
    sign = "-" if scaled < 0 else ""
    whole, part = divmod(abs(scaled), 10**places)
    return f"{sign}{whole}.{part:0{places}d}"


def percent(fraction, target=None):
    """Rounded half-even to six decimals, but truncated where rounding would reach the target or 100 % from below."""
    if fraction is None:
        return None
    exact = Fraction(fraction) * 100 * 10**PERCENT_DIGITS
    shown = round(exact)  # Python rounds a Fraction half to even
    for bound in (Fraction(1), target):
        if bound is not None and fraction < bound and shown >= bound * 100 * 10**PERCENT_DIGITS:
            shown = int(exact)
    return digits(shown, PERCENT_DIGITS)


def trimmed(fraction, places=BURN_DIGITS):
    """At most nine decimals, trailing zeros cut. Totals of budgets fit exactly: B has nine decimals."""
    if fraction is None:
        return None
    return digits(round(Fraction(fraction) * 10**places), places).rstrip("0").rstrip(".")


def whole_seconds(ns):
    """Rounded down; what lasts longer than a signed 64-bit number can say is shown as that number's end."""
    return None if ns is None else min(int(ns // 10**9), SECONDS_MAX)
