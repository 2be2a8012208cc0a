//! What of issues, raised Ps and records is refused, with the place and the way out.

use keepworth_sim::{Baseline, Scenario};
use serde_json::json;

/// Segment "one" calls about the bill and about repairs; "it" starts in month 6.
const COMPANY: &str = r#"
name = "Refused"
currency = "EUR"
horizon_months = 24
discount_rate = 0.1

[[segments]]
name = "one"
customers = 1000
won_per_month = 0
hazard = { constant = { hazard = 0.03 } }
revenue = 50
gross_margin = 0.6
CHANNELS

[[initiatives]]
name = "board"
RAISES

[[initiatives]]
name = "it"
start_month = 6
reach = { one = 1.0 }
readiness = { people = 2, process = 2, politics = 2 }
effects = [{ on = "contacts", size = 0.1, EFFECT }]
"#;

const CHANNELS: &str = r#"channels = [{ name = "phone", contacts = 1, minutes = 5, cost_per_minute = 1, issues = [
    { name = "bill", contacts = 30, minutes = 2 }, { name = "repair", contacts = 70, minutes = 8 }] }]"#;

fn text(channels: &str, raises: &str, effect: &str) -> String {
    let parts = [
        ("CHANNELS", channels),
        ("RAISES", raises),
        ("EFFECT", effect),
    ];
    parts
        .iter()
        .fold(COMPANY.to_owned(), |text, (place, part)| {
            text.replace(place, part)
        })
}

fn refused(text: &str, baseline: Option<&Baseline>, place: &str, words: &[&str]) {
    let error = Scenario::from_toml(text)
        .and_then(|scenario| scenario.resolve(baseline))
        .unwrap_err();
    assert!(error.path.starts_with(place), "{place} is not in: {error}");
    assert!(error.line.is_some(), "{error}");
    for word in words {
        assert!(
            error.to_string().contains(word),
            "\"{word}\" is not in: {error}"
        );
    }
}

const BILL: &str = "issue = \"bill\"";

#[test]
fn issues_that_nobody_called_about() {
    Scenario::from_toml(&text(CHANNELS, "", BILL))
        .unwrap()
        .resolve(None)
        .unwrap();
    let refuses = |channels: &str, effect: &str, place: &str, words: &[&str]| {
        refused(&text(channels, "", effect), None, place, words);
    };
    let issue = "initiatives[1].effects[0].issue";
    refuses(
        CHANNELS,
        "issue = \"parking\"",
        issue,
        &["\"parking\"", "bill (30 by phone), repair (70 by phone)"],
    );
    refuses(
        CHANNELS,
        "issue = \"bill\", channel = \"chat\"",
        issue,
        &["no list of issues"],
    );
    let on_leaving = text(CHANNELS, "", BILL).replace("on = \"contacts\"", "on = \"arpu\"");
    refused(&on_leaving, None, issue, &["effect on contacts or minutes"]);
    let issues = "segments[0].channels[0].issues";
    refuses(
        &CHANNELS.replace("\"repair\"", "\"bill\""),
        BILL,
        issues,
        &["bill", "twice"],
    );
    refuses(
        &CHANNELS.replace(", minutes = 8", ""),
        BILL,
        issues,
        &["\"bill\" says", "\"repair\" does not", "of all issues"],
    );
    refuses(
        &CHANNELS
            .replace("minutes = 8", "minutes = 0")
            .replace("minutes = 2", "minutes = 0"),
        BILL,
        issues,
        &["no issue takes any minutes", "leave minutes out"],
    );
    let effect = |written: &str| {
        CHANNELS.replace(
            "8 }] }]",
            &format!("8 }}], issues_design_effect = {written} }}]"),
        )
    };
    refuses(
        &effect("0.5"),
        BILL,
        "segments[0].channels[0].issues_design_effect",
        &["0.5", "1 or more"],
    );
    let nothing = "channels = [{ name = \"phone\", contacts = 1, minutes = 5, cost_per_minute = 1, issues_design_effect = 2 }]";
    refuses(
        nothing,
        "grade = \"A\"",
        "segments[0].channels[0].issues_design_effect",
        &["no issues", "leave it out"],
    );
}

