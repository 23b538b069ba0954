"""The last result of each analyte, and how often it was measured, as a table of pandas.

    python results_with_pandas.py [PROFILE]

The profile is one of `emk` in which somebody is logged in.
"""

import sys

import pandas

from emkcli.api import CardQuery, connect

FIELDS = ["analyte", "value", "unit", "value_number", "out_of_range", "collected_at", "status"]
TAKEN_BACK = ["entered-in-error", "cancelled"]


def results(profile: str, since: str | None = None) -> pandas.DataFrame:
    """Every result that was not taken back, newest first, as the laboratory sent it."""
    with connect(profile=profile) as client:
        rows = [[getattr(result, field) for field in FIELDS] for result in client.card.labs(CardQuery(since=since))]
    frame = pandas.DataFrame(rows, columns=FIELDS)
    return frame[~frame["status"].isin(TAKEN_BACK)]


def last_of_each(frame: pandas.DataFrame) -> pandas.DataFrame:
    """One row for each analyte and unit: results in different units are not one series."""
    series = ["analyte", "unit"]
    times = frame.groupby(series, dropna=False).size().rename("times").reset_index()
    # the first of each is the newest, also where it has no number
    newest = frame.drop_duplicates(series)[[*series, "value", "out_of_range", "collected_at"]]
    return newest.merge(times, on=series).sort_values("analyte", ignore_index=True)


if __name__ == "__main__":
    table = last_of_each(results(*sys.argv[1:2] or ["default"]))
    sys.stdout.write(table.to_csv(index=False))
