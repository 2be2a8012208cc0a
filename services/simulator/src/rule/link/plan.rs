//! Which months of which customers an order asks for, held against what is recorded.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use keepworth_contract::experience::ExposureRow;
use keepworth_contract::simulator::{LinkDirection, LinkExposure, LinkInput, LinkPrior};
use keepworth_contract::{FaultCode, InvalidParam, Month, MonthError, Word};
use keepworth_intake::fault::{not_come_yet, text};
use keepworth_retention::link::ScepticalPrior;

/// The longest window, in months.
const LONGEST_WINDOW: u32 = 24;
/// The longest notice, in months.
const LONGEST_NOTICE: u32 = 12;
/// The longest name of a channel, in characters.
const LONGEST_CHANNEL: usize = 64;
/// Beyond this no log hazard ratio is meant.
const WIDEST_PRIOR: f64 = 5.0;

/// What is wrong with an order, as far as that can be said without records.
pub(crate) fn faults(order: &LinkInput, today: NaiveDate) -> Vec<InvalidParam> {
    let mut faults = Vec::new();
    let mut add = |name: &str, code, reason: String| {
        faults.push(InvalidParam::new(name, code, reason));
    };
    if let Some(why) = not_come_yet(order.as_of, today) {
        add("as_of", FaultCode::InTheFuture, why);
    }
    if !(1..=LONGEST_WINDOW).contains(&order.window_months) {
        let reason = format!(
            "is {}; give 1 to {LONGEST_WINDOW} months",
            order.window_months
        );
        add("window_months", FaultCode::OutOfRange, reason);
    }
    if order.notice_months > LONGEST_NOTICE {
        let reason = format!(
            "is {}; give 0 to {LONGEST_NOTICE} months",
            order.notice_months
        );
        add("notice_months", FaultCode::OutOfRange, reason);
    }
    if order.channel.is_some() && !order.exposure.has_channels() {
        let reason = format!(
            "is given for {}, which records do not tell apart by channel; leave it out, or take CONTACTS or \
             REPEAT_CONTACTS",
            order.exposure.name()
        );
        add("channel", FaultCode::WithoutMeaning, reason);
    }
    let mut named = order.confounders.clone();
    named.sort_unstable();
    if named.windows(2).any(|pair| pair[0] == pair[1]) {
        let reason = "names one twice; name each once".to_owned();
        add("confounders", FaultCode::Duplicate, reason);
    }
    if let Some(LinkPrior { mean, sd }) = order.prior {
        let fits = mean.abs() <= WIDEST_PRIOR && sd > 0.0 && sd <= WIDEST_PRIOR;
        if !fits {
            let reason = format!(
                "has mean {mean} and sd {sd}; give a mean of -5 to 5 and an sd above 0, up to 5"
            );
            add("prior", FaultCode::OutOfRange, reason);
        }
    }
    let until = order.until.unwrap_or_else(|| Month::of(order.as_of));
    if until > Month::of(order.as_of) {
        let reason = format!(
            "is {until}, after {} as of which facts count; give an earlier month, or a later as_of",
            order.as_of
        );
        add("until", FaultCode::InTheFuture, reason);
    }
    if let Some(from) = order.from.filter(|from| *from > until) {
        let reason = format!("is {from}, after the last month at risk {until}; give one before it");
        add("from", FaultCode::DatesOutOfOrder, reason);
    }
    let channel = order.channel.as_deref().filter(|_| faults.is_empty());
    faults.extend(channel.and_then(|channel| text("channel", channel, LONGEST_CHANNEL)));
    faults
}

/// What is recorded at all, from one pass over the exposures.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    /// Customer-months with an answer of each kind, and the first month of any.
    answers: BTreeMap<String, (u64, Month)>,
    /// Contacts by channel.
    channels: BTreeMap<String, u64>,
    /// The first month with a contact, taken or given up.
    first_contact: Option<Month>,
}

impl Recorded {
    /// Notes a row of experience/exposures.
    pub(crate) fn add(&mut self, row: &ExposureRow) -> Result<(), MonthError> {
        let month: Month = row.month.parse()?;
        for kind in row.scores.keys() {
            let noted = self.answers.entry(kind.clone()).or_insert((0, month));
            *noted = (noted.0 + 1, noted.1.min(month));
        }
        for (channel, sum) in &row.contacts {
            *self.channels.entry(channel.clone()).or_default() += sum.count;
        }
        if !row.contacts.is_empty() || row.unresolved + row.abandoned > 0 {
            let first = self.first_contact.get_or_insert(month);
            *first = month.min(*first);
        }
        Ok(())
    }

