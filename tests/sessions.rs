//! Sessions of a browser on the user's own machine.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

use crate::support::{Database, Keepworth, Kind, run, run_in};

/// A ticket, as the command prints it in an address.
fn ticket(keepworth: &Keepworth) -> String {
    let printed = run(&["open", "--print", "--port", &port(keepworth)])
        .done()
        .stdout;
    let (page, ticket) = printed.trim().split_once("#ticket=").unwrap();
    assert_eq!(page, keepworth.at("/docs/"));
    ticket.to_owned()
}

fn port(keepworth: &Keepworth) -> String {
    keepworth.url.rsplit(':').next().unwrap().to_owned()
}

fn trade(keepworth: &Keepworth, ticket: &str) -> (u16, Value) {
    let request = keepworth.stranger().post(keepworth.at("/v1/sessions"));
    let answer = request.json(&json!({"ticket": ticket})).send().unwrap();
    (answer.status().as_u16(), answer.json().unwrap())
}

fn get(keepworth: &Keepworth, key: &str, path: &str) -> Response {
    let request = keepworth.stranger().get(keepworth.at(path));
    request.bearer_auth(key).send().unwrap()
}

#[test]
fn a_ticket_opens_one_session_which_may_what_its_user_may() {
    let database = Database::new(Kind::Sqlite);
    let mut keepworth = Keepworth::up(&database);
    let ticket = ticket(&keepworth);
    let (status, session) = trade(&keepworth, &ticket);
    assert_eq!(status, 201, "{session}");
    let key = session["key"].as_str().unwrap();
    for path in [
        "/finance/v1/accounts",
        "/customers/v1/customers",
        "/simulator/v1/audit-entries",
    ] {
        assert_eq!(get(&keepworth, key, path).status(), 200, "{path}");
    }
    let close = keepworth
        .stranger()
        .post(keepworth.at("/finance/v1/period-closes"));
    let close = close
        .bearer_auth(key)
        .header("keepworth-reason", "year end")
        .json(&json!({"month": "2024-12", "reason": "year end"}));
    assert!(close.send().unwrap().status().is_success());
    let (_, audit) = keepworth.get("/finance/v1/audit-entries");
    let mut entries = audit["items"].as_array().unwrap().iter();
    let closed = entries.find(|it| it["permission"] == "books:write");
    assert_eq!(closed.unwrap()["via"], "session", "{audit}");
    for wrong in [ticket.as_str(), "", "forged", key] {
        let (status, problem) = trade(&keepworth, wrong);
        assert_eq!(status, 401, "{problem}");
        assert!(
            problem["detail"]
                .as_str()
                .unwrap()
                .contains("keepworth open"),
            "{problem}"
        );
        let opens = get(&keepworth, wrong, "/finance/v1/accounts").status() == 200;
        assert_eq!(opens, wrong == key, "{wrong}");
    }
    // A session makes no others, and ends with its server.
    let another = keepworth
        .stranger()
        .post(keepworth.at("/v1/session-tickets"));
    assert_eq!(another.bearer_auth(key).send().unwrap().status(), 403);
    let log = keepworth.log().join("\n");
    assert!(!log.contains(&ticket) && !log.contains(key), "a log has it");
    let at = port(&keepworth);
    keepworth.terminate();
    keepworth.wait(Duration::from_secs(60)).unwrap();
    let again = Keepworth::up(&database);
    assert_eq!(get(&again, key, "/finance/v1/accounts").status(), 401);
    assert_eq!(trade(&again, &ticket).0, 401);
    assert_eq!(run(&["open", "--print", "--port", &at]).code, 2);
}

