"""Who acts on whom, in a store: the ten busiest pairs, what happened apart from what was only said.

python examples/pairs.py STORE
"""

from __future__ import annotations

import sys

import whowhom

QUERY = """
SELECT actors[1].country AS actor, recipients[1].country AS recipient,
       count(*) FILTER (status = 'actual') AS happened,
       count(*) FILTER (status <> 'actual') AS did_not,
       round(avg(score), 1) AS score
FROM events
WHERE actors[1].country IS NOT NULL AND recipients[1].country IS NOT NULL
GROUP BY ALL ORDER BY happened + did_not DESC, actor, recipient LIMIT 10
"""


def main(store: str) -> None:
    with whowhom.open(store) as opened:
        for actor, recipient, happened, did_not, score in opened.sql(QUERY).fetchall():
            print(f"{actor} -> {recipient}  {happened} happened, {did_not} did not, score {score}")


if __name__ == "__main__":
    main(sys.argv[1])
