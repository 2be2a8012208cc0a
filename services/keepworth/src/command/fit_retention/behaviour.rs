//! From a file to an answer.

use proptest::prelude::*;
use serde_json::Value;

use super::Args;
use super::answer::Answer;
use crate::command::fit::Joined;
use crate::command::on_file;

/// The answer to a command line on this content, drawn and shown too.
fn answer(content: &str, options: &[&str]) -> anyhow::Result<Value> {
    let (args, _file) = on_file::<Args>(content, options)?;
    let answer = args.answer()?;
    let folder = tempfile::tempdir()?;
    if answer.curves().iter().any(|curve| curve.end() > 0.0) {
        super::plot::draw(&folder.path().join("plot.svg"), &answer.curves())?;
    }
    assert!(!crate::present::text(&answer.sheets()).is_empty() && !answer.rows().is_empty());
    json(&answer)
}

/// The answer to a command line, for the tests of its neighbours.
pub(crate) fn json_of(content: &str, options: &[&str]) -> anyhow::Result<Value> {
    let (args, _file) = on_file::<Args>(content, options)?;
    json(&args.answer()?)
}

fn json(Answer { fit, further, .. }: &Answer) -> anyhow::Result<Value> {
    Ok(serde_json::to_value(Joined { fit, further })?)
}

const CUSTOMERS: &str = "\
T,E,since,plan,price,why,id
5,1,0,basic,9,moved,1
9,yes,0,basic,10,price,2
14,0,3,basic,8,,3
4,1,0,plus,15,price,4
6,1,2,plus,14,price,5
8,0,0,plus,16,,6
12,1,0,basic,12,moved,7
16,0,4,plus,11,,8
";
const BASE: [&str; 4] = ["--duration", "T", "--event", "E"];

