use chrono::NaiveDate;
use keepworth_contract::simulator::{LintCode, LintFinding, LintSeverity};
use keepworth_sim::Scenario;
use keepworth_sim::inputs::Distribution;
use keepworth_sim::scenario::Lever;

use super::{Today, lint};
use crate::{Files, FoundEvidence};

const HEAD: &str = "name = \"Plan\"\nhorizon_months = 24\ndiscount_rate = 0.1\n";
const CALL_BACK: &str = r#"
    [[initiatives]]
    name = "Call back"
    sponsor = "Ada"
    process_owner = "Grace"
    reach = { home = 1.0 }
    effects = [{ on = "hazard", size = "4% to 13%", grade = "B" }]
"#;

fn evidence(key: &str, withdrawn: Option<&str>, overdue: Option<NaiveDate>) -> FoundEvidence {
    FoundEvidence {
        key: key.to_owned(),
        version: 1,
        hash: String::new(),
        title: String::new(),
        lever: Lever::Hazard,
        size: Distribution::Fixed(0.1),
        grade: keepworth_contract::finance::Grade::B,
        overdue_since: overdue,
        withdrawn: withdrawn.map(str::to_owned),
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// What is found in a scenario on the sample's baseline, which is of 2025-12-31.
fn found_on(text: &str, today: &Today) -> Vec<LintFinding> {
    let scenario = Scenario::from_toml(text).unwrap();
    let mut library = Files {
        evidence: vec![
            evidence("sound", None, None),
            evidence("gone", Some("mixed up"), None),
            evidence("old", None, Some(day("2025-01-01"))),
        ],
        ..Files::default()
    };
    lint(&scenario, &crate::sample(), Some(&mut library), today).unwrap()
}

fn found(body: &str) -> Vec<LintFinding> {
    let today = Today {
        day: day("2026-06-30"),
        newest_baseline: None,
    };
    found_on(&format!("{HEAD}{body}"), &today)
}

fn codes(body: &str) -> Vec<(LintCode, String)> {
    found(body)
        .into_iter()
        .map(|it| (it.code, it.path))
        .collect()
}

fn one(code: LintCode, path: &str) -> Vec<(LintCode, String)> {
    vec![(code, path.to_owned())]
}

#[test]
fn of_a_sound_scenario_nothing_is_found() {
    assert_eq!(found(CALL_BACK), []);
}

#[test]
fn two_who_claim_one_effect_are_found_unless_they_say_what_they_work_on() {
    let second = |effect: &str| {
        let portal = CALL_BACK.replace("Call back", "Portal");
        portal.replace("size = \"4% to 13%\"", effect)
    };
    let both = format!("{CALL_BACK}{}", second("size = 0.05"));
    let twice = one(LintCode::EffectClaimedTwice, "initiatives[1].effects[0]");
    assert_eq!(codes(&both), twice);
    let what = &found(&both)[0].what;
    assert!(
        what.contains("\"Call back\" and \"Portal\"") && what.contains("home"),
        "{what}"
    );
    let one_part = both.replace("on = \"hazard\",", "on = \"hazard\", cause = \"EFFORT\",");
    assert_eq!(codes(&one_part), twice, "the same cause");
    let first = CALL_BACK.replace("on = \"hazard\",", "on = \"hazard\", cause = \"ATTITUDE\",");
    let parted = format!("{first}{}", second("size = 0.05, cause = \"EFFORT\""));
    assert_eq!(codes(&parted), []);
    let elsewhere = format!("{CALL_BACK}{}", second("size = 0.05")).replacen("home", "business", 1);
    assert_eq!(codes(&elsewhere), []);
    let gate = "gate = { pilot = \"Call back\", on = \"hazard\", threshold = 0.01 }\n";
    let rolled_out = format!("{both}{gate}");
    assert_eq!(codes(&rolled_out), [], "a roll-out is its pilot's");
}

#[test]
fn an_effect_that_nobody_feels_is_an_error() {
    let with = |effect: &str| CALL_BACK.replace("on = \"hazard\", size = \"4% to 13%\"", effect);
    let nobody = one(LintCode::NobodyFeelsIt, "initiatives[0].effects[0]");
    for (effect, felt) in [
        ("on = \"contacts\", size = 0.1, channel = \"phone\"", true),
        ("on = \"contacts\", size = 0.1, channel = \"fax\"", false),
        ("on = \"win_back\", size = 0.1", false),
        ("on = \"training_hours\", size = 0.1", false),
        ("on = \"hazard\", size = 0.1", true),
    ] {
        let expected = if felt { vec![] } else { nobody.clone() };
        assert_eq!(codes(&with(effect)), expected, "{effect}");
    }
    assert_eq!(
        found(&with("on = \"win_back\", size = 0.1"))[0].severity,
        LintSeverity::Error
    );
    assert_eq!(
        codes(&CALL_BACK.replace("home = 1.0", "home = 0.0")),
        nobody
    );
    let late = CALL_BACK.replace("reach", "start_month = 25\nreach");
    assert_eq!(codes(&late), nobody);
    let none_left = format!("{CALL_BACK}[[segments]]\nname = \"home\"\nexperience_share = 0.0\n");
    assert_eq!(codes(&none_left), nobody);
}

#[test]
fn who_carries_it_and_who_owns_the_process_is_asked() {
    let anonymous = CALL_BACK.replace("sponsor = \"Ada\"", "");
    assert_eq!(
        codes(&anonymous),
        one(LintCode::NoSponsor, "initiatives[0]")
    );
    let unowned = CALL_BACK.replace("process_owner = \"Grace\"", "process_owner = \" \"");
    assert_eq!(
        codes(&unowned),
        one(LintCode::NoProcessOwner, "initiatives[0]")
    );
}

#[test]
fn points_for_percent_are_found() {
    let size = |size: &str| CALL_BACK.replace("size = \"4% to 13%\"", size);
    let wrong = one(LintCode::PointsForPercent, "initiatives[0].effects[0].size");
    assert_eq!(codes(&size("size = \"55% to 80%\"")), wrong);
    assert_eq!(codes(&size("size = 0.5")), []);
    assert_eq!(
        codes(&size("size = 0.8, cause = \"EFFORT\"")),
        [],
        "a part may go away"
    );
    let shared = size("size = { input = \"effect\", scale = 2 }");
    let shared = format!("inputs.effect.distribution = 0.4\n{shared}");
    assert_eq!(codes(&shared), wrong);
    let through = |change: &str| {
        let link = format!("through = \"link/1\", {change}");
        codes(&CALL_BACK.replace("size = \"4% to 13%\", grade = \"B\"", &link))
    };
    let path = "initiatives[0].effects[0].change.csat";
    assert_eq!(
        through("change = { csat = 5 }"),
        one(LintCode::PointsForPercent, path)
    );
    assert_eq!(through("change = { csat = \"5%\" }"), []);
    assert_eq!(through("change_by = { csat = 5 }"), []);
}

#[test]
fn revenue_that_is_taken_for_margin_is_found() {
    let margin = |margin: &str| {
        format!("{CALL_BACK}[[segments]]\nname = \"home\"\ngross_margin = {margin}\n")
    };
    let wrong = one(LintCode::RevenueForMargin, "segments[0].gross_margin");
    assert_eq!(codes(&margin("1.0")), wrong);
    assert_eq!(codes(&margin("0.6")), []);
    let elsewhere = margin("1.0").replace("name = \"home\"", "name = \"business\"");
    assert_eq!(codes(&elsewhere), [], "nobody reaches it");
}

#[test]
fn the_same_risk_taken_off_twice_is_found() {
    let by_hand = |effect: &str| CALL_BACK.replace("grade = \"B\"", effect);
    // In place of the grade's, not beside it.
    assert_eq!(codes(&by_hand("grade = \"C\", causal_share = 0.5")), []);
    let haircut = "timing = \"tei\"\nrisk_adjustment = { benefits = 0.2 }\n";
    let path = "risk_adjustment.benefits";
    let found = codes(&format!("{haircut}{CALL_BACK}"));
    assert_eq!(found, one(LintCode::RiskTakenTwice, path));
    assert_eq!(codes(&format!("{haircut}{}", by_hand("grade = \"A\""))), []);
}

#[test]
fn evidence_that_is_refused_or_overdue_is_found() {
    let by = |key: &str| {
        let effect = format!("evidence = \"{key}\"");
        CALL_BACK.replace("size = \"4% to 13%\", grade = \"B\"", &effect)
    };
    let path = "initiatives[0].effects[0].evidence";
    assert_eq!(codes(&by("sound")), []);
    assert_eq!(codes(&by("gone")), one(LintCode::EvidenceRefused, path));
    assert_eq!(codes(&by("nothing")), one(LintCode::EvidenceRefused, path));
    assert_eq!(codes(&by("old")), one(LintCode::EvidenceOverdue, path));
    let other = by("sound").replace("on = \"hazard\"", "on = \"contacts\"");
    assert_eq!(codes(&other), one(LintCode::EvidenceRefused, path));
}

#[test]
fn a_baseline_ages_and_is_superseded() {
    let on = |today: &str, newest: Option<&str>| {
        let today = Today {
            day: day(today),
            newest_baseline: newest.map(day),
        };
        let findings = found_on(&format!("{HEAD}{CALL_BACK}"), &today);
        Vec::from_iter(findings.into_iter().map(|it| it.code))
    };
    assert_eq!(on("2026-12-31", Some("2025-12-31")), []);
    assert_eq!(on("2027-01-01", None), [LintCode::BaselineOld]);
    assert_eq!(
        on("2026-06-30", Some("2026-03-31")),
        [LintCode::BaselineSuperseded]
    );
}
