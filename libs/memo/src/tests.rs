//! Memos of small runs, read back.

use keepworth_contract::simulator::{Case, OutcomeName, RunResult};
use keepworth_sim::{Control, RunOptions, Scenario, run};
use keepworth_verdict::number::Unit;
use keepworth_verdict::words::chance;
use keepworth_verdict::{Finding, Reasons, explained, finding, middle_case, told, unit_of};
use lopdf::Document;

use crate::words::number;
use crate::{Contents, memo};

const SCENARIO: &str = r#"
name = "Fewer leave"
currency = "EUR"
horizon_months = 24
discount_rate = 0.1
[[segments]]
name = "home"
customers = 1000
won_per_month = 10
hazard = { constant = { hazard = "0.01 to 0.03" } }
revenue = 50
gross_margin = 0.5
acquisition_cost = 100
[[initiatives]]
name = "care"
reach = { home = 1 }
effects = [{ on = "hazard", size = "0.1 to 0.4", grade = "A" }]
costs = [{ type = "people", amount = 600, recurrence = "monthly" }, { type = "process", amount = 9000 }]
"#;

/// What a run leaves behind.
struct Told {
    result: RunResult,
    finding: Finding,
    unit: Unit,
    case: Case,
    reasons: Option<Reasons>,
}

impl Told {
    fn new(scenario: &str) -> Self {
        Self::of(scenario, 1_000)
    }

    fn of(scenario: &str, trials: u64) -> Self {
        let scenario = Scenario::from_toml(scenario).unwrap();
        let model = scenario.resolve(None).unwrap();
        let options = RunOptions {
            trials,
            ..RunOptions::default()
        };
        let result = run(&model, &options, &Control::default()).unwrap();
        let explained = explained(&model, &options, &Control::default()).unwrap();
        Self {
            finding: finding(&result, model.currency(), model.horizon_months()).unwrap(),
            unit: unit_of(&result),
            case: middle_case(&model, &options).unwrap(),
            reasons: explained.map(|it| Reasons::new(&it).unwrap()),
            result: told(&result).unwrap(),
        }
    }

    fn write(&self) -> Vec<u8> {
        memo(Contents {
            result: &self.result,
            finding: &self.finding,
            unit: self.unit,
            case: &self.case,
            reasons: self.reasons.as_ref(),
            as_of: "2026-06-30".parse().ok(),
            run: Some("0199a1b2"),
        })
        .unwrap()
    }

    /// What both pages say, with spaces between words.
    fn pages(&self) -> [String; 2] {
        let bytes = self.write();
        if let Ok(folder) = std::env::var("KEEPWORTH_MEMO_DUMP") {
            let name = std::thread::current().name().unwrap().replace("::", "-");
            std::fs::write(format!("{folder}/{name}.pdf"), &bytes).unwrap();
        }
        let document = Document::load_mem(&bytes).unwrap();
        assert_eq!(document.get_pages().len(), 2);
        [1, 2].map(|page| {
            let text = document.extract_text(&[page]).unwrap();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        })
    }
}

#[test]
fn both_pages_say_what_the_run_found() {
    let told = Told::new(SCENARIO);
    let [first, second] = told.pages();
    let npv = &told.result.outcomes[&OutcomeName::Npv];
    let error = npv.mc_error.p50.unwrap();
    let middle = keepworth_verdict::words::within_error(number(npv.p50).unwrap(), error);
    let middle = told.unit.money(middle, "EUR");
    let loss = chance(
        told.result.probabilities.npv_negative.value,
        told.result.trials,
    );
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        &plain(&told.finding.question),
        &plain(&told.finding.answer),
        &plain(&format!("Net present value, median {middle}")),
        &format!("Chance of a loss {loss}"),
        &format!("Lose money: {loss}"),
        "Run 0199a1b2, seed 1, engine",
        "Page 1 of 2",
    ] {
        assert!(first.contains(said), "{said:?} is not in {first}");
    }
    for said in [
        "What decides it?",
        "home: hazard",
        "It pays on average if",
        "Deciding now instead of knowing",
        "Author, name and signature",
        "Approver, name and signature",
        "Page 2 of 2",
    ] {
        assert!(second.contains(said), "{said:?} is not in {second}");
    }
}

