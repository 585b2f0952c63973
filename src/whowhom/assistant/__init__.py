"""A store as an assistant asks it: bounded answers with sentences as evidence, over MCP.

:mod:`~whowhom.assistant.answers` makes the answers and knows nothing of the protocol;
:mod:`~whowhom.assistant.server` offers them as tools. Nothing here writes to a store.
"""
