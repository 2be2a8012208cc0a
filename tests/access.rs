//! Who may do what: every operation of every contract, and who is let in.

use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, rt};
use keepworth_access::{Act, Caller, Permission, Role, Via};
use keepworth_contract::client::Reach;
use keepworth_customers::Customers;
use keepworth_customers_http::CustomersService;
use keepworth_experience::Experience;
use keepworth_experience_http::ExperienceService;
use keepworth_finance::Finance;
use keepworth_finance_http::FinanceService;
use keepworth_platform::audit::Anchors;
use keepworth_platform::error::configure_extractors;
use keepworth_platform::server::Mounted;
use keepworth_platform::settings::Settings;
use keepworth_simulator::Simulator;
use keepworth_simulator_http::SimulatorService;
use keepworth_store::{Db, DbOptions};
use serde_json::{Value, json};
use strum::IntoEnumIterator;

use crate::support::{Database, Keepworth, Kind, on_both_databases, run, workspace};

on_both_databases!(every_operation_takes_its_permission);

/// An operation of a contract: its method, a path with something for each variable, its permission.
struct Operation {
    method: Method,
    path: String,
    permission: Permission,
}

fn operations(mounted: &Mounted) -> Vec<Operation> {
    let contract = serde_json::to_value(mounted.contract()).unwrap();
    let mut found = Vec::new();
    for (path, item) in contract["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let permission = operation["x-permission"].as_str();
            let permission = permission.unwrap_or_else(|| panic!("{method} {path} takes none"));
            found.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: filled(path),
                permission: permission.parse().unwrap(),
            });
        }
    }
    found
}

fn filled(path: &str) -> String {
    let parts = path.split('{').map(|part| match part.split_once('}') {
        Some((_, rest)) => format!("019a0000-0000-7000-8000-000000000000{rest}"),
        None => part.to_owned(),
    });
    parts.collect()
}

async fn status(mounted: &Mounted, operation: &Operation, caller: Option<Caller>) -> u16 {
    let app = App::new()
        .configure(|config| configure_extractors(config, 1 << 20))
        .configure(|config| mounted.configure(config, ""));
    let app = init_service(app).await;
    let request = TestRequest::with_uri(&operation.path).method(operation.method.clone());
    let answered = call_service(&app, request.to_request());
    let answer = match caller {
        Some(caller) => Act::by(caller, String::new(), None).around(answered).await,
        None => answered.await,
    };
    answer.status().as_u16()
}

async fn check(mounted: &Mounted) {
    let admin = || {
        Caller::new(
            "test",
            "somebody",
            Via::Token,
            [Role::Admin, Role::Approver],
        )
    };
    let operations = operations(mounted);
    assert!(!operations.is_empty());
    for it in operations {
        let what = format!("{} {} ({})", it.method, it.path, it.permission);
        let all_but = Permission::iter().filter(|other| *other != it.permission);
        assert_eq!(status(mounted, &it, None).await, 401, "{what}");
        let others = admin().limited_to(all_but);
        assert_eq!(status(mounted, &it, Some(others)).await, 403, "{what}");
        let only = admin().limited_to([it.permission]);
        let let_in = status(mounted, &it, Some(only)).await;
        assert!(![401, 403].contains(&let_in), "{what}: {let_in}");
    }
}

fn every_operation_takes_its_permission(kind: Kind) {
    let database = Database::new(kind);
    let db = |name: &str, migrations| {
        let db = Db::open(&database.url(name), &DbOptions::default()).unwrap();
        db.migrate(&migrations).unwrap();
        db
    };
    let nowhere = || Reach::from("http://127.0.0.1:9");
    let finances = keepworth_finance::Peers {
        customers: nowhere(),
        experience: nowhere(),
    };
    let simulators = keepworth_simulator::Peers {
        customers: nowhere(),
        experience: nowhere(),
        finance: nowhere(),
    };
    let forgetters = keepworth_customers::Peers {
        experience: nowhere(),
        finance: nowhere(),
        simulator: nowhere(),
    };
    let customers = db("customers", keepworth_customers::migrations());
    let customers = Customers::new(customers, &forgetters).unwrap();
    let experience = Experience::new(db("experience", keepworth_experience::migrations()));
    let finance = db("finance", keepworth_finance::migrations());
    let finance = Finance::new(finance, &finances).unwrap();
    let simulator = db("simulator", keepworth_simulator::migrations());
    let simulator = Simulator::new(simulator, &simulators).unwrap();
    let folder = database.folder().display().to_string();
    let settings = [("database.data_dir".to_owned(), folder)];
    let settings = Settings::load(None, &settings, &[]).unwrap();
    let anchors = || Anchors::open(&settings, &[]).unwrap();
    let all = [
        Mounted::new::<CustomersService>(customers, anchors()),
        Mounted::new::<ExperienceService>(experience, anchors()),
        Mounted::new::<FinanceService>(finance, anchors()),
        Mounted::new::<SimulatorService>(simulator, anchors()),
    ];
    rt::System::new().block_on(async {
        for mounted in &all {
            check(mounted).await;
        }
    });
}

