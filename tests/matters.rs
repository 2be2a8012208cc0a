//! Every figure of the records is heard: moved in the files, it moves in the baseline, and with it the
//! verdict, the way that it must.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::company::{baseline, simulate};
use crate::support::{Database, FILES, Keepworth, Kind, run};

/// A row of a file by its columns: what becomes of it.
type Edit = fn(file: &str, row: &mut Row) -> Keep;

/// Whether a row stays.
#[derive(PartialEq)]
enum Keep {
    Yes,
    No,
}

/// A row with the names of its columns.
struct Row<'a> {
    names: &'a [&'a str],
    cells: Vec<String>,
}

impl Row<'_> {
    fn cell(&mut self, name: &str) -> &mut String {
        let index = self.names.iter().position(|it| *it == name).unwrap();
        &mut self.cells[index]
    }

    /// Multiplies a number, to as many digits as it has.
    fn times(&mut self, name: &str, factor: f64) {
        let cell = self.cell(name);
        let digits = cell.split_once('.').map_or(0, |(_, it)| it.len());
        *cell = format!("{:.digits$}", cell.parse::<f64>().unwrap() * factor);
    }
}

/// Multiplies what one category of the ledger costs.
fn ledger(file: &str, row: &mut Row<'_>, category: &str, factor: f64) -> Keep {
    if file == "ledger" && row.cell("category") == category {
        row.times("amount_eur", factor);
    }
    Keep::Yes
}

/// Which way a figure goes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Up,
    Down,
    /// One of them: the rest decides.
    Either,
    /// By less than two percent: what is more on one side is less on the other.
    Hardly,
}
use Way::{Down, Either, Hardly, Up};

/// A change of the records, and what must come of it.
struct Move {
    what: &'static str,
    edit: Edit,
    /// Shares that finance confirms: component and share.
    confirmed: [(&'static str, &'static str); 2],
    figures: &'static [(&'static str, Way)],
    npv: Way,
    /// What the result must say.
    said: &'static str,
}

const CONFIRMED: [(&str, &str); 2] = [("CONSUMPTION", "0.5"), ("OVERHEAD", "0.5")];

