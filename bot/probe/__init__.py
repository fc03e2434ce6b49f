"""Finds out, with the operator's own token, which of the facts that Easel relies on hold: `easel probe`."""

from bot.probe.consent import Consent
from bot.probe.model import Verdict
from bot.probe.refusals import TokenRefused
from bot.probe.report import FILE, document, table
from bot.probe.runner import Outcome, ServiceAway, probe

__all__ = ["FILE", "Consent", "Outcome", "ServiceAway", "TokenRefused", "Verdict", "document", "probe", "table"]
