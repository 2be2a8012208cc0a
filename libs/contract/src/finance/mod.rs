//! The finance service: what was spent, what customers were charged, and what both come to.

mod account;
mod acquire_or_keep;
mod acquire_or_keep_answer;
mod acquisition_source;
mod allocation;
mod allocation_rule;
pub mod avoidable;
mod avoidable_share;
mod budget;
mod campaign_touch;
mod client;
mod consumption_cost;
mod conversion;
mod cost;
mod cost_concentration;
mod earned_growth;
mod exchange_outlook;
mod feed;
mod fx_rate;
mod general_ledger;
mod ledger;
mod ledger_entry;
mod lever_basis;
mod metric;
mod period_close;
mod programme;
mod response_evidence;
mod response_history;
mod revenue;
mod segment_month;
mod segment_month_count;
mod unit_cost;
mod win_back;

pub use account::{Account, AccountInput, AccountList};
pub use acquire_or_keep::{AcquireOrKeep, AcquireOrKeepQuery, AcquireOrKeepReport};
pub use acquire_or_keep_answer::{
    AcquireOrKeepAnswer, ChurnBreakEven, PlainRegression, Verdict, VerdictChance,
};
pub use acquisition_source::{
    AcquisitionSource, AcquisitionSourceReport, CampaignCostQuery, OverlapRule,
};
pub use allocation::{
    AllocatedCost, Allocation, AllocationLine, KnownMonthQuery, MonthQuery, UnallocatedCost,
};
pub use allocation_rule::{
    AllocationMethod, AllocationRule, AllocationRuleInput, AllocationRuleList, StatedShare,
};
pub use avoidable_share::{
    AvoidableShare, AvoidableShareInput, AvoidableShareList, MaintenanceComponent,
};
pub use budget::{Budget, BudgetInput, BudgetLine, BudgetList};
pub use campaign_touch::{CampaignTouch, CampaignTouchQuery};
pub use client::FinanceClient;
pub use consumption_cost::{
    ChannelConsumption, ConsumptionReport, PeriodQuery, SegmentConsumption,
};
pub use conversion::{CONVERSION_RULE, ConversionRate, RateDerivation, RateKind};
pub use cost::CampaignTouchInput;
pub use cost_concentration::{
    ConcentrationQuery, ConcentrationReport, CostliestCustomers, CustomerConcentration,
};
pub use earned_growth::{EarnedGrowthQuery, EarnedGrowthReport};
pub use exchange_outlook::{ExchangeOutlook, ExchangeOutlookQuery};
pub use feed::{
    CostRow, EconomicsRow, FinanceFeedPageQuery, FinanceFeedQuery, PurchaseDay, PurchaseRow,
    RateFeedPageQuery, RateFeedQuery, RevenueFeedPageQuery, RevenueFeedQuery, RevenueRow,
};
pub use fx_rate::{FxRate, FxRateInput, FxRateQuery};
pub use general_ledger::{GeneralLedgerQuery, GeneralLedgerReport, RejectedVoucher};
pub use ledger::{Basis, CostCategory, CostComponent, LedgerEntryInput, ProgrammeLine};
pub use ledger_entry::{LedgerEntry, LedgerEntryQuery, LedgerEntryVersion, LedgerEntryVersionList};
pub use lever_basis::{FigureSource, Grade, LeverBasis, LeverEvidence};
pub use metric::{
    CancellationRule, CustomerMovements, Metric, MetricDefinition, MetricDefinitionList,
    MetricQuery, MetricReport, MetricUnit, RevenueMovements,
};
pub use period_close::{PeriodClose, PeriodCloseInput, PeriodCloseList};
pub use programme::{
    ComparisonQuery, PlannedAgainstSpent, ProgrammeList, ProgrammeMoney, ProgrammeMoneyQuery,
    ProgrammeReport, ProgrammeSummary,
};
pub use response_evidence::{
    ElicitedPoint, ObservedPoint, ProgrammeDesign, ProgrammeEvidence, ResponseEvidence,
};
pub use response_history::{
    CurveFit, Lever, ResponseCurve, ResponseHistory, ResponseHistoryInput, ResponseHistoryQuery,
};
pub use revenue::{Revenue, RevenueQuery};
pub use revenue::{RevenueInput, RevenueKind};
pub use segment_month::{ChannelMonth, SegmentMonth, SegmentMonthList};
pub use segment_month_count::{CountedMonth, SegmentMonthCount, SegmentMonthCountReport};
pub use unit_cost::{CostLine, MaintenanceCostQuery, UnitCost, UnitCostQuery, UnitCostReport};
pub use win_back::{WinBackBand, WinBackQuery, WinBackReport};

use crate::Page;
use crate::batch::Batch;

/// Up to 5,000 records at once.
pub type CampaignTouchBatch = Batch<CampaignTouchInput>;
/// A page of a list.
pub type CampaignTouchPage = Page<CampaignTouch>;
/// A page of a list.
pub type FxRatePage = Page<FxRate>;
/// Up to 5,000 records at once.
pub type LedgerEntryBatch = Batch<LedgerEntryInput>;
/// A page of a list.
pub type LedgerEntryPage = Page<LedgerEntry>;
/// A page of a list.
pub type ResponseHistoryPage = Page<ResponseHistory>;
/// Up to 5,000 records at once.
pub type RevenueBatch = Batch<RevenueInput>;
/// A page of a list.
pub type RevenuePage = Page<Revenue>;
/// A page of a feed.
pub type EconomicsFeedPage = crate::feed::FeedPage<EconomicsRow>;
/// A page of a feed.
pub type PurchaseFeedPage = crate::feed::FeedPage<PurchaseRow>;
/// A page of a feed.
pub type RateFeedPage = crate::feed::FeedPage<ConversionRate>;
/// A page of a feed.
pub type RevenueFeedPage = crate::feed::FeedPage<RevenueRow>;
