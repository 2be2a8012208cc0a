//! The committed JSON Schema of scenario files is the one of the types.

use keepworth_sim::Scenario;

#[test]
fn the_committed_schema_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenario.schema.json");
    let schema = serde_json::to_string_pretty(&Scenario::json_schema()).unwrap() + "\n";
    if std::env::var_os("KEEPWORTH_WRITE_SCHEMA").is_some() {
        std::fs::write(path, &schema).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == schema,
        "the schema has changed; KEEPWORTH_WRITE_SCHEMA=1 cargo test -p keepworth-sim schema writes it"
    );
}

/// The schema must accept what the parser accepts, and refuse an unknown key.
#[test]
fn the_schema_agrees_with_the_parser() {
    let validator = jsonschema::validator_for(&Scenario::json_schema()).unwrap();
    let value = |text: &str| -> serde_json::Value { toml::from_str(text).unwrap() };
    for text in [
        crate::company::CERTAIN,
        crate::company::EVERY_LEVER,
        include_str!("../../../examples/reference/scenario.toml"),
    ] {
        let errors: Vec<String> = validator
            .iter_errors(&value(text))
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let wrong = text.replacen("horizon_months", "horizon", 1);
        assert!(!validator.is_valid(&value(&wrong)));
    }
}
