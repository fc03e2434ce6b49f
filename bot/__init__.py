"""Easel: Midjourney pictures in Discord chat, with buttons that never die."""

__version__ = "0.1.0"
README_URL = "https://github.com/easel-bot/easel#readme"
