//! A customer who moves between segments: each month at risk is one of the segment on its first day.

use std::collections::BTreeMap;

use keepworth_contract::customers::{EarlierSegment, EpisodeRow};
use keepworth_contract::experience::{ContactSum, ExposureRow};
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::simulator::LinkExposure;

use super::{AS_OF, Records, counted, order};

/// Basic until 10 April 2025, gold from then on; a call in each month.
fn records() -> Records {
    let customer = CustomerKey {
        source: "crm".to_owned(),
        external_id: "1".to_owned(),
    };
    let months = (1..=6).map(|month| format!("2025-{month:02}"));
    let call = ContactSum {
        count: 1,
        handle_seconds: 60,
    };
    let rows = months.map(|month| ExposureRow {
        customer: customer.clone(),
        month,
        contacts: BTreeMap::from([("phone".to_owned(), call)]),
        issues: BTreeMap::new(),
        unresolved: 0,
        abandoned: 0,
        scores: BTreeMap::new(),
    });
    let rows = rows.collect();
    let basic = EarlierSegment {
        segment: "basic".to_owned(),
        until: "2025-04-10".parse().unwrap(),
    };
    let episode = EpisodeRow {
        customer,
        segment: "gold".to_owned(),
        earlier_segments: vec![basic],
        acquired_on: "2024-01-01".parse().unwrap(),
        acquisition_channel: None,
        observed_from: "2024-01-01".parse().unwrap(),
        observed_to: AS_OF.parse().unwrap(),
        left: false,
        cause: None,
    };
    vec![(episode, rows)]
}

#[test]
fn a_month_at_risk_is_one_of_the_segment_on_its_first_day() {
    let cells = counted(&order(LinkExposure::Contacts), &records());
    let mut months: BTreeMap<&str, u64> = BTreeMap::new();
    for (key, count) in &cells.counts {
        let segment = cells.segments.names[key.segment as usize].as_str();
        *months.entry(segment).or_default() += count;
    }
    // Three months of calls come before the first that counts: April, of whose first day they are basic.
    assert_eq!(months, BTreeMap::from([("basic", 1), ("gold", 2)]));
}
