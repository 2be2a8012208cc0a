//! What is asked for in vain is refused with the place and the way out.

use keepworth_contract::simulator::{LinkExposure, LinkInput, LinkPrior};
use keepworth_contract::{FaultCode, InvalidParam, Word};

use super::company::{PLAIN, Truth, company};
use super::{Plan, Records, counted, link, order, recorded, try_link};
use crate::rule::link::plan::faults;

fn few() -> Records {
    company(
        1,
        &Truth {
            customers: 400,
            ..PLAIN
        },
    )
}

fn refused(order: &LinkInput) -> InvalidParam {
    Plan::new(order, &recorded(&few())).unwrap_err()
}

#[test]
fn what_is_not_recorded_is_named_with_what_is() {
    let unknown = refused(&order(LinkExposure::Ces));
    assert_eq!(unknown.name, "exposure");
    assert!(unknown.reason.contains("no answers at all"), "{unknown:?}");
    let channel = refused(&LinkInput {
        channel: Some("fax".to_owned()),
        ..order(LinkExposure::Contacts)
    });
    assert_eq!(channel.name, "channel");
    assert!(channel.reason.contains("phone ("), "{channel:?}");
}

#[test]
fn a_window_beyond_the_records_says_how_long_one_may_be() {
    let long = refused(&LinkInput {
        window_months: 24,
        ..order(LinkExposure::Contacts)
    });
    assert_eq!(
        (&*long.name, &*long.code),
        ("window_months", FaultCode::OutOfRange.name())
    );
    assert!(long.reason.contains("give at most 17"), "{long:?}");
    let early = refused(&LinkInput {
        from: Some("2024-02".parse().unwrap()),
        ..order(LinkExposure::Contacts)
    });
    assert_eq!(
        (&*early.name, &*early.code),
        ("from", FaultCode::TooEarly.name())
    );
    assert!(early.reason.contains("is 2024-04"), "{early:?}");
    let longest = LinkInput {
        window_months: 17,
        ..order(LinkExposure::Contacts)
    };
    Plan::new(&longest, &recorded(&few())).unwrap();
}

#[test]
fn an_order_is_looked_through_whole() {
    let wrong = LinkInput {
        window_months: 0,
        notice_months: 13,
        channel: Some("phone".to_owned()),
        until: Some("2025-07".parse().unwrap()),
        prior: Some(LinkPrior { mean: 0.0, sd: 0.0 }),
        ..order(LinkExposure::Nps)
    };
    let found = faults(&wrong, "2026-01-01".parse().unwrap());
    let names: Vec<&str> = found.iter().map(|it| &*it.name).collect();
    assert_eq!(
        names,
        [
            "window_months",
            "notice_months",
            "channel",
            "prior",
            "until"
        ]
    );
    let today = "2025-06-29".parse().unwrap();
    assert_eq!(faults(&order(LinkExposure::Nps), today)[0].name, "as_of");
}

/// Contacts of the month of leaving are consequences: without them, and only then, there is nothing to see.
#[test]
fn what_happens_in_the_month_of_leaving_does_not_count() {
    let records = few();
    let cells = counted(&order(LinkExposure::Contacts), &records);
    let months: u64 = cells.counts.values().sum();
    let left: u64 = cells
        .counts
        .iter()
        .filter(|(key, _)| key.left)
        .map(|(_, n)| n)
        .sum();
    assert!(months > 3_000 && left > 30, "{months} {left}");
    let before = link(&order(LinkExposure::Contacts), &records);
    let mut without = records.clone();
    for (episode, rows) in &mut without {
        let end = keepworth_contract::Month::of(episode.observed_to).to_string();
        rows.retain(|row| row.month != end);
    }
    let after = link(&order(LinkExposure::Contacts), &without);
    assert_eq!(before.data_hash, after.data_hash);
    assert_eq!(before.coefficient, after.coefficient);
}

#[test]
fn notice_moves_the_window_back() {
    let noticed = LinkInput {
        notice_months: 1,
        ..order(LinkExposure::Contacts)
    };
    let plan = Plan::new(&noticed, &recorded(&few())).unwrap();
    assert_eq!(plan.from.to_string(), "2024-05");
    assert_ne!(
        link(&noticed, &few()).data_hash,
        link(&order(LinkExposure::Contacts), &few()).data_hash
    );
}

#[test]
fn an_exposure_that_never_varies_is_no_link() {
    let error = try_link(&order(LinkExposure::UnresolvedContacts), &few()).unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("UNRESOLVED_CONTACTS is 0 before every month"),
        "{error}"
    );
}