/// A program that stands for a browser: it keeps what it was given, and whether others could read it.
#[test]
fn the_browser_hears_of_the_ticket_by_a_file_of_the_users() {
    let database = Database::new(Kind::Sqlite);
    let run_dir = crate::support::private_folder();
    let setting = format!("access.run_dir={}", run_dir.path().join("run").display());
    let keepworth = Keepworth::start(&["up"], &database, &[&setting]);
    let seen = run_dir.path().join("seen");
    let browser = run_dir.path().join("browser");
    let script = format!(
        "#!/bin/sh\necho \"$@\" > {seen}\nstat -c %a \"$1\" >> {seen}\ncat \"$1\" >> {seen}\n",
        seen = seen.display()
    );
    std::fs::write(&browser, script).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&browser, mode).unwrap();
    let open = ["open", "--port", &port(&keepworth), "--set", &setting];
    let printed = run_in(&[("BROWSER", browser.to_str().unwrap())], &open).done();
    let address = printed.stdout.trim();
    let seen = std::fs::read_to_string(seen).unwrap();
    let mut lines = seen.lines();
    let arguments = lines.next().unwrap();
    assert!(
        !arguments.contains("ticket") && arguments.ends_with(".html"),
        "{arguments}"
    );
    assert_eq!(lines.next(), Some("600"));
    assert!(seen.contains(&format!("url={address}\"")), "{seen}");
    let (_, ticket) = address.split_once("#ticket=").unwrap();
    assert_eq!(trade(&keepworth, ticket).0, 201);
    let none = run_in(&[("BROWSER", "/nowhere/browser")], &open).done();
    assert!(
        none.stderr.contains("yourself") && none.stdout.contains("#ticket="),
        "{none:?}"
    );
}

/// A log that others read is told no ticket; who sits at the terminal is.
#[test]
fn only_a_terminal_is_shown_a_ticket() {
    let database = Database::new(Kind::Sqlite);
    let up = format!(
        "{} up --port 0 --set database.data_dir={}",
        env!("CARGO_BIN_EXE_keepworth"),
        database.folder().display()
    );
    let of = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).env_remove("KEEPWORTH_CONFIG");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command
    };
    // `script` gives its command a terminal. A hangup alone may be ignored, so the server is told to end.
    let told = format!("echo $$; exec {up}");
    let mut terminal = of("script", &["-qec", &told, "/dev/null"]).spawn().unwrap();
    let mut lines = BufReader::new(terminal.stdout.take().unwrap()).lines();
    let server = lines.next().unwrap().unwrap().trim().to_owned();
    let line = lines.find_map(|line| line.ok().filter(|line| line.contains("#ticket=")));
    let line = line.expect("an address with a ticket");
    let address = line.split(' ').find(|it| it.contains("#ticket=")).unwrap();
    let (page, ticket) = address.split_once("#ticket=").unwrap();
    let sessions = page.replace("/docs/", "/v1/sessions");
    let request = Client::new()
        .post(sessions)
        .json(&json!({"ticket": ticket}));
    assert_eq!(request.send().unwrap().status(), 201, "{line}");
    let ended = Command::new("kill").arg(&server).status().unwrap();
    assert!(ended.success(), "{server}");
    lines.for_each(drop);
    terminal.wait().unwrap();

    let other = Database::new(Kind::Sqlite);
    let up = up.replace(
        database.folder().to_str().unwrap(),
        other.folder().to_str().unwrap(),
    );
    let mut piped = of("sh", &["-c", &format!("exec {up} 2>&1")])
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(piped.stdout.take().unwrap()).lines();
    let mut said = Vec::new();
    while let Some(Ok(line)) = lines.next() {
        // Whoever is answered comes after all that is said at the start.
        if let Some((_, url)) = line.split_once("serving url=") {
            assert_eq!(
                Client::new()
                    .get(format!("{url}/livez"))
                    .send()
                    .unwrap()
                    .status(),
                200
            );
            piped.kill().unwrap();
        }
        said.push(line);
    }
    piped.wait().unwrap();
    let said = said.join("\n");
    assert!(
        said.contains("serving") && !said.contains("ticket"),
        "{said}"
    );
}

