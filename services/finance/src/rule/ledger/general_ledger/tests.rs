use super::*;

fn euro() -> Currency {
    "EUR".parse().unwrap()
}

const FILE: &str = "\
posting_date,account,cost_center,party_type,party,debit,credit,account_currency,\
debit_in_account_currency,credit_in_account_currency,voucher_type,voucher_no,remarks,company
2025-09-01,6000 Support,Service,,,100.10,0,EUR,100.10,0,Journal Entry,JV-1,\"wages,
September\",Acme
2025-09-01,1200 Bank,,,,,100.10,EUR,,100.10,Journal Entry,JV-1,,Acme
2025-09-02,6000 Support,Service,,,5,,EUR,5,,Journal Entry,JV-2,,Acme
";

fn accounts() -> HashMap<String, AccountUse> {
    let cost = AccountUse {
        category: Some(CostCategory::Service),
        component: None,
    };
    let none = AccountUse {
        category: None,
        component: None,
    };
    [("6000 Support".into(), cost), ("1200 Bank".into(), none)].into()
}

#[test]
fn a_voucher_that_balances_becomes_its_costs() {
    let vouchers = read(FILE.as_bytes(), euro()).unwrap().vouchers;
    assert_eq!(vouchers.len(), 2);
    let name = "Acme/Journal Entry/JV-1";
    let entries = entries("erp", name, &vouchers[name], euro(), &accounts()).unwrap();
    assert_eq!(entries.len(), 1, "the bank is no cost");
    assert_eq!(entries[0].external_id, "Acme/Journal Entry/JV-1/1");
    assert_eq!(entries[0].amount, "100.10 EUR".parse().unwrap());
    assert_eq!(entries[0].note.as_deref(), Some("wages, September"));
}

#[test]
fn a_voucher_that_does_not_balance_is_refused_whole() {
    let vouchers = read(FILE.as_bytes(), euro()).unwrap().vouchers;
    let name = "Acme/Journal Entry/JV-2";
    let error = entries("erp", name, &vouchers[name], euro(), &accounts()).unwrap_err();
    assert_eq!(error.code(), FaultCode::UnbalancedVoucher);
    assert!(error.to_string().contains("by 5.00 EUR"), "{error}");
    let name = "Acme/Journal Entry/JV-1";
    let error = entries("erp", name, &vouchers[name], euro(), &HashMap::new()).unwrap_err();
    assert_eq!(error.code(), FaultCode::UnknownAccount);
}

#[test]
fn a_report_spells_its_columns_in_words() {
    let file = "\u{feff}Posting Date,Account,Debit,Credit,Voucher Type,Voucher No,Balance\n\
                2025-09-01,A,1,1,JE,1,7\n";
    let found = read(file.as_bytes(), euro()).unwrap();
    assert!(found.vouchers.contains_key("JE/1"));
}

#[test]
fn a_reports_currency_and_sums_are_understood() {
    let file = "Posting Date,Account,Debit (EUR),Credit (EUR),Balance (EUR),Voucher Type,Voucher No\n\
                ,'Opening',3.0,0.0,3.0,,\n\
                2025-01-31,A,100.00,0.00,100.00,JE,1\n\
                2025-01-31,B,0.00,100.00,0.00,JE,1\n\
                ,'Closing (Opening + Total)',103.0,100.0,3.0,,\n";
    let found = read(file.as_bytes(), euro()).unwrap();
    assert_eq!((found.vouchers["JE/1"].len(), found.faults.len()), (2, 0));
    let error = read(file.as_bytes(), "USD".parse().unwrap()).unwrap_err();
    assert!(error.reason.contains("`debit_(eur)`") && error.reason.contains("USD"));
}

#[test]
fn faults_name_line_and_column() {
    let faults = |row: &str| {
        let file = format!("posting_date,account,debit,credit,voucher_type,voucher_no\n{row}\n");
        let found = read(file.as_bytes(), euro()).unwrap();
        assert!(found.vouchers.is_empty(), "{found:?}");
        let fault = &found.faults.values().next().unwrap()[0];
        format!("{}: {}", fault.name, fault.code)
    };
    assert_eq!(
        faults("01.09.2025,A,1,1,JE,1"),
        "line 2/posting_date: not_a_date"
    );
    assert_eq!(
        faults("2025-09-01,A,\"1,5\",1,JE,1"),
        "line 2/debit: not_an_amount"
    );
    assert_eq!(
        faults("2025-09-01,A,1,1.005,JE,1"),
        "line 2/credit: not_an_amount"
    );
    assert_eq!(faults("2025-09-01,A,1,1,JE,"), "line 2/voucher_no: missing");
}

#[test]
fn a_fault_refuses_its_voucher_and_is_counted_in_the_files_own_lines() {
    let file = FILE.replace(",5,,EUR", ",five,,EUR");
    let found = read(file.as_bytes(), euro()).unwrap();
    assert_eq!(found.vouchers.len(), 1);
    let fault = &found.faults["Acme/Journal Entry/JV-2"][0];
    assert_eq!(fault.name, "line 5/debit", "a remark has two lines");
    let found = read(file.replace('\n', "\r\n").as_bytes(), euro()).unwrap();
    let fault = &found.faults["Acme/Journal Entry/JV-2"][0];
    assert_eq!(fault.name, "line 5/debit", "line ends change nothing");
    let file = "source_line,posting_date,account,debit,credit,voucher_type,voucher_no\n\
                700001,2025-09-01,A,one,1,JE,1\n";
    let found = read(file.as_bytes(), euro()).unwrap();
    assert_eq!(found.faults["JE/1"][0].name, "line 700001/debit");
}

#[test]
fn what_is_no_such_file_is_not_read() {
    let cut = b"posting_date,account,debit,credit,voucher_type,voucher_no\n2025-09-01,A,1,1\n";
    assert_eq!(read(cut, euro()).unwrap_err().code, "malformed_csv");
    let headless = read(b"date,account\n2025-09-01,A\n", euro()).unwrap_err();
    assert!(headless.reason.contains("posting_date"), "{headless:?}");
}
