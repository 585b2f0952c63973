"""Who says so; whether it happened; in what voice."""

from whowhom.attribution.judge import judge, speaker_of
from whowhom.attribution.statements import find_statements

__all__ = ["find_statements", "judge", "speaker_of"]
