//! Files with a column a period, what follows for their histories, and what is refused.

use super::tests::answer;

/// Three donors over four years, in years and summed up.
const YEARS: &str = "\
y1,y2,y3,y4,n
1,0,1,0,40
0,0,0,0,70
,1,0,0,30
,0,1,1,20
1,1,1,1,50
";
const SUMS: &str = "\
x,t_x,T,n
2,3,4,40
0,0,4,70
1,1,3,30
2,3,3,20
4,4,4,50
";

fn of_years(content: &str) -> anyhow::Result<serde_json::Value> {
    let options = [
        "--model",
        "bg-bb",
        "--periods",
        "y1,y2,y3,y4",
        "--weights",
        "n",
    ];
    answer(content, &options)
}

#[test]
fn periods_are_summed_up_and_tracked() {
    let years = of_years(YEARS).unwrap();
    let sums = answer(SUMS, &["--model", "bg-bb", "--weights", "n"]).unwrap();
    assert_eq!(years["input_hash"], sums["input_hash"]);
    assert!(sums["tracking"].is_null());
    let tracked = years["tracking"]["periods"].as_array().unwrap();
    let actual: Vec<_> = tracked.iter().map(|it| it["actual"].as_f64()).collect();
    assert_eq!(actual, [90.0, 170.0, 280.0, 350.0].map(Some));
    let told = |figure: &serde_json::Value| figure.as_f64().unwrap();
    let expected = told(&tracked[3]["expected"]["value"]);
    assert!((expected / told(&years["data"]["expected_repeat_purchases"]) - 1.0).abs() < 1e-9);
}

#[test]
fn what_has_two_readings_is_refused() {
    let fault = |content: &str| format!("{:#}", of_years(content).unwrap_err());
    let head = "y1,y2,y3,y4,n\n1,0,1,0,9\n";
    assert!(fault(&format!("{head}1,,0,0,1\n")).contains("line 3: a period is empty after"));
    assert!(fault(&format!("{head}1,2,0,0,1\n")).contains("a period is `2`"));
    let firsts = "1,0,1,0,9\n".repeat(11);
    let told = fault(&format!("y1,y2,y3,y4,n\n{firsts}"));
    assert!(
        told.contains("all of 11 customers buy in the first"),
        "{told}"
    );
    let twice = ["--model", "bg-bb", "--periods", "y1,y1"];
    let told = answer(YEARS, &twice).unwrap_err().to_string();
    assert!(told.contains("names the column y1 twice"), "{told}");
    let other = ["--model", "bg-nbd", "--periods", "y1,y2"];
    let told = answer(YEARS, &other).unwrap_err().to_string();
    assert!(told.contains("--periods goes with --model bg-bb"), "{told}");
    let fraction = answer("x,t_x,T\n1,1.5,3\n", &["--model", "bg-bb"]).unwrap_err();
    assert!(
        fraction
            .to_string()
            .contains("counts periods in whole numbers")
    );
}

#[test]
fn outlook_and_shares_are_told_by_history_and_trait() {
    let options = [
        "--model",
        "bg-bb",
        "--weights",
        "n",
        "--next",
        "3",
        "--rate",
        "10%",
    ];
    let asked = ["--above", "purchase_chance=50%", "--level", "0.8"];
    let json = answer(SUMS, &[&options[..], &asked].concat()).unwrap();
    let histories = json["outlook"]["histories"].as_array().unwrap();
    assert_eq!(histories.len(), 5);
    assert!(histories.iter().all(|it| it["residual"]["value"].is_f64()));
    assert_eq!(
        (&json["level"], &json["outlook"]["rate"]),
        (&0.8.into(), &0.1.into())
    );
    let [buying, leaving] = json["mixtures"].as_array().unwrap().as_slice() else {
        panic!("{json}")
    };
    assert_eq!(buying["shares_above"][0]["threshold"], 0.5);
    assert!(leaving["shares_above"].is_null() && leaving["mean"]["value"].is_f64());
    let other = [
        "--model",
        "bg-bb",
        "--weights",
        "n",
        "--above",
        "mean_spend=5",
    ];
    let told = answer(SUMS, &other).unwrap_err().to_string();
    assert!(
        told.contains("this model has purchase_chance and dropout_chance"),
        "{told}"
    );
}
