"""The settings of a training that are one of a few words: what each word is called, and a line on what it means."""

Words = dict[str, tuple[str, str]]  # value -> (name, what it means)

LOSSES: Words = {
    "auto": ("Auto", "What was measured best for how much is trained"),
    "contrastive": ("Contrastive", "Pulls a class together, pushes others off up to a margin"),
    "triplet": ("Triplet", "An image is to be nearer to one of its class than to one of another"),
    "circle": ("Circle", "The further a pair is from where it should be, the harder it pulls"),
    "multi-similarity": ("Multi-similarity", "Weighs pairs by how hard the others make them"),
    "recall-at-k": ("Recall@k surrogate", "The measured figure itself, made smooth; large batches"),
    "hardest-negative": ("Hardest negative", "Each image against its nearest of another class"),
}
OPTIMISERS: Words = {
    "auto": ("Auto", "What was measured best for the size of the batch"),
    "adamw": ("AdamW", "The usual one"),
    "lambc": ("LAMBC", "Steps in proportion to the weights; for batches of thousands"),
}
ADAPTERS: Words = {
    "lora": ("LoRA", "Two thin matrices beside each weight"),
    "flora": ("FLoRA", "Keeps the shape of convolutions; for networks that have them"),
}
HOLD_OUTS: Words = {
    "images": ("Of every class", "How well known classes are found"),
    "classes": ("Whole classes", "How well it does on classes that it never saw"),
}
PRECISIONS: Words = {
    "auto": ("Auto", "bf16 where the device is fast at it, else fp32"),
    "fp32": ("fp32", "Exact, slower"),
    "bf16": ("bf16", "Half the memory; coarser numbers"),
}
CHOICES: dict[str, Words] = {
    "loss": LOSSES,
    "optimiser": OPTIMISERS,
    "adapter": ADAPTERS,
    "hold_out": HOLD_OUTS,
    "precision": PRECISIONS,
}
# Which settings mean something only with another one as it is: (that one, its values, in words).
ONLY_FOR: dict[str, tuple[str, tuple[str, ...], str]] = {
    "adapter": ("depth", ("adapters",), "when adapters are trained"),
    "rank": ("depth", ("adapters",), "when adapters are trained"),
    "copies": ("depth", ("head",), "when a head is trained"),
    "chunk": ("depth", ("adapters", "whole"), "when the network itself is trained"),
    "implied": ("labels", ("pairs",), "when it learns from marked pairs"),
    "implied_classes": ("labels", ("pairs",), "when it learns from marked pairs"),
}


def name_of(setting: str, value: str) -> str:
    """What a value is called; one that is not known is called as it is."""
    return CHOICES.get(setting, {}).get(value, (value, ""))[0]
