"""What each model takes, and that a prompt says the same of it twice: in its text and in the fields beside it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.prompts import MODES, VERSIONS, Built, PromptError, build, build_from_service, rebuild

IMAGE = "https://example.com/fox.png"
ATTACHMENT = "https://cdn.example.com/attachments/1/2/fox.png?ex=66f0a1b2&is=66ef5032&hm=abcdef&"
QUALITIES = ("0.25", "0.5", "1", "2", "4")
TAKEN, DOUBTFUL, REFUSED = "taken", "doubtful", "refused"
# What the service's own table says: hd, the qualities, turbo.
TABLE: dict[str, tuple[str, tuple[str, ...], str]] = {
    "5.2": (DOUBTFUL, ("0.25", "0.5", "1", "2"), TAKEN),
    "6": (DOUBTFUL, ("0.5", "1", "2"), TAKEN),
    "6.1": (DOUBTFUL, ("0.5", "1", "2"), TAKEN),
    "7": (DOUBTFUL, ("1", "2", "4"), TAKEN),
    "8": (TAKEN, ("1", "4"), DOUBTFUL),
    "8.1": (TAKEN, (), REFUSED),
    "8.2": (TAKEN, ("1", "2"), TAKEN),
}
FIELDS = ("version", "hd", "quality", "style_reference", "moodboard")


def expected(version: str, field: str) -> str:
    """What becomes of `hd`, of `turbo` or of a quality with this version."""
    hd, qualities, turbo = TABLE[version]
    if field in ("hd", "turbo"):
        return hd if field == "hd" else turbo
    return TAKEN if field in qualities else DOUBTFUL if qualities else REFUSED


def outcome(prompt: str, named: str, **options: Any) -> str:
    """What became of a prompt, where `named` is the parameter in doubt; a refusal names it, and says what would be right."""
    try:
        built = build(prompt, **options)
    except PromptError as refusal:
        told = str(refusal)
        return REFUSED if named in told and "instead" in told else told
    return DOUBTFUL if named in str(built.warnings) else TAKEN


def said(built: Built) -> dict[str, Any]:
    """The fields that say the model and the price."""
    return {name: value for name, value in built.request().items() if name in FIELDS}


def test_the_table_has_every_version() -> None:
    assert tuple(TABLE) == VERSIONS


@pytest.mark.parametrize("field", ["hd", "turbo", *QUALITIES])
@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_takes_what_the_table_says_wherever_it_is_said(version: str, field: str) -> None:
    parameter = f"--{field}" if field in ("hd", "turbo") else f"--quality {field}"
    named = "turbo" if field == "turbo" else parameter
    right = expected(version, field)
    assert outcome(f"a fox {parameter} --v {version}", named) == right
    assert outcome(f"a fox --v {version} {parameter}", named) == right
    assert outcome(f"a fox {parameter}", named, version=version) == right
    if field == "turbo":
        assert outcome(f"a fox --v {version}", named, mode="turbo") == right
        assert outcome("a fox", named, mode="turbo", version=version) == right


@pytest.mark.parametrize("version", VERSIONS)
def test_every_choice_is_said_twice_and_an_option_is_an_inline_parameter(version: str) -> None:
    board = {"moodboard": True} if version in ("8", "8.1") else {}
    for words, fields in (
        ("a fox", {}),
        ("a fox --hd", {"hd": True}),
        ("a fox --sd", {"hd": False}),
        ("a fox --sref 123 --sw 50", {"style_reference": True}),
        (f"{IMAGE} a fox", board),
        (f"{IMAGE} {IMAGE}", board),
        *(((f"a fox --q {q}", {"quality": q}) for q in QUALITIES) if version != "8.1" else ()),
    ):
        option, inline = build(words, version=version), build(f"{words} --version {version}")
        assert option == inline
        assert option.prompt == option.shown
        assert option.shown.endswith(f" --v {version}")
        assert said(option) == {"version": version, **fields}
        assert build(option.shown) == option, "the text alone says all of it"


@pytest.mark.parametrize("version", VERSIONS)
def test_an_attachment_is_an_image_of_the_moodboard(version: str) -> None:
    built = build("a fox", version=version, image_url=ATTACHMENT)
    assert built.prompt == f"{ATTACHMENT} a fox --v {version}"
    assert built.request().get("moodboard") == (True if version in ("8", "8.1") else None)


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_is_the_field_alone_however_it_was_said(mode: str) -> None:
    assert build("a fox --v 7", mode=mode) == build(f"a fox --v 7 --{mode}") == build(f"a fox --{mode}", version="7", mode=mode)
    assert build("a fox", mode=mode).request() == {"prompt": "a fox", "action": "generate", "mode": mode}


def test_what_nobody_chose_is_left_to_the_service() -> None:
    assert said(build("a fox --ar 3:2 --seed 5")) == {}
    assert said(build(f"{IMAGE} a fox")) == {}, "the default version makes no moodboard"
    assert said(build("a fox --q .5 --hd")) == {"quality": "0.5", "hd": True}


@pytest.mark.parametrize("niji", ["4", "5", "6", "7"])
def test_niji_is_chosen_by_the_prompt_alone(niji: str) -> None:
    built = build(f"{IMAGE} a fox --q 2 --sref 5 --niji {niji}", mode="turbo", image_url=ATTACHMENT)
    assert built.request() == {"prompt": built.prompt, "action": "generate", "mode": "turbo"}
    assert built.shown == f"{IMAGE} a fox --quality 2 --sref 5 --niji {niji}"


@pytest.mark.parametrize("niji", ["4", "5", "6", "7"])
def test_niji_goes_with_neither_a_version_nor_hd(niji: str) -> None:
    for prompt in (f"a fox --niji {niji} --hd", f"a fox --hd --niji {niji}"):
        assert outcome(prompt, "“--hd”") == REFUSED
    for version in VERSIONS:
        with pytest.raises(PromptError, match="both choose the model"):
            build(f"a fox --niji {niji} --v {version}")
        with pytest.raises(PromptError, match="option version"):
            build(f"a fox --niji {niji}", version=version)


def test_a_refusal_is_told_once_and_nothing_else_with_it() -> None:
    with pytest.raises(PromptError) as refusal:
        build("a fox --q 2", version="8.1")
    assert str(refusal.value).count("--quality 2") == 1
    assert "may not" not in str(refusal.value)


def test_an_edited_text_says_all_that_was_chosen_of_the_model() -> None:
    first = build("a fox --q 2", version="7", mode="relax", translate=True, image_url=ATTACHMENT)
    assert first.shown == "a fox --quality 2 --v 7"
    kept = rebuild("a hare --quality 2 --v 7", first.request(), first.shown)
    assert kept.request() == {**first.request(), "prompt": f"{ATTACHMENT} a hare --quality 2 --v 7"}
    unchosen = rebuild("a fox --quality 2", first.request(), first.shown)
    assert said(unchosen) == {"quality": "2"}
    assert (unchosen.mode, unchosen.translation) == ("relax", True)
    assert said(rebuild("a fox --v 8.1", first.request(), first.shown)) == {"version": "8.1", "moodboard": True}
    assert said(rebuild("a fox --niji 7", first.request(), first.shown)) == {}


@pytest.mark.parametrize(
    ("mode", "edited", "named"),
    [
        ("relax", "a fox --v 8.1 --q 2", "--quality 2"),
        ("turbo", "a fox --v 8.1", "turbo"),
        (None, "a fox --v 8.1 --turbo", "turbo"),
        (None, "a fox --niji 7 --v 7", "--niji 7"),
    ],
)
def test_an_edited_text_is_refused_like_a_typed_one(mode: str | None, edited: str, named: str) -> None:
    first = build("a fox", version="7", mode=mode)
    with pytest.raises(PromptError, match=named):
        rebuild(edited, first.request(), first.shown)
    assert rebuild("a fox --v 8.1 --fast", first.request(), first.shown).mode == "fast"


@pytest.mark.parametrize(
    ("said_by_service", "shown", "mode"),
    [
        ("a park --ar 3:2 --v 8.1 --q 2", "a park --ar 3:2 --v 8.1", None),
        ("a park --turbo --v 8.1", "a park --v 8.1", None),
        ("a park --relax --v 8.1", "a park --v 8.1", "relax"),
        ("a park --v 6 --hd --niji 7", "a park --niji 7", None),
    ],
)
def test_what_the_service_wrote_loses_what_its_model_refuses(said_by_service: str, shown: str, mode: str | None) -> None:
    built = build_from_service(said_by_service)
    assert (built.shown, built.mode) == (shown, mode)
