"""The explorer: a store in a browser, on this machine. Needs the extra ``whowhom[web]``."""
