"""What each encoder needs from the hub: which files of which repositories."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.encoders import known
from core.encoders.names import EncoderName
from core.encoders.weights import hub_cache
from core.errors import EncoderError

Role = Literal["weights", "config", "text", "tokenizer"]

# What open_clip and timm take where a repository is named without a file, best first.
_WEIGHTS = {
    "openclip": ("open_clip_model.safetensors", "open_clip_pytorch_model.bin"),
    "timm": ("model.safetensors", "pytorch_model.bin"),
}
CONFIGS = {"openclip": "open_clip_config.json", "timm": "config.json"}
# A vocabulary in any of the forms that transformers reads, the main ones last: where one of those
# is there, all are.
_TOKENIZER = (
    *("config.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"),
    *("merges.txt", "vocab.txt", "vocab.json", "bpe.codes"),
    *("spiece.model", "sentencepiece.bpe.model", "tokenizer.model", "tokenizer.json"),
)
_VOCABULARIES = frozenset(_TOKENIZER[5:])


@dataclass(frozen=True, slots=True)
class Need:
    """Files of one repository: the first of ``names`` that is there, or each (``takes_all``).

    Without a repository they are on no hub; ``url`` says where they are, where that is known.
    """

    role: Role
    repo: str
    names: tuple[str, ...]
    takes_all: bool = False
    url: str = ""

    def chosen(self, has: Callable[[str], bool]) -> list[str]:
        """Those of ``names`` that are wanted of a repository, or none where it lacks them."""
        there = [name for name in self.names if has(name)]
        if not self.takes_all:
            return there[:1]
        return there if _VOCABULARIES.intersection(there) else []


# Reads a file that describes a model: (repository, file name) to its content.
ConfigReader = Callable[[str, str], dict[str, Any]]


def of(name: EncoderName, read_config: ConfigReader) -> list[Need]:
    """What must be fetched for an encoder, its weights first; nothing for the builtin one and runs.

    ``read_config`` is asked only for models named by their repository. Raises EncoderError for a
    name that is not known.
    """
    if name.family not in ("openclip", "timm") or name.folder:
        return []
    if name.hub_repo:
        return _of_repo(name, read_config)
    found = known.find(name if not name.file else EncoderName(name.family, name.model))
    if found is None:
        raise EncoderError(
            f"There is no encoder named {str(name)!r}.",
            f"lookalike encoders --search {name.model} lists those with similar names.",
        )
    wanted = []
    if name.tag:
        wanted.append(Need("weights", found.repo, found.weights, url=found.url))
    return wanted + _words(found.text_repo, found.tokenizer_repo)


def _of_repo(name: EncoderName, read_config: ConfigReader) -> list[Need]:
    repo, config_name = name.hub_repo, CONFIGS[name.family]
    config = read_config(repo, config_name)
    weights = _WEIGHTS[name.family]
    text: dict[str, Any] = {}
    if name.family == "openclip":
        text = _part(_part(config, "model_cfg"), "text_cfg")
        if not text:
            raise EncoderError(f"{repo} holds no OpenCLIP model.", f"Try timm:hf-hub:{repo}.")
    else:
        if not config.get("architecture"):
            raise EncoderError(f"{repo} holds no timm model.", f"Try openclip:hf-hub:{repo}.")
        own = _part(config, "pretrained_cfg").get("hf_hub_filename") or ""
        if own:
            weights = (str(Path(own).with_suffix(".safetensors")), own)
    return [
        Need("weights", repo, weights),
        Need("config", repo, (config_name,)),
        *_words(str(text.get("hf_model_name") or ""), str(text.get("hf_tokenizer_name") or "")),
    ]


def _words(text_repo: str, tokenizer_repo: str) -> list[Need]:
    wanted = []
    if text_repo:
        wanted.append(Need("text", text_repo, ("config.json",)))
    if tokenizer_repo:
        wanted.append(Need("tokenizer", tokenizer_repo, _TOKENIZER, takes_all=True))
    for need in wanted:
        hub_cache.repo_folder(Path(), need.repo)  # raises for what is no repository's name
    return wanted


def _part(config: dict[str, Any], key: str) -> dict[str, Any]:
    found = config.get(key)
    return found if isinstance(found, dict) else {}
