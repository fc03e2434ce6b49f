"""What all tests share."""

import importlib
import sys

from hypothesis import settings

settings.register_profile("easel", deadline=None)  # a busy machine is no failure
settings.load_profile("easel")

# discord.py chooses the gateway's compression once, when it is imported: zstd where it can. Here it can't, so that tests
# in this process speak zlib, as most bots do; bots in processes of their own speak zstd.
_LIBRARIES = ("zstandard", "compression.zstd")
_known = {name: sys.modules.get(name) for name in _LIBRARIES}
# None is how Python is told: not importable.
sys.modules.update(dict.fromkeys(_LIBRARIES))
importlib.import_module("discord")
for _name, _module in _known.items():
    if _module is None:
        del sys.modules[_name]
    else:
        sys.modules[_name] = _module
