//! The finance service over HTTP: one file per resource, handlers that parse, call and answer.
//!
//! **For:** paths, statuses, parameters, examples. **Must not know:** tables; what is done, [`keepworth_finance::app`] does.
//!
//! ```
//! use keepworth_finance_http::FinanceService;
//!
//! let contract = keepworth_platform::document::<FinanceService>();
//! assert!(contract.paths.paths.contains_key("/v1/ledger-entries"));
//! ```

mod account;
mod acquire_or_keep;
mod acquisition_source;
mod allocation;
mod allocation_rule;
mod avoidable_share;
mod budget;
mod campaign_touch;
mod consumption_cost;
mod cost_concentration;
mod earned_growth;
mod exchange_outlook;
mod feed;
mod fx_rate;
mod general_ledger;
mod ledger_entry;
mod metric;
mod missing_rate;
mod period_close;
mod programme;
mod reported;
mod response_history;
mod revenue;
mod segment_month;
mod segment_month_count;
mod unit_cost;
mod win_back;

use keepworth_access::permission::{
    BooksRead, BooksWrite, FeedsRead, FiguresRead, PersonsRead, RecordsImport,
};
use keepworth_contract::event::EventType;
use keepworth_erasure::Subjects;
use keepworth_finance::Finance;
use keepworth_imports::Imports;
use keepworth_jobs::Jobs;
use keepworth_platform::{Allowed, Covered, Service, imports, jobs};
use keepworth_store::{Db, Migrations};
use utoipa_actix_web::service_config::ServiceConfig;

/// The service, for who reads results.
type FiguresReader = Allowed<FiguresRead, Finance>;
/// The service, for who reads the books line by line.
type BooksReader = Allowed<BooksRead, Finance>;
/// The service, for who changes how the books are kept.
type Bookkeeper = Allowed<BooksWrite, Finance>;
/// The service, for who reads feeds.
type FeedsReader = Allowed<FeedsRead, Finance>;
/// The service, for who reads records of single customers.
type PersonsReader = Allowed<PersonsRead, Finance>;
/// The service, for who sends records.
type Importer = Allowed<RecordsImport, Finance>;

/// The service as it is mounted.
pub struct FinanceService;

impl Service for FinanceService {
    type App = Finance;

    const NAME: &'static str = "finance";
    const DESCRIPTION: &'static str = "What was spent on winning and keeping customers, what they \
        were charged, and what both come to. Feeds the simulator with economics and revenues.\n\n\
        Any request may be sent again. Batches know their records by source and external id, and \
        change nothing the second time; nor do counts. Other POSTs take an Idempotency-Key. What \
        PUT replaces has an ETag: with If-Match it is replaced only if nobody else has changed it.";
    const TAGS: &'static [(&'static str, &'static str)] = &[
        (
            "ledger",
            "Costs as they were posted, and the closing of months.",
        ),
        (
            "general ledger",
            "Accounts, and vouchers as an accounting system exports them.",
        ),
        ("exchange rates", "Rates as they were quoted."),
        ("allocation", "Who bears which cost."),
        (
            "metrics",
            "Customer metrics by stated definitions, and which costs can be avoided.",
        ),
        (
            "acquisition",
            "What it costs to win customers, by channel and campaign.",
        ),
        (
            "acquire or keep",
            "Where the next unit of money is spent best.",
        ),
        (
            "programmes",
            "What programmes may cost, and what they do cost.",
        ),
        ("revenue", "What customers were charged."),
        imports::TAG,
        jobs::TAG,
        (
            "feeds",
            "What the simulator reads, and allocations line by line.",
        ),
    ];
    const EVENTS: &'static [EventType] = &[EventType::PeriodClosed];
    const COVERED: Covered = Covered {
        covers: &[
            "costs by voucher and cost centre, allocated to segments by stated rules",
            "revenue, recurring revenue and its movements by named definitions",
            "acquisition and maintenance cost, avoidable shares, budgets of programmes",
        ],
        assists: &["the customer metrics that a finance department reports"],
        leaves: &[
            (
                "posting, invoicing, payments and taxes",
                "an accounting or billing system",
            ),
            ("statutory reports", "an accounting system"),
        ],
    };

    fn routes(config: &mut ServiceConfig<'_>) {
        imports::routes(config);
        jobs::routes(config);
        config
            .service(ledger_entry::list_ledger_entries)
            .service(ledger_entry::load_ledger_entry)
            .service(ledger_entry::list_ledger_entry_versions)
            .service(ledger_entry::batch_upsert_ledger_entries)
            .service(period_close::list_period_closes)
            .service(period_close::load_period_close)
            .service(period_close::close_period)
            .service(account::list_accounts)
            .service(account::load_account)
            .service(account::put_account)
            .service(general_ledger::import_general_ledger)
            .service(general_ledger::load_general_ledger_report)
            .service(fx_rate::list_fx_rates)
            .service(fx_rate::load_fx_rate)
            .service(fx_rate::create_fx_rate)
            .service(segment_month::list_segment_months)
            .service(segment_month::put_segment_months)
            .service(segment_month_count::count_segment_months)
            .service(segment_month_count::load_segment_month_count)
            .service(allocation_rule::list_allocation_rules)
            .service(allocation_rule::load_allocation_rule)
            .service(allocation_rule::create_allocation_rule)
            .service(allocation::load_allocation)
            .service(allocation::read_allocation_lines)
            .service(metric::list_metric_definitions)
            .service(metric::load_metrics)
            .service(earned_growth::load_earned_growth)
            .service(win_back::load_win_backs)
            .service(unit_cost::load_acquisition_costs)
            .service(acquisition_source::load_acquisition_costs_by_channel)
            .service(acquisition_source::load_acquisition_costs_by_campaign)
            .service(campaign_touch::list_campaign_touches)
            .service(campaign_touch::load_campaign_touch)
            .service(campaign_touch::batch_upsert_campaign_touches)
            .service(unit_cost::load_maintenance_costs)
            .service(avoidable_share::list_avoidable_shares)
            .service(avoidable_share::load_avoidable_share)
            .service(avoidable_share::create_avoidable_share)
            .service(consumption_cost::load_consumption_costs)
            .service(cost_concentration::load_cost_concentration)
            .service(response_history::list_response_histories)
            .service(response_history::load_response_history)
            .service(response_history::create_response_history)
            .service(acquire_or_keep::load_acquire_or_keep)
            .service(budget::list_budgets)
            .service(budget::load_budget)
            .service(budget::create_budget)
            .service(programme::list_programmes)
            .service(programme::load_programme)
            .service(programme::load_programme_money)
            .service(revenue::list_revenues)
            .service(revenue::load_revenue)
            .service(revenue::batch_upsert_revenues)
            .service(feed::read_economics)
            .service(feed::list_economics)
            .service(feed::read_revenues)
            .service(feed::list_revenues)
            .service(feed::read_purchases)
            .service(feed::list_purchases)
            .service(feed::read_rates)
            .service(feed::list_rates)
            .service(exchange_outlook::load_exchange_outlook);
    }

    fn migrations() -> Migrations {
        keepworth_finance::migrations()
    }

    fn imports(app: &Finance) -> Option<Imports> {
        Some(app.imports().clone())
    }

    fn jobs(app: &Finance) -> Option<Jobs> {
        Some(app.jobs().clone())
    }

    fn subjects(app: &Finance) -> Subjects {
        app.subjects()
    }

    fn db(app: &Finance) -> &Db {
        app.db()
    }
}