#[test]
fn raises_of_nothing_and_of_nobody() {
    let refuses = |raises: &str, place: &str, words: &[&str]| {
        refused(&text(CHANNELS, raises, BILL), None, place, words);
    };
    let place = "initiatives[0].raises";
    refuses(
        "raises = { after_months = 3 }",
        place,
        &["raises nothing", "people, process or politics"],
    );
    refuses(
        "raises = { people = 6, after_months = 3 }",
        "initiatives[0].raises.people",
        &["6", "from 0 to 5"],
    );
    refuses(
        "raises = { people = 1, after_months = 0 }",
        "initiatives[0].raises.after_months",
        &["1 to 1200"],
    );
    refuses(
        "raises = { people = 1, after_months = 7 }",
        place,
        &["raises nobody", "month 7"],
    );
    let of = |name: &str, months: u32| {
        format!("raises = {{ people = 1, after_months = {months}, of = [\"{name}\"] }}")
    };
    refuses(
        &of("them", 3),
        "initiatives[0].raises.of[0]",
        &["them", "board, it"],
    );
    refuses(
        &of("board", 3),
        "initiatives[0].raises.of[0]",
        &["no readiness"],
    );
    refuses(
        &of("it", 7),
        "initiatives[0].raises.of[0]",
        &["starts in month 6", "in month 7"],
    );
    let stopped = "reach = { one = 1.0 }\neffects = [{ on = \"arpu\", size = 0.1, grade = \"A\" }]\n\
                   stop = { after_months = 2, on = \"arpu\", threshold = 0.1, reading_sd = 0.1 }\n\
                   raises = { people = 1, after_months = 3 }";
    refuses(stopped, place, &["stopping rule"]);
    let twice = "raises = { people = 1, after_months = 3 }\n[[initiatives]]\nname = \"council\"\n\
                 raises = { people = 1, process = 1, after_months = 1 }";
    refuses(
        twice,
        "initiatives[2].readiness.people",
        &["\"board\" and \"council\"", "people"],
    );
    let circle = "start_month = 3\nraises = { politics = 1, after_months = 1 }\n\
                  gate = { pilot = \"it\", on = \"contacts\", threshold = 0.1, reading_sd = 0.1 }";
    refuses(
        circle,
        "initiatives[0].gate.pilot",
        &[
            "wait for each other",
            "by what they raise",
            "a pilot starts before",
        ],
    );
    refuses(
        "start_month = 4294967295",
        "initiatives[0].start_month",
        &["4294967295", "0 to 1200"],
    );
}

#[test]
fn records_that_tell_nothing() {
    let outlook = |written: &str| {
        let head = "discount_rate = 0.1";
        text(CHANNELS, "", BILL).replace(head, &format!("{head}\noutlook = {{ {written} }}"))
    };
    refused(
        &outlook("contacts = \"records\""),
        None,
        "outlook.contacts",
        &["baseline", "contacts_trend and contacts_season"],
    );
    refused(
        &outlook("revenue = \"records\""),
        None,
        "outlook.revenue",
        &["baseline", "revenue_trend"],
    );
    let baseline: Baseline = serde_json::from_value(json!({
        "as_of": "2025-12-31", "currency": "EUR", "segments": [{
            "name": "one", "customers_by_tenure": [1000], "won_per_month": 0, "hazard": { "constant": { "hazard": 0.03 } },
            "revenue": 50, "gross_margin": 0.6, "overhead": 0, "acquisition_cost": 0,
        }],
        "contacts_calendar": { "trend": 0.1 }, "revenue_calendar": { "trend": 0.1, "season": [1.0, 2.0] },
    }))
    .unwrap();
    let on = |written: &str, place: &str, words: &[&str]| {
        refused(&outlook(written), Some(&baseline), place, words);
    };
    on(
        "contacts = \"records\", contacts_trend = 0.1",
        "outlook.contacts_trend",
        &["contacts = \"records\"", "keep one"],
    );
    on(
        "revenue = \"records\", trend_damping = 2",
        "outlook.trend_damping",
        &["2"],
    );
    on(
        "trend_damping = 0.9",
        "outlook.trend_damping",
        &["no trend"],
    );
}