#[test]
fn the_same_run_has_the_same_bytes() {
    let [one, other] = [(); 2].map(|()| Told::new(SCENARIO).write());
    assert!(one == other);
}

#[test]
fn who_listens_hears_headings_tables_and_pictures() {
    let bytes = Told::new(SCENARIO).write();
    let document = Document::load_mem(&bytes).unwrap();
    let catalog = document.catalog().unwrap();
    let marks = catalog.get(b"MarkInfo").unwrap().as_dict().unwrap();
    assert!(marks.get(b"Marked").unwrap().as_bool().unwrap());
    let kinds: Vec<&[u8]> = document
        .objects
        .values()
        .filter_map(|it| it.as_dict().ok()?.get(b"S").ok()?.as_name().ok())
        .collect();
    let count = |kind: &[u8]| kinds.iter().filter(|it| **it == kind).count();
    assert_eq!([count(b"H1"), count(b"Table"), count(b"Figure")], [1, 1, 3]);
    assert_eq!(count(b"H2"), 6, "sections");
}

#[test]
fn long_names_are_cut_and_strange_letters_are_named() {
    let name = "Very long name of a programme ".repeat(17);
    let strange = SCENARIO.replace("Fewer leave", &name).replace(
        "name = \"care\"",
        &format!("name = \"{}\\u202e \u{5b57}\u{5d0}\"", "x".repeat(200)),
    );
    let [first, second] = Told::new(&strange).pages();
    assert!(first.contains('\u{2026}'), "{first}");
    assert!(second.contains("U+05D0, U+5B57"), "{second}");
}

#[test]
fn what_never_pays_back_says_so() {
    let dear = SCENARIO.replace("amount = 9000", "amount = 900000");
    let [first, _] = Told::new(&dear).pages();
    assert!(first.contains("not by month 24"), "{first}");
    assert!(first.contains("Fewer than half of the futures"), "{first}");
    assert!(
        first.contains("Make money: under 1 in 100") || first.contains("Make money: none"),
        "{first}"
    );
}

#[test]
fn what_has_no_benefit_or_no_cost_has_a_memo() {
    let none = SCENARIO.replace("\"0.1 to 0.4\"", "0.0");
    let [first, _] = Told::new(&none).pages();
    assert!(first.contains("Make money:"), "{first}");
    let (free, _) = SCENARIO.split_once("costs =").unwrap();
    let [first, _] = Told::new(free).pages();
    assert!(
        first.contains("no cost") && first.contains("nothing to pay back"),
        "{first}"
    );
}

#[test]
fn few_inputs_none_and_many_have_a_memo() {
    let certain = SCENARIO
        .replace("\"0.01 to 0.03\"", "0.02")
        .replace("\"0.1 to 0.4\"", "0.2");
    let graded = certain.replace("grade = \"A\"", "causal_share = 1, grade = \"A\"");
    let [_, second] = Told::new(&graded).pages();
    assert!(second.contains("What it rests on"), "{second}");
    let lines: String = (0..60)
        .map(|it| {
            format!(
                "[[initiatives]]\nname = \"more {it}\"\nreach = {{ home = 1 }}\n\
                 costs = [{{ type = \"people\", amount = \"10 to {}\" }}]\n",
                20 + it
            )
        })
        .collect();
    let [_, second] = Told::of(&format!("{SCENARIO}{lines}"), 400).pages();
    assert!(
        second.contains("more, which move the result less"),
        "{second}"
    );
}

#[test]
fn too_few_futures_say_that_they_tell_nothing() {
    let told = Told::of(SCENARIO, 8);
    assert!(told.reasons.is_none());
    assert!(told.pages()[1].contains("too few to tell"));
}