fn with(options: &[&'static str]) -> Vec<&'static str> {
    [&BASE[..], options].concat()
}

#[test]
fn every_model_answers_with_the_documented_keys() {
    let covariates = ["--covariates", "price", "--bands", "0,6"];
    for model in ["km", "sbg", "bdw", "hazard", "cox"] {
        let options = with(&["--entry", "since", "--model", model]);
        let regression = matches!(model, "hazard" | "cox");
        let options = if regression {
            [&options[..], &covariates].concat()
        } else {
            options
        };
        let json = match answer(CUSTOMERS, &options) {
            // Eight customers may be too few for a mixture; the reason is then an error.
            Err(error) if matches!(model, "sbg" | "bdw") => {
                assert!(!error.to_string().is_empty());
                continue;
            }
            result => result.unwrap(),
        };
        assert_eq!(
            (json["model"].as_str(), json["n"].as_f64()),
            (Some(model), Some(8.0))
        );
        for key in [
            "estimates",
            "covariance",
            "loglik",
            "converged",
            "flags",
            "verdict",
            "reason",
        ] {
            assert!(json.get(key).is_some(), "{model} has no {key}");
        }
        for key in ["t", "at_risk", "events", "value", "se", "low", "high"] {
            assert!(
                json["survival"][0][key].is_number(),
                "{model} has no survival {key}"
            );
        }
        assert!(json["medians"]["all"]["value"].is_number());
    }
}

/// Fader & Hardie (2007), as in the reference of the library.
#[test]
fn survivors_are_fitted_up_to_a_period() {
    let counts = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207];
    let rows: String = (0..)
        .zip(counts)
        .map(|(t, n)| format!("{t},{n}\n"))
        .collect();
    let file = format!("period,regular\n{rows}");
    let options = ["--model", "sbg", "--survivors", "regular", "--periods", "7"];
    let json = answer(&file, &options).unwrap();
    let alpha = json["estimates"]["alpha"]["value"].as_f64().unwrap();
    assert!((alpha - 0.704_077).abs() < 1e-4);
    assert_eq!(json["survival"].as_array().unwrap().len(), 7);
    assert_eq!(json["fitted"].as_array().unwrap().len(), 15);
    assert!(answer(&file, &["--survivors", "regular", "--periods", "20"]).is_err());
    assert!(answer("period,x\n0,9\n2,7\n", &["--survivors", "x"]).is_err());
}

#[test]
fn groups_and_causes_are_told_apart() {
    let json = answer(CUSTOMERS, &with(&["--group", "plan", "--cause", "why"])).unwrap();
    assert_eq!(json["logrank"]["df"], 1);
    assert_eq!(json["survival"][0]["group"], "basic");
    let causes = json["cumulative_incidence"].as_array().unwrap();
    assert!(causes.iter().any(|point| point["cause"] == "price"));
    let last = |cause: &str| {
        let of_cause = causes.iter().filter(|point| point["cause"] == cause);
        of_cause
            .map(|point| point["value"].as_f64().unwrap())
            .fold(0.0, f64::max)
    };
    assert!(last("price") + last("moved") <= 1.0 + 1e-12);
}

#[test]
fn groups_are_compared_within_strata() {
    let of = |options: &[&'static str]| {
        let json = answer(CUSTOMERS, &with(options)).unwrap();
        json["logrank"]["chi2"].as_f64().unwrap()
    };
    let all = of(&["--group", "plan"]);
    let within = of(&["--group", "plan", "--strata", "why"]);
    assert!((all - within).abs() > 1e-3, "{all} {within}");
    let cox = with(&[
        "--model",
        "cox",
        "--covariates",
        "price",
        "--group",
        "plan",
        "--strata",
        "why",
    ]);
    let error = answer(CUSTOMERS, &cox).unwrap_err().to_string();
    assert!(error.contains("--group"), "{error}");
}

#[test]
fn the_window_of_observation_is_always_told() {
    let codes = |options: &[&'static str]| {
        let json = answer(CUSTOMERS, &with(options)).unwrap();
        json["flags"].to_string()
    };
    assert!(codes(&[]).contains("entry_assumed"));
    assert!(codes(&["--window", "3"]).contains("window_assumed"));
    assert!(!codes(&["--entry", "since"]).contains("assumed"));
    let renamed = CUSTOMERS.replacen("T,", "tenure,", 1);
    let json = answer(&renamed, &["--duration", "tenure", "--event", "E"]).unwrap();
    assert_eq!(json["verdict"], "warned");
}

/// Who left on the day they came was a customer that day: R's survival has 6/7 = 0.857 at time 0.
#[test]
fn those_of_one_day_are_kept_or_left_out_and_told() {
    let file = "T,E\n0,no\n1,yes\n34,no\n2,yes\n45,no\n0,no\n0,yes\n";
    let survival = |json: &Value, step: usize| json["survival"][step]["value"].as_f64().unwrap();
    let kept = answer(file, &BASE).unwrap();
    assert_eq!(kept["n"], 7.0);
    assert!((survival(&kept, 0) - 6.0 / 7.0).abs() < 1e-12, "{kept}");
    let told = kept["flags"].to_string();
    assert!(
        told.contains("3 customers were seen at one tenure only, 1 of them leaving: they are kept")
    );
    let rest = answer(file, &with(&["--same-day", "leave-out"])).unwrap();
    assert_eq!(rest["n"], 4.0);
    assert!((survival(&rest, 0) - 0.75).abs() < 1e-12);
    assert!(rest["flags"].to_string().contains("they are left out"));
    for model in ["hazard", "bdw", "cox"] {
        let more = format!(
            "{}{}",
            file.replace('\n', ",1\n").replace("E,1", "E,x"),
            "3,yes,2\n5,no,2\n5,yes,2\n"
        );
        let options = with(&["--model", model]);
        let covariates: &[&str] = if model == "bdw" {
            &[]
        } else {
            &["--covariates", "x", "--prior", "weak", "--bands", "0"]
        };
        let json = answer(&more, &[&options[..], covariates].concat()).unwrap();
        // Of those who only came nothing is known of a whole period.
        assert_eq!(
            json["n"],
            if model == "bdw" { 8.0 } else { 10.0 },
            "{model}"
        );
    }
}

/// 60 customers of whom `known` says who left, with a plan and a place that say the same.
fn leaking() -> String {
    let rows = (0..60).map(|i| {
        let left = i % 2;
        let plan = ["basic", "plus", "pro"][i % 3];
        let place = ["north", "south", "west"][i % 3];
        format!("{},{left},{left},{plan},{place}\n", 1 + (7 * i) % 20)
    });
    "T,E,known,plan,place\n".to_owned() + &rows.collect::<String>()
}

#[test]
fn what_predicts_leaving_without_error_is_named() {
    for (model, covariates) in [
        ("cox", "known"),
        ("cox", "known,plan"),
        ("hazard", "known"),
        ("hazard", "plan,known"),
    ] {
        let options = with(&["--model", model, "--covariates", covariates, "--bands", "0"]);
        let error = format!("{:#}", answer(&leaking(), &options).unwrap_err());
        assert!(
            error.starts_with("known ") && error.contains("leave it out"),
            "{error}"
        );
    }
}

/// The commonest plan is what the others are compared with.
#[test]
fn a_plan_that_nobody_left_is_named() {
    let rows = (0..90).map(|i| {
        let plan = ["pro", "plus", "pro", "basic"][i % 4];
        let left = u8::from(plan != "pro" && i % 3 == 0);
        format!("{},{left},{plan}\n", 1 + (7 * i) % 20)
    });
    let file = "T,E,plan\n".to_owned() + &rows.collect::<String>();
    for model in ["cox", "hazard"] {
        let options = with(&["--model", model, "--covariates", "plan", "--bands", "0"]);
        let error = format!("{:#}", answer(&file, &options).unwrap_err());
        assert!(
            error.ends_with("(none of the 45 with plan pro left)"),
            "{error}"
        );
    }
}

#[test]
fn what_others_say_already_is_left_out_and_told() {
    for model in ["cox", "hazard"] {
        let options = with(&[
            "--model",
            model,
            "--covariates",
            "plan,place",
            "--bands",
            "0",
        ]);
        let json = answer(&leaking(), &options).unwrap();
        assert!(json["estimates"]["plan=plus"].is_object(), "{json}");
        assert!(json["estimates"]["place=south"].is_null(), "{json}");
        let told = json["flags"].to_string();
        assert!(told.contains("place=south (told by plan=plus)"), "{told}");
    }
}

/// Remissions with 6-MP: the mean up to 35 weeks is 23.29 (2.83) (Klein & Moeschberger, section 4.5);
/// up to 10 weeks 6 + 6/7 + 3·6/7·16/17.
#[test]
fn mean_times_go_as_far_as_asked() {
    let file = format!("T,E\n{}\n", REMISSIONS.replace(' ', "\n"));
    let mean = |options: &[&'static str]| {
        let json = answer(&file, &with(options)).unwrap();
        assert_eq!(
            json["estimates"]["restricted_mean"]["value"],
            json["restricted_means"]["all"]["estimate"]["value"]
        );
        (
            json["estimates"]["restricted_mean"].clone(),
            json["flags"].to_string(),
        )
    };
    let (whole, _) = mean(&[]);
    assert!(
        (whole["value"].as_f64().unwrap() - 23.29).abs() < 5e-3,
        "{whole}"
    );
    assert!(
        (whole["se"].as_f64().unwrap() - 2.83).abs() < 5e-3,
        "{whole}"
    );
    let (ten, flags) = mean(&["--mean-until", "10"]);
    let told = 6.0 + 6.0 / 7.0 * (1.0 + 3.0 * 16.0 / 17.0);
    assert!(
        (ten["value"].as_f64().unwrap() - told).abs() < 1e-12,
        "{ten}"
    );
    assert!(!flags.contains("mean_time_cut"));
    assert!(
        mean(&["--mean-until", "50"])
            .1
            .contains("nobody was seen beyond 35")
    );
    assert!(answer(&file, &with(&["--mean-until", "-1"])).is_err());
}

/// Weeks in remission with 6-MP, and whether it ended (Freireich et al. 1963).
const REMISSIONS: &str = "6,1 6,1 6,1 6,0 7,1 9,0 10,1 10,0 11,0 13,1 16,1 17,0 19,0 20,0 22,1 23,1 25,0 32,0 32,0 34,0 35,0";

/// Freireich's remissions: placebo has the coefficient 1.509 (0.410) by Breslow (Kleinbaum & Klein,
/// Survival Analysis, chapter 3) and 1.572 (0.412) by Efron (R's survival).
#[test]
fn ties_are_taken_as_asked() {
    let placebo = [
        1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23,
    ];
    let mut file = "T,E,placebo\n".to_owned();
    placebo.iter().for_each(|t| file += &format!("{t},1,1\n"));
    REMISSIONS
        .split(' ')
        .for_each(|row| file += &format!("{row},0\n"));
    for (ties, value, se) in [("breslow", 1.509, 0.410), ("efron", 1.572, 0.412)] {
        let options = with(&["--model", "cox", "--covariates", "placebo", "--ties", ties]);
        let found = &answer(&file, &options).unwrap()["estimates"]["placebo"];
        assert!(
            (found["value"].as_f64().unwrap() - value).abs() < 6e-4,
            "{found}"
        );
        assert!((found["se"].as_f64().unwrap() - se).abs() < 6e-4, "{found}");
    }
    let error = answer(&file, &with(&["--ties", "breslow"]))
        .unwrap_err()
        .to_string();
    assert_eq!(error, "--ties goes with --model cox");
}

#[test]
fn faults_name_line_and_column() {
    let fault = |content: &str, options: &[&str]| match answer(content, options) {
        Ok(json) => panic!("no fault in {json}"),
        Err(error) => format!("{error:#}"),
    };
    let km = &BASE[..];
    assert!(fault("T\n1\n", km).contains("no column `E`"));
    assert!(fault("T,E\n-1,1\n", km).contains("line 2: exit is -1"));
    assert!(fault("T,E\n1,maybe\n", km).contains("line 2: the event is `maybe`"));
    assert!(fault("T,E\n", km).contains("weight above 0"));
    assert!(fault(CUSTOMERS, &with(&["--covariates", "price"])).contains("--group"));
    let cox = with(&["--model", "cox", "--covariates", "plan,why,id,price"]);
    assert!(!fault(CUSTOMERS, &cox).is_empty());
    let constant = with(&["--model", "cox", "--covariates", "z"]);
    let message = fault("T,E,z\n1,1,3\n2,0,3\n", &constant);
    assert!(
        message.contains("covariate z has the one value 3"),
        "{message}"
    );
}

/// Cells of all kinds, some of them sense.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        5 => (0u8..12).prop_map(|n| n.to_string()),
        2 => prop_oneof![Just("yes"), Just("no"), Just("a"), Just("b")].prop_map(String::from),
        1 => prop_oneof![
            Just("-1"), Just("NaN"), Just("inf"), Just(""), Just("1e300"), Just("0.5"), Just("\"")
        ].prop_map(String::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever the file, there is an answer or a reason.
    #[test]
    fn no_file_panics(
        rows in prop::collection::vec([(0u8..12).prop_map(|n| n.to_string()).boxed(),
            cell().boxed(), cell().boxed(), cell().boxed(), cell().boxed()], 0..15),
        model in prop_oneof![Just("km"), Just("sbg"), Just("bdw"), Just("hazard"), Just("cox")],
        options in prop::sample::subsequence(vec![
            ["--entry", "a"], ["--weights", "b"], ["--group", "c"], ["--covariates", "b,c"],
            ["--cause", "c"], ["--id", "a"], ["--prior", "weak"], ["--bands", "every"],
        ], 0..5),
    ) {
        let lines: String = rows.iter().map(|row| row.join(",") + "\n").collect();
        let content = format!("T,E,a,b,c\n{lines}");
        let options: Vec<&str> = options.into_iter().flatten().collect();
        let _ = answer(&content, &[&with(&["--model", model]), &options[..]].concat());
    }

    /// Nor does any sequence of bytes.
    #[test]
    fn no_bytes_panic(content in "[T,E0-9a\"\\n\\r;. -]{0,80}") {
        let _ = answer(&content, &BASE);
        let _ = answer(&format!("period,T\n{content}"), &["--survivors", "T", "--model", "bdw"]);
    }
}
