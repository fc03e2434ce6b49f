"""The Midjourney prompt grammar: parse, check, build. Pure functions; nothing here asks a network or a file.

A prompt is image links, then text, then parameters. What Midjourney can't mean, or the chosen model certainly refuses, is
refused with `PromptError`; what may not work is passed on with a warning. Words are not judged: the service moderates.
"""

from bot.prompts.assembly import DEFAULT_MODE, Built, build, rebuild
from bot.prompts.capabilities import FAST_ACTIONS, MAX_IMAGES, MAX_PROMPT, MODES, VERSIONS
from bot.prompts.errors import PromptError
from bot.prompts.grammar import parse
from bot.prompts.prompt import Parameter, Prompt
from bot.prompts.suggestions import build_from_service
from bot.prompts.urls import MAX_URL, attachment_expiry, check_url, expired_attachment

__all__ = [
    "DEFAULT_MODE",
    "FAST_ACTIONS",
    "MAX_IMAGES",
    "MAX_PROMPT",
    "MAX_URL",
    "MODES",
    "VERSIONS",
    "Built",
    "Parameter",
    "Prompt",
    "PromptError",
    "attachment_expiry",
    "build",
    "build_from_service",
    "check_url",
    "expired_attachment",
    "parse",
    "rebuild",
]
