"""Bytes as people read them: in the window, on the command line and in reports."""


def size(count: int) -> str:
    """With a decimal unit, chosen after rounding: 1 byte, 12 kB, 1.2 MB."""
    value = count / 1e3
    if value < 1:
        return f"{count:,} {'byte' if count == 1 else 'bytes'}"
    for unit, digits in (("kB", 0), ("MB", 1), ("GB", 1)):
        if round(value, digits) < 1_000:
            return f"{value:.{digits}f} {unit}"
        value /= 1e3
    return f"{value:,.1f} TB"
