"""The rules of advice: each speaks where it should, gives its reason, and is silent while it is off."""

from dataclasses import replace

import pytest

from core.training import advice
from core.training.advice import RULES, Situation, advise, differences, gini, variants
from core.training.settings import Settings

PHOTOS = Situation(
    labels="folders",
    learned=2640,
    watched=296,
    classes=81,
    few=0,
    gini=0.2,
    pairs=0,
    images=5421,
    encoder="builtin",
    has_weights=False,
    is_drawings=False,
    has_gpu=False,
)
WITH_WEIGHTS = replace(PHOTOS, encoder="timm:resnet18@a1", has_weights=True, has_gpu=True)
CASES = [
    ("quick", replace(PHOTOS, learned=30_000), {"preset": "quick"}),
    (
        "scratch",
        replace(PHOTOS, is_drawings=True),
        {"depth": "whole", "encoder": advice.DRAWING_NETWORK},
    ),
    ("adapters", WITH_WEIGHTS, {"depth": "adapters"}),
    ("hallucinate", replace(PHOTOS, few=40), {"hallucinate": True}),
    ("difficulty", replace(PHOTOS, gini=0.6), {"difficulty": 1.5}),
    ("mix", replace(PHOTOS, learned=800), {"mix": True}),
    ("nested", replace(PHOTOS, images=1_000_000), {"nested": True}),
]


@pytest.mark.parametrize(("rule", "now", "wanted"), CASES)
def test_a_rule_speaks_with_a_reason_and_can_be_off(
    rule: str, now: Situation, wanted: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, one in RULES.items():
        monkeypatch.setitem(RULES, name, replace(one, is_on=name == rule))
    found = advise(now)
    assert differences(found.settings) == wanted
    assert len(found.reasons) in (2, 3)
    if rule not in ("adapters",):
        assert differences(advise(PHOTOS).settings) == {}
    monkeypatch.setitem(RULES, rule, replace(RULES[rule], is_on=False))
    assert differences(advise(now).settings) == {}


def test_sentences_for_people() -> None:
    for now in (
        *(one for _, one, _ in CASES),
        PHOTOS,
        replace(PHOTOS, watched=0),
        replace(PHOTOS, labels="pairs", pairs=200, learned=214),
    ):
        found = advise(now)
        assert found.headline.endswith(".") and found.reasons
        for one in found.reasons:
            assert one[0].isupper() or one[0].isdigit() or one.startswith(now.encoder)
            assert one.endswith(".") and ". " not in one
    assert advise(PHOTOS).headline == "Train a head on builtin, from class folders."
    assert "watched" in advise(replace(PHOTOS, watched=0)).reasons[-1]


def test_what_was_not_measured_to_help_is_off() -> None:
    assert {name for name, one in RULES.items() if one.is_on} == {"quick"}


def test_three_ways_are_different_for_every_depth() -> None:
    pairs = replace(PHOTOS, labels="pairs", pairs=200)
    for now, changes in (
        (PHOTOS, {}),
        (WITH_WEIGHTS, {}),
        (pairs, {"labels": "pairs"}),
        (WITH_WEIGHTS, {"depth": "adapters"}),
        (PHOTOS, {"depth": "whole", "encoder": "small:conv4"}),
    ):
        advised = replace(Settings(), **changes)
        found = variants(now, advised)
        assert found[0] == advised and len(set(found)) == len(found) >= 3
        for one in found:
            one.checked()


def test_gini_of_sizes() -> None:
    assert gini([5, 5, 5]) == 0 and gini([]) == 0 and gini([0, 0]) == 0
    assert gini([0, 0, 0, 12]) == pytest.approx(0.75)
    assert gini([1, 3]) == gini([3, 1]) == pytest.approx(0.25)
