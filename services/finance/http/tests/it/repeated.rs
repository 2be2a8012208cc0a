//! Requests that are sent again.

use std::rc::Rc;
use std::sync::mpsc;

use actix_web::test::TestRequest;
use keepworth_intake::Failure;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::api::{Api, on_both};
use crate::books::rate;

on_both!(
    what_was_done_is_not_done_twice,
    a_key_is_for_one_request,
    a_refused_request_can_be_corrected,
    two_at_once_are_one,
    a_file_can_be_sent_again,
);

const BUDGETS: &str = "/v1/programmes/retain-fibre/budgets";

fn budget(amount: &str) -> Value {
    let line = json!({
        "month": "2025-09", "line": "PEOPLE", "amount": { "amount": amount, "currency": "EUR" },
    });
    json!({ "effective_on": "2025-07-01", "reason": "board", "lines": [line] })
}

/// Status, whether it is the first answer again, and body.
async fn post(api: &Api, path: &str, key: &str, body: &Value) -> (u16, bool, Value) {
    let request = TestRequest::post()
        .uri(path)
        .insert_header(("keepworth-reason", "test"))
        .set_json(body);
    let request = request.insert_header(("idempotency-key", key));
    let (status, headers, body) = api.whole_answer(request).await;
    let is_replayed = headers.contains_key("idempotency-replayed");
    let body = serde_json::from_slice(&body).unwrap();
    (status.as_u16(), is_replayed, body)
}

async fn versions(api: &Api) -> usize {
    let list = api.get(BUDGETS).await;
    list["items"].as_array().unwrap().len()
}

async fn what_was_done_is_not_done_twice(api: Api) {
    let (status, is_replayed, first) = post(&api, BUDGETS, "a", &budget("100")).await;
    assert_eq!((status, is_replayed), (201, false), "{first}");
    let again = post(&api, BUDGETS, "\"a\"", &budget("100")).await;
    assert_eq!(again, (201, true, first));
    assert_eq!(versions(&api).await, 1);
    // Who gives no key, or a new one, wants another version.
    api.post(BUDGETS, &budget("100")).await;
    post(&api, BUDGETS, "b", &budget("100")).await;
    assert_eq!(versions(&api).await, 3);
    let rule = json!({ "category": "OVERHEAD", "effective_from": "2025-01", "method": "EVEN", "reason": "test" });
    let close = json!({ "month": "2024-12", "reason": "year end" });
    let points = json!([
        { "spend": { "amount": "15", "currency": "EUR" }, "rate": 0.4 },
        { "spend": { "amount": "30", "currency": "EUR" }, "rate": 0.6 },
    ]);
    let history = json!({
        "segment": "smb", "lever": "RETENTION", "reason": "test",
        "evidence": { "kind": "ELICITED", "points": points },
    });
    for (path, body) in [
        ("/v1/allocation-rules", rule),
        ("/v1/fx-rates", rate("0.9", "2025-09-30")),
        ("/v1/period-closes", close),
        ("/v1/response-histories", history),
    ] {
        let (status, _, first) = post(&api, path, path, &body).await;
        assert_eq!(status, 201, "{first}");
        assert_eq!(post(&api, path, path, &body).await, (201, true, first));
    }
}

async fn a_key_is_for_one_request(api: Api) {
    post(&api, BUDGETS, "a", &budget("100")).await;
    for path in [BUDGETS, "/v1/programmes/other/budgets"] {
        let body = budget(if path == BUDGETS { "200" } else { "100" });
        let (status, _, problem) = post(&api, path, "a", &body).await;
        assert_eq!(status, 422, "{problem}");
        let fault = &problem["invalid_params"][0];
        assert_eq!(
            (&fault["name"], &fault["code"]),
            (&json!("Idempotency-Key"), &json!("key_reused"))
        );
    }
    assert_eq!(versions(&api).await, 1);
    let (status, _, problem) = post(&api, BUDGETS, "two words", &budget("100")).await;
    assert_eq!(status, 400, "{problem}");
}