fn moves() -> Vec<Move> {
    let of = |what, edit: Edit, figures, npv| Move {
        what,
        edit,
        confirmed: CONFIRMED,
        figures,
        npv,
        said: "",
    };
    vec![
        of(
            "every invoice a fifth more",
            |file, row| {
                if file == "invoices" {
                    row.times("amount_eur", 1.2);
                }
                Keep::Yes
            },
            &[
                ("revenue", Up),
                ("mean_recurring_charge", Up),
                ("gross_margin", Up),
            ],
            Up,
        ),
        of(
            "goods a fifth dearer",
            |file, row| ledger(file, row, "COST_OF_REVENUE", 1.2),
            &[("gross_margin", Down)],
            Down,
        ),
        of(
            "overhead half as much again",
            |file, row| ledger(file, row, "OVERHEAD", 1.5),
            &[
                ("overhead", Up),
                ("maintenance_cost", Up),
                ("acquisition_to_maintenance_cost", Down),
            ],
            Down,
        ),
        of(
            "service half as much again",
            |file, row| ledger(file, row, "SERVICE", 1.5),
            &[("cost_per_minute.phone", Up), ("maintenance_cost", Up)],
            Up,
        ),
        of(
            "winning half as much again",
            |file, row| ledger(file, row, "ACQUISITION", 1.5),
            &[
                ("acquisition_cost", Up),
                ("acquisition_to_maintenance_cost", Up),
            ],
            Up,
        ),
        of(
            "contacts twice as long, at the same cost",
            |file, row| {
                if file == "contacts" {
                    row.times("seconds", 2.0);
                }
                Keep::Yes
            },
            &[("minutes.phone", Up), ("cost_per_minute.phone", Down)],
            Hardly,
        ),
        of(
            "half of the contacts never happened, at the same cost",
            |file, row| match file == "contacts"
                && row.cell("contact").ends_with(['1', '3', '5', '7', '9'])
            {
                true => Keep::No,
                false => Keep::Yes,
            },
            &[("contacts.phone", Down), ("cost_per_minute.phone", Up)],
            Either,
        ),
        of(
            "half of those who left are still there",
            |file, row| match file == "departures"
                && row.cell("customer").ends_with(['1', '3', '5', '7', '9'])
            {
                true => Keep::No,
                false => Keep::Yes,
            },
            &[
                ("left", Down),
                ("hazard", Down),
                ("customers", Up),
                ("customer_months", Up),
                ("person_months", Up),
            ],
            Either,
        ),
        of(
            "nobody left for what they lived through",
            |file, row| {
                if file == "departures" {
                    *row.cell("reason") = "CIRCUMSTANCE".to_owned();
                }
                Keep::Yes
            },
            &[("experience_share", Down)],
            Down,
        ),
        of(
            "half of those who were won of late never came",
            |file, row| {
                let customer = match file {
                    "ledger" => return Keep::Yes,
                    _ => row.cell("customer").clone(),
                };
                match customer.ends_with(['1', '3', '5', '7', '9']) {
                    true => Keep::No,
                    false => Keep::Yes,
                }
            },
            &[
                ("won_per_month", Down),
                ("customers", Down),
                ("overhead", Up),
                ("acquisition_cost", Up),
            ],
            Down,
        ),
        of(
            "everybody recommends",
            |file, row| {
                if file == "survey" {
                    *row.cell("recommend") = "10".to_owned();
                }
                Keep::Yes
            },
            // A score is a reading; money comes from what customers do.
            &[("nps", Up)],
            Hardly,
        ),
        Move {
            said: "left_to_the_scenario",
            ..of(
                "overhead is a running programme",
                |file, row| {
                    if file == "ledger" && row.cell("category") == "OVERHEAD" {
                        *row.cell("category") = "PROGRAMME".to_owned();
                    }
                    Keep::Yes
                },
                // What programmes cost that run already is the scenario's to say.
                &[("overhead", Down), ("programme_cost", Up)],
                Up,
            )
        },
        Move {
            confirmed: [("CONSUMPTION", "0.9"), ("OVERHEAD", "0.5")],
            ..of(
                "finance confirms more of the contacts",
                |_, _| Keep::Yes,
                &[],
                Up,
            )
        },
        Move {
            confirmed: [("CONSUMPTION", "0.5"), ("OVERHEAD", "0.9")],
            ..of(
                "finance confirms more of the overhead",
                |_, _| Keep::Yes,
                &[],
                Down,
            )
        },
    ]
}

/// The records' company with what was made of it.
struct Company {
    document: Value,
    npv: f64,
    /// All that the result says beside its figures.
    flags: String,
}

impl Company {
    /// Imports the edited files, confirms, freezes and simulates.
    fn new(files: &Path, edit: Edit, confirmed: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::new(Kind::Sqlite);
        let keepworth = Keepworth::up(&database);
        for (kind, name) in FILES {
            let file = folder.path().join(name).with_extension("csv");
            let text = std::fs::read_to_string(files.join(name).with_extension("csv")).unwrap();
            std::fs::write(&file, edited(name, &text, edit)).unwrap();
            let mapping = files.join("mappings").join(name).with_extension("toml");
            keepworth.import(kind, &file, &mapping, &[]).done();
        }
        let truth = std::fs::read_to_string(files.join("truth/truth.json")).unwrap();
        let truth: Value = serde_json::from_str(&truth).unwrap();
        let as_of = truth["as_of"].as_str().unwrap();
        for (component, share) in confirmed {
            let body = json!({ "component": component, "effective_from": &as_of[..7],
                               "share": share, "reason": "paid by the hour" });
            let (status, answer) = keepworth.post("/finance/v1/avoidable-shares", &body);
            assert_eq!(status, 201, "{answer}");
        }
        let path = folder.path().join("baseline.json");
        let document = baseline(&keepworth, as_of, &path);
        let scenario = folder.path().join("scenario.toml");
        std::fs::write(&scenario, scenario_for(&document)).unwrap();
        let result = simulate(&scenario, &path, &["--trials", "1000"]);
        let result: Value = serde_json::from_str(&result).unwrap();
        Self {
            document,
            npv: result["outcomes"]["npv"]["mean"].as_f64().unwrap(),
            flags: result["flags"].to_string(),
        }
    }