#[test]
fn who_shows_nothing_is_let_in_nowhere() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    let stranger = keepworth.stranger();
    let answer = stranger
        .get(keepworth.at("/finance/v1/programmes"))
        .send()
        .unwrap();
    assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    let problem: Value = answer.json().unwrap();
    assert_eq!(
        (&problem["status"], &problem["code"]),
        (&json!(401), &json!("unauthenticated"))
    );
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("keepworth token"),
        "{problem}"
    );
    // A page of another site makes a browser send no token, whatever else it sends.
    let posted = stranger
        .post(keepworth.at("/finance/v1/fx-rates"))
        .header("origin", "https://evil.example");
    assert_eq!(posted.json(&json!({})).send().unwrap().status(), 401);
    for wrong in ["Bearer x", "Bearer", "Basic eDp5", ""] {
        let request = stranger
            .get(keepworth.at("/finance/v1/programmes"))
            .header("authorization", wrong);
        assert_eq!(request.send().unwrap().status(), 401, "{wrong}");
    }
    // Contracts and health are no secrets.
    for open in [
        "/livez",
        "/readyz",
        "/openapi.json",
        "/finance/openapi.json",
        "/finance/docs/",
        "/",
    ] {
        assert!(
            stranger
                .get(keepworth.at(open))
                .send()
                .unwrap()
                .status()
                .is_success(),
            "{open}"
        );
    }
}

#[test]
fn a_token_ends_with_its_server() {
    let database = Database::new(Kind::Sqlite);
    let mut keepworth = Keepworth::up(&database);
    assert_eq!(keepworth.get("/readyz").0, 200);
    let port = keepworth.url.rsplit(':').next().unwrap().to_owned();
    let printed = run(&["token", "--port", &port]).done().stdout;
    assert_eq!(printed.trim(), keepworth.token());
    keepworth.terminate();
    assert!(
        keepworth
            .wait(std::time::Duration::from_secs(60))
            .unwrap()
            .success()
    );
    let gone = run(&["token", "--port", &port]);
    assert_eq!(gone.code, 2);
    assert!(gone.stderr.contains("keepworth up"), "{gone:?}");
}

#[test]
fn services_on_one_machine_know_each_other() {
    let database = Database::new(Kind::Sqlite);
    let customers = Keepworth::start(&["serve", "customers"], &database, &[]);
    let experience = Keepworth::start(&["serve", "experience"], &database, &[]);
    let urls = [
        format!("customers.url={}", customers.url),
        format!("experience.url={}", experience.url),
    ];
    let urls = urls.each_ref().map(String::as_str);
    let finance = Keepworth::start(&["serve", "finance"], &database, &urls);
    let month = json!({"from": "2025-01", "to": "2025-01"});
    let (status, problem) = finance.post("/v1/segment-months:count", &month);
    // It was let in, and found nobody.
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("no_customers")),
        "{problem}"
    );
}

#[test]
fn a_server_for_others_does_not_start_without_knowing_who_may_what() {
    let folder = crate::support::private_folder();
    let data = format!("database.data_dir={}", folder.path().display());
    let refused = run(&[
        "serve",
        "customers",
        "--host",
        "0.0.0.0",
        "--port",
        "0",
        "--set",
        &data,
    ]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(
        refused.stderr.contains("insecure_open_to_all"),
        "{refused:?}"
    );
}

/// The page that says who may do what, as code and contracts have it.
#[test]
fn the_page_of_permissions_is_that_of_the_code() {
    let contract = workspace("openapi/keepworth.json");
    let contract: Value =
        serde_json::from_str(&std::fs::read_to_string(contract).unwrap()).unwrap();
    let mut page = "# Who may do what\n\nWritten from the code: `KEEPWORTH_WRITE_PERMISSIONS=1 cargo test -p keepworth \
        --test end_to_end page_of_permissions`.\n\n"
        .to_owned();
    let roles: Vec<Role> = Role::iter().collect();
    let head = roles.iter().map(|it| format!(" {it} |"));
    page += &format!("| permission | what |{}\n", String::from_iter(head));
    page += &format!("|---|---|{}\n", "---|".repeat(roles.len()));
    for permission in Permission::iter() {
        let has = roles.iter().map(|it| {
            if permission.roles().contains(it) {
                " yes |"
            } else {
                " |"
            }
        });
        page += &format!(
            "| `{permission}` | {} |{}\n",
            permission.about(),
            String::from_iter(has)
        );
    }
    for permission in Permission::iter() {
        page += &format!("\n## `{permission}`\n\n");
        for (path, item) in contract["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                if operation["x-permission"] == permission.name() {
                    page += &format!("- `{} {path}`\n", method.to_uppercase());
                }
            }
        }
    }
    let file = workspace("openapi/PERMISSIONS.md");
    if std::env::var_os("KEEPWORTH_WRITE_PERMISSIONS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), page);
}
