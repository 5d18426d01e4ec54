"""Pages a second at saturation, as a share of a bare Flask page's; and how long a page takes at an ordinary load.

python -m benchmarks.web_speed [--database-url URL] [--runs 5] [--seconds 2]
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Mapping
from contextlib import ExitStack

from benchmarks import load, page_parts
from benchmarks.figures import Figures, spread
from benchmarks.installation import DATA, RETAIL, Customer, Server, imported, serving, sign_in
from benchmarks.load import Plan, Result

GOAL_SHARE, GOAL_RATE, GOAL_P95 = 0.5, 50.0, 0.050
CONNECTIONS = 8
SEARCHES = ("red+candle", "lunch+bag", "glass+jar", "heart", "christmas+tree", "paper+chain", "mug", "clock")
BARE, LEAST, ALIVE = "bare page: 20 rows", "bare page: 1 row", "/healthz, as a visitor"
COMMAND = "python -m benchmarks.web_speed"


def measure(
    customer: Customer, *, runs: int = 5, seconds: float = 2.0, latency_seconds: float = 8.0
) -> list[Figures]:
    with ExitStack() as stack:
        product = stack.enter_context(serving())
        bare = stack.enter_context(serving("benchmarks.bare_page:application"))
        cookie = sign_in(product)
        plans = {
            BARE: _plan(bare, [f"/?account={customer.account_id}"]),
            LEAST: _plan(bare, [f"/one?number={customer.order}"]),
            ALIVE: _plan(product, ["/healthz"]),
            **{name: _plan(product, paths, cookie) for name, paths in pages(customer).items()},
        }
        found = _alternating(plans, runs, seconds)
    with serving(processes=2) as product:
        cookie = sign_in(product)
        times = {
            name: _at_rate(_plan(product, paths, cookie), latency_seconds)
            for name, paths in pages(customer).items()
        }
    parts = page_parts.measure(customer, pages(customer), cookie)
    return [_saturated(found, customer, runs, seconds), _timely(times, latency_seconds), parts]


def pages(customer: Customer) -> dict[str, list[str]]:
    """The pages measured, as a signed-in customer asks for them: of each kind several in turn, so that nothing is
    measured that works for one address only."""
    return {
        "home": ["/"],
        "order list": ["/orders", "/orders?state=delivered", "/orders?since=2011-01-01"],
        "order page": [f"/orders/{number}" for number in customer.similar or (customer.order,)],
        "product list": ["/shop", "/shop?page=2", "/shop?page=7", "/shop?sort=price", "/shop?stock=1"],
        "search": [f"/search?q={words}" for words in SEARCHES],
    }


def _plan(server: Server, paths: list[str], cookie: str = "") -> Plan:
    headers = {"Accept": "text/html", "Accept-Language": "en", **({"Cookie": cookie} if cookie else {})}
    return Plan("127.0.0.1", server.port, paths, headers, connections=CONNECTIONS)


def _alternating(plans: Mapping[str, Plan], runs: int, seconds: float) -> dict[str, list[float]]:
    """Each plan once in each round, so that what else the machine does falls on all of them."""
    for plan in plans.values():
        _checked(load.run(_with(plan, 0.7)), plan)
    found: dict[str, list[float]] = {name: [] for name in plans}
    for _ in range(runs):
        for name, plan in plans.items():
            found[name].append(_checked(load.run(_with(plan, seconds)), plan).per_second)
    return found


def _with(plan: Plan, seconds: float) -> Plan:
    return Plan(plan.host, plan.port, plan.paths, plan.headers, seconds, plan.connections, plan.rate)


def _checked(result: Result, plan: Plan) -> Result:
    if result.failed or not result.answered:
        raise RuntimeError(
            f"{plan.paths}: {result.failed} of {result.answered + result.failed} answers were bad"
        )
    return result


def _at_rate(plan: Plan, seconds: float) -> Result:
    _checked(load.run(_with(plan, 1.0)), plan)
    plan.rate = GOAL_RATE
    return _checked(load.run(_with(plan, seconds)), plan)


def _saturated(found: Mapping[str, list[float]], customer: Customer, runs: int, seconds: float) -> Figures:
    least = statistics.median(found[LEAST])
    rows = []
    for name, values in found.items():
        # A share of each round's own bare page: what disturbs a whole round falls out.
        share = statistics.median(value / base for value, base in zip(values, found[BARE], strict=True))
        is_page = name not in {BARE, LEAST, ALIVE}
        rows.append(
            (
                name,
                spread(values),
                f"{share:.2f}",
                f"{statistics.median(values) / least:.2f}",
                ("yes" if share >= GOAL_SHARE else "no") if is_page else "",
            )
        )
    fastest = max(statistics.median(values) for values in found.values())
    return Figures(
        "Pages a second at saturation",
        ("page", "a second", "of the bare page", "of one row", f"goal {GOAL_SHARE:.2f}"),
        rows,
        [
            f"Medians of {runs} alternating runs of {seconds:.0f} s with {CONNECTIONS} kept connections; in brackets "
            "the slowest and the fastest run. One gunicorn process with the product's own settings each, on the same "
            "database; the load comes from a process of its own, on the other core. Shares are medians of each "
            "round's share.",
            "The bare page (benchmarks/bare_page.py) is Flask with one query and one template: the twenty newest "
            "orders of the same customer in a plain table. It has no session, sign-in, permissions, languages, frame, "
            "cart or security headers. `1 row` is about the least that Flask, SQLAlchemy and Jinja do together.",
            f"All pages are those of a signed-in customer of the imported data ({customer.orders} orders; the order "
            f"pages have about {customer.lines} lines), each with its session, rights and cart read from the database. "
            "Of each kind several addresses are asked in turn: orders, pages and filters of the list, searches. The "
            f"load generator is not what limits: it took {fastest:,.0f} answers a second from the fastest of these.",
        ],
        COMMAND,
    )


def _timely(times: Mapping[str, Result], seconds: float) -> Figures:
    rows = [
        (
            name,
            *(f"{result.quantile(share) * 1000:.0f} ms" for share in (0.5, 0.95, 0.99)),
            "yes" if result.quantile(0.95) < GOAL_P95 else "no",
        )
        for name, result in times.items()
    ]
    return Figures(
        f"Waiting at {GOAL_RATE:.0f} pages a second",
        ("page", "median", "95 %", "99 %", f"goal: 95 % under {GOAL_P95 * 1000:.0f} ms"),
        rows,
        [
            f"Requests start every {1000 / GOAL_RATE:.0f} ms for {seconds:.0f} s whether or not earlier ones are "
            "answered, and a time counts from when the request was due. Two gunicorn processes; the load generator "
            "takes its share of the same cores.",
        ],
        COMMAND,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url", default="", help="an empty database; default SQLite")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    given = parser.parse_args()
    if not RETAIL.exists():
        print(
            f"web_speed: skipped, as there is no online_retail.csv.xz in {DATA} (RAPPORT_DATA names another folder)"
        )
        return
    with imported(given.database_url) as customer:
        for figures in measure(customer, runs=given.runs, seconds=given.seconds):
            print(figures.markdown())


if __name__ == "__main__":
    main()