    /// A figure of the company as a whole, a channel's as `minutes.phone`.
    fn figure(&self, name: &str) -> f64 {
        let company = &self.document["company"];
        let figure = match name.split_once('.') {
            None => &company["figures"][name],
            Some((figure, channel)) => {
                let channels = company["channels"].as_array().unwrap();
                let channel = channels.iter().find(|it| it["name"] == channel);
                &channel.unwrap()[figure]
            }
        };
        figure["value"].as_f64().unwrap_or_default()
    }

    /// The names of all figures.
    fn names(&self) -> BTreeSet<String> {
        let company = &self.document["company"];
        let figures = company["figures"].as_object().unwrap().keys().cloned();
        let channel = company["channels"][0].as_object().unwrap().iter();
        let channel = channel.filter(|(_, figure)| figure.get("value").is_some());
        figures
            .chain(channel.map(|(name, _)| name.clone()))
            .collect()
    }
}

/// A programme that touches everything.
fn scenario_for(document: &Value) -> String {
    let segments = document["segments"].as_array().unwrap();
    let reach: Vec<String> = segments
        .iter()
        .map(|it| format!("{} = 1.0", it["name"].as_str().unwrap()))
        .collect();
    let reach = reach.join(", ");
    format!(
        "name = \"Everything\"\nhorizon_months = 24\ndiscount_rate = 0.1\n\
         [[initiatives]]\nname = \"care\"\nreach = {{ {reach} }}\n\
         costs = [{{ type = \"people\", amount = 5000 }}]\n\
         effects = [\n  {{ on = \"hazard\", size = 0.1, grade = \"A\" }},\n  {{ on = \"contacts\", size = 0.3, grade = \"A\" }},\n  \
         {{ on = \"cac\", size = 0.1, grade = \"A\" }},\n]\n"
    )
}

fn edited(file: &str, text: &str, edit: Edit) -> String {
    let mut lines = text.lines();
    let head = lines.next().unwrap();
    let names: Vec<&str> = head.split(',').collect();
    let mut out = format!("{head}\n");
    for line in lines {
        let cells = line.split(',').map(str::to_owned).collect();
        let mut row = Row {
            names: &names,
            cells,
        };
        if edit(file, &mut row) == Keep::Yes {
            out += &row.cells.join(",");
            out.push('\n');
        }
    }
    out
}

/// Why a figure did not go the way it must, if so.
fn fault(name: &str, before: f64, after: f64, way: Way) -> Option<String> {
    let is_so = match way {
        Up => after > before,
        Down => after < before,
        Either => after != before,
        Hardly => (after / before - 1.0).abs() < 0.02,
    };
    (!is_so).then(|| format!("{name} must go {way:?}, and goes from {before} to {after}"))
}

#[test]
fn every_figure_is_heard() {
    let files = tempfile::tempdir().unwrap();
    let (path, truth) = (files.path(), files.path().join("truth"));
    let truth = truth.to_str().unwrap();
    let order = ["sample", "--company", "in-class", "--customers", "300"];
    let to = [
        "--seed",
        "7",
        "-o",
        path.to_str().unwrap(),
        "--truth",
        truth,
    ];
    run(&[&order[..], &to[..]].concat()).done();
    let base = Company::new(path, |_, _| Keep::Yes, &CONFIRMED);
    let mut faults = Vec::new();
    let mut heard = BTreeSet::new();
    for it in moves() {
        let moved = Company::new(path, it.edit, &it.confirmed);
        let mut found: Vec<String> = it
            .figures
            .iter()
            .filter_map(|(name, way)| fault(name, base.figure(name), moved.figure(name), *way))
            .collect();
        found.extend(fault("NPV", base.npv, moved.npv, it.npv));
        if !moved.flags.contains(it.said) {
            found.push(format!("nothing says {}", it.said));
        }
        if moved.document["hash"] == base.document["hash"] {
            found.push("the baseline is the same".to_owned());
        }
        faults.extend(
            found
                .into_iter()
                .map(|fault| format!("{}: {fault}", it.what)),
        );
        heard.extend(
            it.figures
                .iter()
                .map(|(name, _)| name.split('.').next().unwrap().to_owned()),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let names = base.names();
    let never: Vec<&String> = names.difference(&heard).collect();
    assert!(never.is_empty(), "never moved: {never:?}");
}
