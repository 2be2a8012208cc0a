"""An integrator's job, through the client that openapi-python-client generates: integrate.py URL TOKEN"""

import json
import sys

from customers import AuthenticatedClient as Customers
from customers.api.customers import batch_upsert_customers, list_customers
from customers.api.segments import put_segment
from customers.models import CustomerBatch, CustomerInput, SegmentInput
from customers.types import UNSET
from finance import AuthenticatedClient as Finance
from finance.api.exchange_rates import create_fx_rate
from finance.models import FxRateInput
from simulator import AuthenticatedClient as Simulator
from simulator.api.baselines import create_baseline
from simulator.api.runs import create_run
from simulator.models import Baseline, BaselineInput, Run, RunInput
from datetime import date

url, token = sys.argv[1:]
customers = Customers(base_url=f"{url}/customers", token=token)
finance = Finance(base_url=f"{url}/finance", token=token)
simulator = Simulator(base_url=f"{url}/simulator", token=token, timeout=120)


def done(answer):
    if answer.parsed is None or answer.status_code >= 400:
        raise SystemExit(f"{answer.status_code}: {answer.content!r}")
    return answer.parsed


done(put_segment.sync_detailed("smb", client=customers, body=SegmentInput(name="Small business")))
more = [CustomerInput(source="python", external_id=f"p{i}", segment="smb", acquired_on=date(2023, 6, 1)) for i in range(30)]
report = done(batch_upsert_customers.sync_detailed(client=customers, body=CustomerBatch(import_id="python", items=more)))
assert (report.created, report.rejected) == (30, []), report

seen, cursor = set(), UNSET
while True:
    page = done(list_customers.sync_detailed(client=customers, page_size=25, cursor=cursor))
    seen.update((it.source, it.external_id) for it in page.items)
    if page.next_cursor is None:
        break
    cursor = page.next_cursor
assert {("python", f"p{i}") for i in range(30)} <= seen, len(seen)

rate = FxRateInput(base="USD", quote="EUR", value="0.9", quoted_on=date(2025, 6, 30), source="python")
written = create_fx_rate.sync_detailed(client=finance, body=rate, idempotency_key="python-1")
again = create_fx_rate.sync_detailed(client=finance, body=rate, idempotency_key="python-1")
assert (written.status_code, done(written).id) == (201, done(again).id)
assert again.headers["idempotency-replayed"] == "true"

baseline = done(create_baseline.sync_detailed(client=simulator, body=BaselineInput(as_of=date(2025, 6, 30)), prefer="wait=60"))
assert isinstance(baseline, Baseline), baseline
scenario = """name = "Faster answers"
horizon_months = 24
discount_rate = 0.08
[[initiatives]]
name = "Faster answers"
reach = { smb = 1.0 }
[[initiatives.effects]]
on = "hazard"
size = 0.1
"""
order = RunInput(scenario=scenario, baseline_hash=baseline.hash_, trials=1000, seed=1)
run = done(create_run.sync_detailed(client=simulator, body=order, prefer="wait=60"))
assert isinstance(run, Run), run
npv = run.result.outcomes.additional_properties["npv"]
print(json.dumps({"customers": len(seen), "npv": npv.mean, "segments": len(baseline.segments)}))
