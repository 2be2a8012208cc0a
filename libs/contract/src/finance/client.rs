//! The finance service's operations, one method each.

use std::time::Duration;

use uuid::Uuid;

use super::*;
use crate::batch::{BatchOptions, BatchReport};
use crate::client::{ClientError, Ordered, WAIT, client};
use crate::event::{EventPage, KeptEvent, Webhook, WebhookInput, WebhookPage, WebhookWithSecret};
use crate::rows::FeedRows;
use crate::subject::{ServiceExport, SignedReceipt, Subject, SubjectErasure};
use crate::{
    AuditEntryPage, AuditHead, AuditHeadInput, AuditQuery, Capabilities, Import, ImportInput,
    ImportPage, Job, JobPage, Month, PageQuery, RejectedImportRowPage, SequenceQuery,
};

client! {
    /// The finance service.
    FinanceClient of "finance";

    /// What the service covers, assists and leaves to others.
    load_capabilities() -> Capabilities = get(&["capabilities"], &());
    /// Erases what this service holds of a customer, for the customers service, or counts it.
    erase_subject(order: &SubjectErasure) -> SignedReceipt = post(&["subjects:erase"], order);
    /// Everything that this service holds of a customer, for the customers service.
    export_subject(subject: &Subject) -> ServiceExport = post(&["subjects:export"], subject);
    /// What was done, by whom, when and why.
    list_audit_entries(query: &AuditQuery) -> AuditEntryPage = get(&["audit-entries"], query);
    /// Where the record of that ends now, signed.
    load_audit_head() -> AuditHead = get(&["audit-head"], &());
    /// Leaves the signed head of another service there.
    keep_audit_head(head: &AuditHeadInput) -> AuditHead = post(&["audit-heads:keep"], head);
    /// The accounts of the general ledger.
    list_accounts() -> AccountList = get(&["accounts"], &());
    /// One account.
    load_account(code: &str) -> Account = get(&["accounts", code], &());
    /// Describes an account; one that is described otherwise, only of the version that `If-Match` names.
    put_account(code: &str, account: &AccountInput, if_match: Option<&str>) -> Account
        = put_version(&["accounts", code], account, if_match);
    /// What a currency is worth on a day, and how far that moves.
    load_exchange_outlook(query: &ExchangeOutlookQuery) -> ExchangeOutlook
        = get(&["exchange-outlook"], query);
    /// What the next unit of money should be spent on.
    load_acquire_or_keep(query: &AcquireOrKeepQuery) -> AcquireOrKeepReport
        = get(&["acquire-or-keep"], query);
    /// What it cost to win a customer, by segment.
    load_acquisition_costs(query: &UnitCostQuery) -> UnitCostReport
        = get(&["acquisition-costs"], query);
    /// What it cost to win a customer, by the campaigns that touched them.
    load_acquisition_costs_by_campaign(query: &CampaignCostQuery) -> AcquisitionSourceReport
        = get(&["acquisition-costs", "by-campaign"], query);
    /// What it cost to win a customer, by the channel that their record names.
    load_acquisition_costs_by_channel(query: &UnitCostQuery) -> AcquisitionSourceReport
        = get(&["acquisition-costs", "by-channel"], query);
    /// The rules by which shared costs are split.
    list_allocation_rules() -> AllocationRuleList = get(&["allocation-rules"], &());
    /// One rule.
    load_allocation_rule(id: Uuid) -> AllocationRule = get(&["allocation-rules", &id.to_string()], &());
    /// States how shared costs of a category are split.
    create_allocation_rule(rule: &AllocationRuleInput) -> AllocationRule
        = post(&["allocation-rules"], rule);
    /// Who bears the costs of a month.
    load_allocation(query: &KnownMonthQuery) -> Allocation = get(&["allocations"], query);
    /// Which share of which cost is confirmed to be avoidable.
    list_avoidable_shares() -> AvoidableShareList = get(&["avoidable-shares"], &());
    /// One share.
    load_avoidable_share(id: Uuid) -> AvoidableShare = get(&["avoidable-shares", &id.to_string()], &());
    /// Confirms which share of a cost is avoidable.
    create_avoidable_share(share: &AvoidableShareInput) -> AvoidableShare
        = post(&["avoidable-shares"], share);
    /// A page of who was reached by which campaign.
    list_campaign_touches(query: &CampaignTouchQuery) -> CampaignTouchPage = get(&["campaign-touches"], query);
    /// One campaign touch.
    load_campaign_touch(id: Uuid) -> CampaignTouch = get(&["campaign-touches", &id.to_string()], &());
    /// Writes up to 5,000 touches; sent again they change nothing.
    batch_upsert_campaign_touches(options: &BatchOptions, items: &[CampaignTouchInput]) -> BatchReport
        = batch_upsert("campaign-touches", options, items);
    /// What contacts cost, by channel and segment.
    load_consumption_costs(query: &PeriodQuery) -> ConsumptionReport
        = get(&["consumption-costs"], query);
    /// On how few customers the cost falls.
    load_cost_concentration(query: &ConcentrationQuery) -> ConcentrationReport
        = get(&["cost-concentration"], query);
    /// How much of growth customers earned.
    load_earned_growth(query: &EarnedGrowthQuery) -> EarnedGrowthReport
        = get(&["earned-growth"], query);
    /// Who came back after they had stopped paying.
    load_win_backs(query: &WinBackQuery) -> WinBackReport = get(&["win-backs"], query);
    /// Which entry's cost which segment bears, line by line.
    read_allocation_lines(query: &MonthQuery) -> FeedRows<AllocationLine>
        = rows("allocation-lines", query);
    /// Costs by segment and month.
    read_economics(query: &FinanceFeedQuery) -> FeedRows<EconomicsRow> = rows("economics", query);
    /// The same page by page.
    list_economics_feed(query: &FinanceFeedPageQuery) -> EconomicsFeedPage = get(&["feed", "economics", "pages"], query);
    /// What each customer was charged.
    read_revenues(query: &RevenueFeedQuery) -> FeedRows<RevenueRow> = rows("revenues", query);
    /// The same page by page.
    list_revenues_feed(query: &RevenueFeedPageQuery) -> RevenueFeedPage = get(&["feed", "revenues", "pages"], query);
    /// What each customer without a subscription bought, and when.
    read_purchases(query: &FinanceFeedQuery) -> FeedRows<PurchaseRow> = rows("purchases", query);
    /// The same page by page.
    list_purchases_feed(query: &FinanceFeedPageQuery) -> PurchaseFeedPage
        = get(&["feed", "purchases", "pages"], query);
    /// The rates by which both are converted.
    read_rates(query: &RateFeedQuery) -> FeedRows<ConversionRate> = rows("rates", query);
    /// The same page by page.
    list_rates_feed(query: &RateFeedPageQuery) -> RateFeedPage = get(&["feed", "rates", "pages"], query);
    /// A page of exchange rates.
    list_fx_rates(query: &FxRateQuery) -> FxRatePage = get(&["fx-rates"], query);
    /// One exchange rate.
    load_fx_rate(id: Uuid) -> FxRate = get(&["fx-rates", &id.to_string()], &());
    /// Writes an exchange rate.
    create_fx_rate(rate: &FxRateInput) -> FxRate = post(&["fx-rates"], rate);
    /// Orders that the costs of a general ledger, a CSV file, are taken voucher by voucher, and waits so long;
    /// [`take_general_ledger`](Self::take_general_ledger) waits until they are.
    import_general_ledger(query: &GeneralLedgerQuery, csv: String, wait: Duration) -> Ordered<GeneralLedgerReport>
        = order_text(&["general-ledger:import"], query, "text/csv", csv, wait);
    /// What became of a general ledger, by the job that took it.
    load_general_ledger_report(job: Uuid) -> GeneralLedgerReport
        = get(&["general-ledger-reports", &job.to_string()], &());
    /// A page of ledger entries.
    list_ledger_entries(query: &LedgerEntryQuery) -> LedgerEntryPage
        = get(&["ledger-entries"], query);
    /// What an entry says.
    load_ledger_entry(id: Uuid) -> LedgerEntry = get(&["ledger-entries", &id.to_string()], &());
    /// What an entry said before it was corrected.
    list_ledger_entry_versions(id: Uuid) -> LedgerEntryVersionList
        = get(&["ledger-entries", &id.to_string(), "versions"], &());
    /// Writes up to 5,000 entries; sent again they change nothing.
    batch_upsert_ledger_entries(options: &BatchOptions, items: &[LedgerEntryInput]) -> BatchReport
        = batch_upsert("ledger-entries", options, items);
    /// What it costs to keep a customer.
    load_maintenance_costs(query: &MaintenanceCostQuery) -> UnitCostReport
        = get(&["maintenance-costs"], query);
    /// What each metric means.
    list_metric_definitions() -> MetricDefinitionList = get(&["metric-definitions"], &());
    /// How recurring revenue moved in a month, and what each definition makes of it.
    load_metrics(query: &MetricQuery) -> MetricReport = get(&["metrics"], query);
    /// Months whose books are closed.
    list_period_closes() -> PeriodCloseList = get(&["period-closes"], &());
    /// The closing that ended with a month.
    load_period_close(month: Month) -> PeriodClose
        = get(&["period-closes", &month.to_string()], &());
    /// Closes the books of a month and of those before it; the record of who did what has why.
    close_period(close: &PeriodCloseInput, why: &str) -> PeriodClose
        = post_because(&["period-closes"], close, why);
    /// Programmes that have a budget or costs.
    list_programmes() -> ProgrammeList = get(&["programmes"], &());
    /// What a programme was to cost, and did.
    load_programme(programme: &str, query: &ComparisonQuery) -> ProgrammeReport
        = get(&["programmes", programme], query);
    /// What a programme may cost by its newest budget, if it has one, and what it did.
    load_programme_money(programme: &str, query: &ProgrammeMoneyQuery) -> ProgrammeMoney
        = get(&["programmes", programme, "money"], query);
    /// Every version of a programme's budget.
    list_budgets(programme: &str) -> BudgetList = get(&["programmes", programme, "budgets"], &());
    /// One version of a programme's budget.
    load_budget(programme: &str, version: u32) -> Budget
        = get(&["programmes", programme, "budgets", &version.to_string()], &());
    /// Plans what a programme may cost.
    create_budget(programme: &str, budget: &BudgetInput) -> Budget
        = post(&["programmes", programme, "budgets"], budget);
    /// A page of how people answer to spending.
    list_response_histories(query: &ResponseHistoryQuery) -> ResponseHistoryPage
        = get(&["response-histories"], query);
    /// States how people answer to spending.
    create_response_history(history: &ResponseHistoryInput) -> ResponseHistory
        = post(&["response-histories"], history);
    /// One version of how people answer to spending.
    load_response_history(id: Uuid) -> ResponseHistory
        = get(&["response-histories", &id.to_string()], &());
    /// A page of what customers were charged.
    list_revenues(query: &RevenueQuery) -> RevenuePage = get(&["revenues"], query);
    /// One revenue.
    load_revenue(id: Uuid) -> Revenue = get(&["revenues", &id.to_string()], &());
    /// Writes up to 5,000 charges; sent again they change nothing.
    batch_upsert_revenues(options: &BatchOptions, items: &[RevenueInput]) -> BatchReport
        = batch_upsert("revenues", options, items);
    /// What segments did in a month.
    list_segment_months(month: Month) -> SegmentMonthList
        = get(&["segment-months", &month.to_string()], &());
    /// Writes what segments did in a month; in place of something else, only of the version that
    /// `If-Match` names.
    put_segment_months(month: Month, segments: &SegmentMonthList, if_match: Option<&str>) -> SegmentMonthList
        = put_version(&["segment-months", &month.to_string()], segments, if_match);
    /// Orders that what segments did is counted from the records of all services, and waits so long for it;
    /// [`count_months`](Self::count_months) waits until it is.
    count_segment_months(order: &SegmentMonthCount, wait: Duration) -> Ordered<SegmentMonthCountReport>
        = order(&["segment-months:count"], order, wait);
    /// What was counted, by the job that did.
    load_segment_month_count(job: Uuid) -> SegmentMonthCountReport
        = get(&["segment-month-counts", &job.to_string()], &());
    /// A page of jobs.
    list_jobs(query: &PageQuery) -> JobPage = get(&["jobs"], query);
    /// How a job stands.
    load_job(id: Uuid) -> Job = get(&["jobs", &id.to_string()], &());
    /// Asks a job to stop.
    cancel_job(id: Uuid) -> Job = post(&["jobs", &format!("{id}:cancel")], &());
    /// Hands a file of records over, and waits so long for what comes of it.
    create_import(input: &ImportInput, wait: Duration) -> Import = upload(&["imports"], input, wait);
    /// A page of imports.
    list_imports(query: &SequenceQuery) -> ImportPage = get(&["imports"], query);
    /// How an import stands.
    load_import(id: Uuid) -> Import = get(&["imports", &id.to_string()], &());
    /// Asks an import to stop.
    cancel_import(id: Uuid) -> Import = post(&["imports", &format!("{id}:cancel")], &());
    /// Takes back what an import wrote.
    undo_import(id: Uuid) -> Import = post(&["imports", &format!("{id}:undo")], &());
    /// A page of the rows that an import did not take.
    list_rejected_import_rows(id: Uuid, query: &SequenceQuery) -> RejectedImportRowPage
        = get(&["imports", &id.to_string(), "rejected"], query);
    /// A page of events, oldest first; a cursor may be the id of the last event that the caller has.
    list_events(query: &SequenceQuery) -> EventPage = get(&["events"], query);
    /// One event, and who has heard of it.
    load_event(id: Uuid) -> KeptEvent = get(&["events", &id.to_string()], &());
    /// A page of webhooks.
    list_webhooks(query: &SequenceQuery) -> WebhookPage = get(&["webhooks"], query);
    /// Makes a webhook; answers its secret.
    create_webhook(new: &WebhookInput) -> WebhookWithSecret = post(&["webhooks"], new);
    /// One webhook.
    load_webhook(id: Uuid) -> Webhook = get(&["webhooks", &id.to_string()], &());
    /// Removes a webhook; answers what it was.
    delete_webhook(id: Uuid) -> Webhook = delete(&["webhooks", &id.to_string()]);
    /// Gives a webhook a new secret; the old one holds for a day beside it.
    rotate_webhook_secret(id: Uuid) -> WebhookWithSecret
        = post(&["webhooks", &format!("{id}:rotate_secret")], &());
    /// Sends an event to a webhook, to try it.
    test_webhook(id: Uuid) -> KeptEvent = post(&["webhooks", &format!("{id}:test")], &());
}

impl FinanceClient {
    /// Orders a count and waits until it is done, however long it takes.
    ///
    /// # Errors
    /// [`ClientError`]; the job's own problem when it fails.
    pub async fn count_months(
        &self,
        order: &SegmentMonthCount,
    ) -> Result<SegmentMonthCountReport, ClientError> {
        self.0
            .done(self.count_segment_months(order, WAIT).await?)
            .await
    }

    /// Hands a general ledger over and waits until it is taken, however long that takes.
    ///
    /// # Errors
    /// [`ClientError`]; the job's own problem when it fails.
    pub async fn take_general_ledger(
        &self,
        query: &GeneralLedgerQuery,
        csv: String,
    ) -> Result<GeneralLedgerReport, ClientError> {
        self.0
            .done(self.import_general_ledger(query, csv, WAIT).await?)
            .await
    }
}