#[test]
fn the_page_loads_from_its_server_alone_and_keeps_the_key_for_the_contracts() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    let stranger = keepworth.stranger();
    let load = |path: &str| stranger.get(keepworth.at(path)).send().unwrap();
    let page = load("/docs");
    assert_eq!(
        page.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .split(';')
            .next(),
        Some("default-src 'self'")
    );
    let page = page.text().unwrap();
    assert!(
        page.contains("/finance/docs/") && !page.contains("<script>"),
        "{page}"
    );
    let script = load("/docs/session.js").text().unwrap();
    assert!(
        script.contains("localStorage") && script.contains("history.replaceState"),
        "{script}"
    );
    // Where the pages of the contracts look for it.
    let settings = load("/finance/docs/swagger-initializer.js").text().unwrap();
    assert!(
        settings.contains("\"persistAuthorization\": true"),
        "{settings}"
    );
    let alone = Keepworth::start(&["serve", "finance"], &database, &[]);
    let settings = stranger
        .get(alone.at("/docs/swagger-initializer.js"))
        .send()
        .unwrap();
    assert!(
        !settings
            .text()
            .unwrap()
            .contains("\"persistAuthorization\": true")
    );
}

/// What a browser sends for pages of others: such a page cannot read an answer, and makes nothing happen.
#[test]
fn pages_of_others_read_nothing() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    let (_, session) = trade(&keepworth, &ticket(&keepworth));
    let key = session["key"].as_str().unwrap();
    let client: Client = keepworth.stranger();
    let other_port = "http://127.0.0.1:1";
    for (origin, site) in [
        (other_port, "same-site"),
        ("https://evil.example", "cross-site"),
    ] {
        let from = |request: reqwest::blocking::RequestBuilder| {
            let request = request
                .header("origin", origin)
                .header("sec-fetch-site", site);
            request.send().unwrap()
        };
        // The key is kept by port and host, so that the page has none.
        let read = from(client.get(keepworth.at("/finance/v1/accounts")));
        assert_eq!(read.status(), 401, "{origin}");
        // May it ask with a header of its own? It is not told so.
        let asked = client.request(
            reqwest::Method::OPTIONS,
            keepworth.at("/finance/v1/accounts"),
        );
        let asked = from(
            asked
                .header("access-control-request-headers", "authorization")
                .header("access-control-request-method", "GET"),
        );
        // Even an answer that came is not the page's to read.
        let answered = from(
            client
                .get(keepworth.at("/finance/v1/accounts"))
                .bearer_auth(key),
        );
        for answer in [&read, &asked, &answered] {
            let names = answer
                .headers()
                .keys()
                .map(reqwest::header::HeaderName::as_str);
            assert_eq!(
                names.filter(|it| it.starts_with("access-control")).count(),
                0
            );
            assert_eq!(
                answer.headers()["cross-origin-resource-policy"],
                "same-origin"
            );
        }
        let traded = client.post(keepworth.at("/v1/sessions"));
        let traded = from(traded.json(&json!({"ticket": ticket(&keepworth)})));
        assert_eq!(traded.status(), 403, "{origin}");
        // A form of a page can send text alone.
        let form = client
            .post(keepworth.at("/v1/sessions"))
            .header("content-type", "text/plain");
        let form = form
            .header("origin", origin)
            .body(json!({"ticket": ticket(&keepworth)}).to_string());
        assert_eq!(form.send().unwrap().status(), 415, "{origin}");
        let made = from(client.post(keepworth.at("/v1/session-tickets")));
        assert_eq!(made.status(), 401, "{origin}");
    }
    let rebound = client
        .post(keepworth.at("/v1/sessions"))
        .header("host", "evil.example");
    let rebound = rebound
        .json(&json!({"ticket": ticket(&keepworth)}))
        .send()
        .unwrap();
    assert_eq!(rebound.status(), 421);
}

#[test]
fn who_guesses_tickets_is_slowed_down() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::start(&["up"], &database, &["limits.wrong_tokens_per_minute=5"]);
    let statuses = Vec::from_iter((0..20).map(|it| trade(&keepworth, &format!("guess-{it}")).0));
    assert!(
        statuses.contains(&429) && !statuses.contains(&201),
        "{statuses:?}"
    );
}
