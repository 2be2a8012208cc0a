//! Versions of what is replaced: nobody's writing is lost.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::api::{Api, on_both};

on_both!(
    only_the_account_that_was_read_is_replaced,
    only_the_month_that_was_read_is_replaced
);

/// Status, `ETag` and body.
async fn send(api: &Api, request: TestRequest) -> (u16, String, Vec<u8>) {
    let (status, headers, body) = api.whole_answer(request).await;
    let tag = headers.get("etag").map_or("", |tag| tag.to_str().unwrap());
    (status.as_u16(), tag.to_owned(), body)
}

async fn replace(api: &Api, path: &str, tag: &str, body: &Value) -> (u16, String, Value) {
    let request = TestRequest::put().uri(path).set_json(body);
    let request = request.insert_header(("if-match", tag));
    let (status, tag, body) = send(api, request).await;
    (status, tag, serde_json::from_slice(&body).unwrap())
}

/// Two people read the same version; the second to write is told.
async fn second_writer_is_told(api: &Api, path: &str, bodies: &[Value; 3]) {
    let (status, _) = api.put(path, &bodies[0]).await;
    assert_eq!(status, 200);
    let (status, read, body) = send(api, TestRequest::get().uri(path)).await;
    assert!(status == 200 && read.len() > 2, "{read}");
    let again = TestRequest::get()
        .uri(path)
        .insert_header(("if-none-match", read.clone()));
    assert_eq!(send(api, again).await, (304, read.clone(), Vec::new()));
    let (status, written, answer) = replace(api, path, &read, &bodies[1]).await;
    assert_eq!(status, 200, "{answer}");
    let (status, _, problem) = replace(api, path, &read, &bodies[2]).await;
    assert_eq!(
        (status, &problem["code"]),
        (412, &json!("precondition_failed"))
    );
    let (_, now, changed) = send(api, TestRequest::get().uri(path)).await;
    assert_eq!(now, written, "the write answers the tag of what it wrote");
    assert_ne!(changed, body);
    assert_eq!(serde_json::from_slice::<Value>(&changed).unwrap(), answer);
    assert_eq!(
        replace(api, path, &format!("\"x\", {now}"), &bodies[2])
            .await
            .0,
        200
    );
    assert_eq!(replace(api, path, "nonsense", &bodies[2]).await.0, 400);
    let (status, problem) = api.put(path, &bodies[0]).await;
    let code = json!("precondition_required");
    assert_eq!((status, &problem["code"]), (428, &code), "it would be lost");
    let (status, _) = api.put(path, &bodies[2]).await;
    assert_eq!(status, 200, "saying it again loses nothing");
    assert_eq!(replace(api, path, "*", &bodies[0]).await.0, 200);
}

async fn only_the_account_that_was_read_is_replaced(api: Api) {
    let path = "/v1/accounts/6000";
    assert_eq!(api.ask(path).await.0, 404);
    let account = |name: &str| json!({ "name": name, "category": "SERVICE" });
    let (status, _, problem) = replace(&api, path, "*", &account("Wages")).await;
    assert_eq!(status, 412, "it is not there: {problem}");
    let bodies = ["Wages", "Support wages", "Salaries"].map(account);
    second_writer_is_told(&api, path, &bodies).await;
}

async fn only_the_month_that_was_read_is_replaced(api: Api) {
    let month = |customers: u32| json!({ "items": [{ "segment": "smb", "customers": customers }] });
    second_writer_is_told(&api, "/v1/segment-months/2025-09", &[10, 11, 12].map(month)).await;
}
