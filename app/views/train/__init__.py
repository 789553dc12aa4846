"""Train: teaching the program a notion of "alike", watching it learn, and judging what came of it."""
