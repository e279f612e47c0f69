"""The local AWS emulator as Posthorn needs it: ministack with its gaps filled.

Each module replaces or adds one thing and says why; `launcher.py` beside this
package puts them together.
"""
