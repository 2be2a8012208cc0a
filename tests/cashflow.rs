//! `keepworth cashflow` from the command line: results on standard output, faults with their
//! place on standard error, exit codes.

use tempfile::TempDir;

use crate::support::run;

/// A file with this content, for as long as its folder lives.
fn file(content: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flows.csv");
    std::fs::write(&path, content).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn json_has_every_figure_and_its_convention() {
    // The multiple-IRR exercise: four rates, so none is the return.
    let flows = "period,amount\n0,-252\n1,1431\n2,-3035\n3,2850\n4,-1000\n";
    let (_folder, flows) = file(flows);
    let json = run(&["cashflow", &flows, "--rate", "0.10", "--format", "json"])
        .done()
        .json();
    let irr: Vec<f64> = json["irr"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rate| rate.as_f64().unwrap())
        .collect();
    let expected = [0.25, 1.0 / 3.0, 3.0 / 7.0, 2.0 / 3.0];
    assert_eq!(irr.len(), expected.len());
    for (found, expected) in irr.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-10, "{irr:?}");
    }
    for key in [
        "npv",
        "mirr",
        "payback",
        "payback_periods",
        "discounted_payback",
        "discounted_payback_periods",
        "profitability_index",
        "roi",
        "pv_costs",
        "pv_benefits",
        "conventions",
    ] {
        assert!(json.get(key).is_some(), "{key}");
    }
    assert!(
        json["cautions"][0].as_str().unwrap().contains("4 rates"),
        "{json}"
    );
}

#[test]
fn a_table_says_in_words_what_to_distrust() {
    // Forrester, The Total Economic Impact of SalesLoft, p. 19.
    let table = "line,kind,risk_adjustment,initial,year1,year2,year3\n\
        costs,cost,0,53150,666715,636772,647783\n\
        benefits,benefit,0,0,1606511,3061331,4229760\n";
    let (_folder, table) = file(table);
    let answer = run(&["cashflow", &table, "--rate", "0.10"]).done();
    assert!(
        answer.stdout.contains("ROI 329%, payback < 6 months"),
        "{}",
        answer.stdout
    );
    assert!(
        answer
            .stdout
            .contains("Caution: at most 53150.00 is ever out"),
        "{}",
        answer.stdout
    );
}

#[test]
fn a_fault_is_placed_and_nothing_is_printed() {
    let (_folder, bad) = file("period,amount\n0,-400\n1,ten\n");
    let answer = run(&["cashflow", &bad, "--rate", "0.10"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (2, ""));
    let place = "line 3, column amount: `ten` is not a number";
    assert!(answer.stderr.contains(place), "{}", answer.stderr);
    let (_folder, good) = file("period,amount\n0,1\n");
    assert_eq!(run(&["cashflow", &good, "--rate", "10"]).code, 2);
    assert_eq!(run(&["cashflow", &good]).code, 2);
    assert_eq!(
        run(&["cashflow", "no-such-file.csv", "--rate", "0.1"]).code,
        2
    );
}