async fn a_refused_request_can_be_corrected(api: Api) {
    let (status, ..) = post(&api, BUDGETS, "a", &budget("1.001")).await;
    assert_eq!(status, 422);
    let (status, _, problem) = post(&api, BUDGETS, "a", &budget("1.00")).await;
    assert_eq!(status, 201, "{problem}");
    // What the transaction refuses is not kept either.
    let mut early = budget("1.00");
    early["effective_on"] = "2025-06-01".into();
    let (status, ..) = post(&api, BUDGETS, "b", &early).await;
    assert_eq!(status, 422);
    let (status, is_replayed, _) = post(&api, BUDGETS, "b", &budget("1.00")).await;
    assert_eq!((status, is_replayed), (201, false));
    let (status, _, problem) = post(&api, BUDGETS, "c", &json!({ "reason": 1 })).await;
    assert_eq!(status, 422, "{problem}");
}

async fn two_at_once_are_one(api: Api) {
    let api = Rc::new(api);
    let send = |api: Rc<Api>| async move { post(&api, BUDGETS, "a", &budget("100")).await };
    let tasks = [0, 1, 2].map(|_| actix_web::rt::spawn(send(Rc::clone(&api))));
    for task in tasks {
        let (status, _, answer) = task.await.unwrap();
        let is_in_flight = answer["code"] == "idempotency_key_in_flight";
        assert!(status == 201 || (status == 409 && is_in_flight), "{answer}");
    }
    assert_eq!(versions(&api).await, 1);
}

#[actix_web::test]
async fn a_key_in_work_is_refused_on_postgresql() {
    let Some(api) = Api::postgres().await else {
        eprintln!("skipped: KEEPWORTH_TEST_POSTGRES is not set");
        return;
    };
    let (taken, is_taken) = mpsc::channel();
    let (release, is_released) = mpsc::channel::<()>();
    // As it is kept: of somebody's, whose name nobody can read from it.
    let key = Sha256::digest("test\0somebody\0a\0");
    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let db = api.service.db().clone();
    let other = actix_web::rt::spawn(async move {
        db.write(move |conn| {
            let lock = conn
                .try_lock("idempotency_keys", &key)
                .map_err(Failure::from);
            taken.send(()).unwrap();
            is_released.recv().unwrap();
            lock
        })
        .await
    });
    actix_web::rt::task::spawn_blocking(move || is_taken.recv().unwrap())
        .await
        .unwrap();
    let (status, _, problem) = post(&api, BUDGETS, "a", &budget("100")).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("idempotency_key_in_flight"))
    );
    release.send(()).unwrap();
    assert!(other.await.unwrap().unwrap());
    assert_eq!(post(&api, BUDGETS, "a", &budget("100")).await.0, 201);
}

async fn a_file_can_be_sent_again(api: Api) {
    api.put(
        "/v1/accounts/6000",
        &json!({ "name": "Support wages", "category": "SERVICE" }),
    )
    .await;
    api.put("/v1/accounts/1200", &json!({ "name": "Bank" }))
        .await;
    let file = "posting_date,account,debit,credit,voucher_type,voucher_no\n\
        2025-09-01,6000,100,0,JE,1\n2025-09-01,1200,0,100,JE,1\n";
    let send = || async {
        let path = "/v1/general-ledger:import?source=erp&import_id=a&currency=EUR";
        let request = TestRequest::post().uri(path).set_payload(file);
        let request = request
            .insert_header(("idempotency-key", "a"))
            .insert_header(("content-type", "text/csv"));
        let (status, headers, body) = api.whole_answer(request).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        (
            status.as_u16(),
            headers.contains_key("idempotency-replayed"),
            body,
        )
    };
    let (status, is_replayed, first) = send().await;
    assert_eq!(
        (status, is_replayed, &first["created"]),
        (200, false, &json!(1)),
        "{first}"
    );
    assert_eq!(send().await, (200, true, first));
}
