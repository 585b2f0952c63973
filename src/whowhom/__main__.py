"""``python -m whowhom``: the command line."""

from whowhom.cli import main

if __name__ == "__main__":
    main()
