//! An invented twin of a well-known file: a score that was written down when it was known who left.

use std::collections::BTreeMap;

use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::experience::ExposureRow;
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::simulator::{Link, LinkExposure, LinkVerdict};
use keepworth_contract::{FlagCode, Month};

use super::{AS_OF, Records, link, order};

/// A quarter in which all left who scored 1 or 2, some who scored 3, and nobody else.
fn quarter(answered: &str) -> Records {
    let month: Month = answered.parse().unwrap();
    let customers = (0..1_000_u32).map(|number| {
        let score = number % 5 + 1;
        let left = score < 3 || (score == 3 && number % 35 == 2);
        let customer = CustomerKey {
            source: "crm".to_owned(),
            external_id: format!("{number:04}"),
        };
        let scores = BTreeMap::from([("CSAT".to_owned(), score.cast_signed())]);
        let row = ExposureRow {
            customer: customer.clone(),
            month: month.to_string(),
            contacts: BTreeMap::new(),
            issues: BTreeMap::new(),
            unresolved: 0,
            abandoned: 0,
            scores,
        };
        let episode = EpisodeRow {
            customer,
            segment: ["monthly", "yearly"][(number / 5 % 2) as usize].to_owned(),
            earlier_segments: Vec::new(),
            acquired_on: Month::of("2022-04-01".parse().unwrap())
                .plus((number % 30).cast_signed())
                .first_day(),
            acquisition_channel: None,
            observed_from: "2025-04-01".parse().unwrap(),
            observed_to: AS_OF.parse().unwrap(),
            left,
            cause: None,
        };
        (episode, vec![row])
    });
    customers.collect()
}

fn told(link: &Link) -> (LinkVerdict, FlagCode) {
    (link.verdict, link.quality_flags[0].code)
}

#[test]
fn a_score_that_decides_who_leaves_is_refused() {
    let link = link(&order(LinkExposure::Csat), &quarter("2025-03"));
    assert_eq!(told(&link), (LinkVerdict::Refused, FlagCode::Separation));
    assert!(link.coefficient.is_none() && link.grade == keepworth_contract::finance::Grade::D);
    assert!(
        link.reason.contains("csat separates those who left"),
        "{}",
        link.reason
    );
    assert_eq!(
        link.levels.iter().map(|it| it.customers).sum::<u64>(),
        1_000
    );
    assert_eq!((link.levels[0].left, link.levels[4].left), (200, 0));
}

#[test]
fn a_score_of_the_month_of_leaving_is_an_outcome() {
    let late = super::try_link(
        &super::LinkInput {
            window_months: 1,
            ..order(LinkExposure::Csat)
        },
        &quarter("2025-05"),
    );
    assert_eq!(late.unwrap().verdict, LinkVerdict::Refused);
    let mut mixed = quarter("2025-06");
    // One early answer, so that there is something to look at before June.
    mixed[4].1[0].month = "2025-03".to_owned();
    let link = link(&order(LinkExposure::Csat), &mixed);
    assert_eq!(told(&link), (LinkVerdict::Refused, FlagCode::ReversedTime));
    assert!(
        link.reason.contains("only in the month in which they left"),
        "{}",
        link.reason
    );
}