    /// The first month of what an order asks for.
    fn first(&self, order: &LinkInput) -> Result<Month, InvalidParam> {
        let name = order.exposure.name();
        let missing = |field, reason| InvalidParam::new(field, FaultCode::InvalidValue, reason);
        if order.exposure.is_answer() {
            let first = self.answers.get(name).map(|(_, first)| *first);
            return first.ok_or_else(|| {
                let kinds = self.answers.iter().map(|(kind, (n, _))| format!("{kind} ({n})"));
                let reason = format!(
                    "is {name}, and no such answer is recorded until {}; recorded are {}: take one of them, or \
                     import feedback of this kind",
                    order.as_of,
                    listed(kinds, "no answers at all")
                );
                missing("exposure", reason)
            });
        }
        let first = self.first_contact.ok_or_else(|| {
            let reason = format!(
                "is {name}, and no contact is recorded until {}; import interactions first",
                order.as_of
            );
            missing("exposure", reason)
        })?;
        match &order.channel {
            Some(channel) if !self.channels.contains_key(channel) => {
                let channels = self.channels.iter().map(|(it, n)| format!("{it} ({n})"));
                let reason = format!(
                    "is `{channel}`, by which no contact is recorded until {}; recorded are {}: take one of them",
                    order.as_of,
                    listed(channels, "contacts that were given up alone")
                );
                Err(missing("channel", reason))
            }
            _ => Ok(first),
        }
    }
}

fn listed(names: impl Iterator<Item = String>, none: &str) -> String {
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        none.to_owned()
    } else {
        names.join(", ")
    }
}

/// Which months of customers count, and what is looked at before each.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) exposure: LinkExposure,
    pub(crate) channel: Option<String>,
    /// Months that are looked at.
    pub(crate) window: i32,
    /// Months between those and the month at risk.
    pub(crate) notice: i32,
    /// The first month at risk.
    pub(crate) from: Month,
    /// The last.
    pub(crate) until: Month,
    pub(crate) as_of: NaiveDate,
    pub(crate) direction: LinkDirection,
    pub(crate) prior: LinkPrior,
}

impl Plan {
    /// Holds an order against what is recorded.
    ///
    /// # Errors
    /// What is not recorded, with the place in the order and the way out.
    pub(crate) fn new(order: &LinkInput, recorded: &Recorded) -> Result<Self, InvalidParam> {
        let first = recorded.first(order)?;
        let [window, notice] = [order.window_months, order.notice_months].map(u32::cast_signed);
        let until = order.until.unwrap_or_else(|| Month::of(order.as_of));
        // A count of three months needs three months of records; a last answer may be of any.
        let whole = first.plus(window + notice);
        let earliest = if order.exposure.is_answer() {
            first.plus(1 + notice)
        } else {
            whole
        };
        if whole > until {
            let longest = until.index() - first.index() - notice;
            let reason = format!(
                "is {window}, and records of {} begin in {first}, so that a window before {until} reaches back \
                 before them; {}",
                order.exposure.name(),
                if longest > 0 {
                    format!("give at most {longest}, or import earlier records")
                } else {
                    "import earlier records".to_owned()
                }
            );
            let (name, code) = ("window_months", FaultCode::OutOfRange);
            return Err(InvalidParam::new(name, code, reason));
        }
        if let Some(from) = order.from.filter(|from| *from < earliest) {
            let reason = format!(
                "is {from}, and records of {} begin in {first}: with this window the first month at risk is \
                 {earliest}; give that or a later one, or leave it out",
                order.exposure.name()
            );
            return Err(InvalidParam::new("from", FaultCode::TooEarly, reason));
        }
        let usual = ScepticalPrior::of_exposure(order.exposure.name());
        Ok(Self {
            exposure: order.exposure,
            channel: order.channel.clone(),
            window,
            notice,
            from: order.from.unwrap_or(earliest),
            until,
            as_of: order.as_of,
            direction: order
                .direction
                .unwrap_or_else(|| order.exposure.usual_direction()),
            prior: order.prior.unwrap_or(LinkPrior {
                mean: usual.mean,
                sd: usual.sd,
            }),
        })
    }
}
