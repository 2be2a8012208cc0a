// An integrator's job, through the types that openapi-typescript generates of the contracts: node integrate.js URL TOKEN
import createClient from "openapi-fetch";
import type { paths as Customers } from "./customers";
import type { paths as Experience } from "./experience";
import type { paths as Finance } from "./finance";
import type { paths as Simulator } from "./simulator";

const [url, token] = process.argv.slice(2);
const headers = { authorization: `Bearer ${token}` };
const customers = createClient<Customers>({ baseUrl: `${url}/customers`, headers });
const experience = createClient<Experience>({ baseUrl: `${url}/experience`, headers });
const finance = createClient<Finance>({ baseUrl: `${url}/finance`, headers });
const simulator = createClient<Simulator>({ baseUrl: `${url}/simulator`, headers });

function done<T>(answer: { data?: T; error?: { code: string; detail?: string }; response: Response }): T {
  if (answer.data === undefined) {
    throw new Error(`${answer.response.url}: ${JSON.stringify(answer.error)}`);
  }
  return answer.data;
}

const months = Array.from({ length: 18 }, (_, i) => `${2024 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}`);
const ids = Array.from({ length: 60 }, (_, i) => `c${i}`);
const import_id = "typescript";
const euro = (amount: string) => ({ amount, currency: "EUR" });

await customers.PUT("/v1/segments/{key}", { params: { path: { key: "smb" } }, body: { name: "Small business" } }).then(done);
const taken = [
  await customers.POST("/v1/customers:batch_upsert", {
    body: {
      import_id, dry_run: false, on_invalid: "refuse", create_segments: false,
      items: ids.map((external_id, i) => ({
        source: "crm", external_id, segment: "smb", acquired_on: "2023-06-01",
        // Every third left, one a month.
        ...(i % 3 === 0 ? { left_on: `${months[Math.min(17, i / 3)]}-15`, leaving_cause: "PRICE" as const } : {}),
      })),
    },
  }).then(done),
  await experience.POST("/v1/feedback:batch_upsert", {
    body: {
      import_id, dry_run: false, on_invalid: "refuse", create_segments: false,
      items: ids.map((customer_external_id, i) => ({
        source: "survey", external_id: `f${i}`, customer_source: "crm", customer_external_id,
        kind: "NPS" as const, score: i % 11, responded_at: "2024-03-01T10:00:00Z",
      })),
    },
  }).then(done),
  await experience.POST("/v1/interactions:batch_upsert", {
    body: {
      import_id, dry_run: false, on_invalid: "refuse", create_segments: false,
      items: ids.map((customer_external_id, i) => ({
        source: "desk", external_id: `i${i}`, customer_source: "crm", customer_external_id,
        channel: "phone", started_at: "2025-02-01T10:00:00Z", handle_seconds: 300, outcome: "RESOLVED" as const,
      })),
    },
  }).then(done),
  await finance.POST("/v1/revenues:batch_upsert", {
    body: {
      import_id, dry_run: false, on_invalid: "refuse", create_segments: false,
      items: ids.flatMap((customer_external_id, i) => months.slice(0, i % 3 === 0 ? Math.min(18, i / 3) : 18).map((month) => ({
        source: "billing", external_id: `${customer_external_id}/${month}`, customer_source: "crm", customer_external_id,
        month, months: 1, kind: "RECURRING" as const, amount: euro("50.00"),
      }))),
    },
  }).then(done),
  await finance.POST("/v1/ledger-entries:batch_upsert", {
    body: {
      import_id, dry_run: false, on_invalid: "refuse", create_segments: false,
      items: months.flatMap((month) => (["SERVICE", "COST_OF_REVENUE"] as const).map((category) => ({
        source: "erp", external_id: `${category}/${month}`, posted_on: `${month}-28`, category, amount: euro("400.00"),
      }))),
    },
  }).then(done),
];
if (taken.some((report) => report.rejected.length > 0 || report.created === 0)) {
  throw new Error(JSON.stringify(taken));
}

// Pages: every customer once.
const seen = new Set<string>();
let cursor: string | undefined;
do {
  const page = await customers.GET("/v1/customers", { params: { query: { page_size: 25, cursor } } }).then(done);
  page.items.forEach((customer) => seen.add(customer.external_id));
  cursor = page.next_cursor ?? undefined;
} while (cursor);
if (seen.size !== ids.length) throw new Error(`${seen.size} customers`);

const report = await finance.GET("/v1/metrics", { params: { query: { month: "2025-05", currency: "EUR" } } }).then(done);
const rows = await customers.GET("/v1/feed/cohorts/pages", { params: { query: { as_of: "2025-06-30" } } }).then(done);
const baseline = await simulator.POST("/v1/baselines", {
  params: { header: { Prefer: "wait=60" } }, body: { as_of: "2025-06-30" },
}).then(done);
if (!("hash" in baseline)) throw new Error("the baseline was not built in time");
const scenario = `name = "Faster answers"
horizon_months = 24
discount_rate = 0.08
[[initiatives]]
name = "Faster answers"
reach = { smb = 1.0 }
[[initiatives.effects]]
on = "hazard"
size = 0.1
`;
const run = await simulator.POST("/v1/runs", {
  params: { header: { Prefer: "wait=60", "Idempotency-Key": "typescript-1" } },
  body: { scenario, baseline_hash: baseline.hash, trials: 1000, seed: 1, sampling: "random" },
}).then(done);
if (!("summary" in run)) throw new Error("the run was not done in time");
const npv = run.result.outcomes.npv;
console.log(JSON.stringify({
  customers: seen.size, recurring: report.month, rows: rows.items.length, npv: npv?.mean, fit: baseline.company.hazard_fit?.verdict,
}));

// A fault has a place and a code.
const wrong = await simulator.POST("/v1/baselines", { params: { header: {} }, body: { as_of: "2999-01-01" } });
if (wrong.error?.invalid_params?.[0]?.code !== "in_the_future") throw new Error(JSON.stringify(wrong.error));
