//! Manifests: what a platform team will not forgive is asserted on what is really applied.

use std::fs;

use keepworth_access::Role;
use keepworth_platform::settings::Settings;
use serde_json::Value;

/// The rendered manifests; `make k8s` renders and checks them against the schemas before.
fn rendered() -> Option<Vec<Value>> {
    let Ok(path) = std::env::var("KEEPWORTH_TEST_MANIFESTS") else {
        eprintln!("skipped: KEEPWORTH_TEST_MANIFESTS is not set; use `make test`");
        return None;
    };
    let path = crate::support::workspace(&path);
    Some(serde_saphyr::from_multiple(&fs::read_to_string(path).unwrap()).unwrap())
}

fn of_kind<'a>(manifests: &'a [Value], kind: &str) -> Vec<&'a Value> {
    manifests
        .iter()
        .filter(|manifest| manifest["kind"] == kind)
        .collect()
}

#[test]
fn every_service_has_a_deployment_and_an_address() {
    let Some(manifests) = rendered() else { return };
    for kind in ["Deployment", "Service"] {
        let mut names: Vec<&str> = of_kind(&manifests, kind)
            .iter()
            .map(|manifest| manifest["metadata"]["name"].as_str().unwrap())
            .collect();
        names.sort_unstable();
        let expected = ["customers", "experience", "finance", "simulator"]
            .map(|name| format!("keepworth-{name}"));
        assert_eq!(names, expected, "{kind}");
    }
}

#[test]
fn pods_run_without_rights_and_say_how_they_are() {
    let Some(manifests) = rendered() else { return };
    for deployment in of_kind(&manifests, "Deployment") {
        let name = &deployment["metadata"]["name"];
        let pod = &deployment["spec"]["template"]["spec"];
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{name}");
        assert_eq!(pod["automountServiceAccountToken"], false, "{name}");
        assert_eq!(
            pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault",
            "{name}"
        );
        for list in ["initContainers", "containers"] {
            for container in pod[list].as_array().unwrap() {
                let security = &container["securityContext"];
                assert_eq!(security["readOnlyRootFilesystem"], true, "{name}");
                assert_eq!(security["allowPrivilegeEscalation"], false, "{name}");
                assert_eq!(
                    security["capabilities"]["drop"],
                    serde_json::json!(["ALL"]),
                    "{name}"
                );
                assert!(
                    container["resources"]["limits"]["memory"].is_string(),
                    "{name}"
                );
                assert!(
                    container["resources"]["requests"]["cpu"].is_string(),
                    "{name}"
                );
                assert!(
                    !container["image"].as_str().unwrap().ends_with(":latest"),
                    "{name}"
                );
                let environment = container["env"].as_array().unwrap();
                assert!(
                    environment.iter().all(|it| it["value"].is_null()),
                    "{name}: secrets come by reference"
                );
            }
        }
        let serving = &pod["containers"][0];
        for (probe, path) in [
            ("livenessProbe", "/livez"),
            ("readinessProbe", "/readyz"),
            ("startupProbe", "/livez"),
        ] {
            assert_eq!(serving[probe]["httpGet"]["path"], path, "{name}");
        }
    }
}

#[test]
fn each_deployment_serves_and_migrates_its_own_database() {
    let Some(manifests) = rendered() else { return };
    for deployment in of_kind(&manifests, "Deployment") {
        let service = deployment["metadata"]["labels"]["app.kubernetes.io/name"]
            .as_str()
            .unwrap();
        let pod = &deployment["spec"]["template"]["spec"];
        let variable = format!("KEEPWORTH__{}__DATABASE_URL", service.to_uppercase());
        for (container, verb) in [
            (&pod["initContainers"][0], "migrate"),
            (&pod["containers"][0], "serve"),
        ] {
            assert_eq!(container["args"], serde_json::json!([verb, service]));
            assert_eq!(container["env"][0]["name"], variable.as_str());
            let secret = &container["env"][0]["valueFrom"]["secretKeyRef"]["name"];
            assert_eq!(secret, &format!("keepworth-{service}-database"));
        }
        let key = pod["volumes"].as_array().unwrap().iter();
        let key = key.filter(|it| it["name"] == "audit-key");
        let secrets: Vec<_> = key.map(|it| &it["secret"]["secretName"]).collect();
        assert_eq!(secrets, [&format!("keepworth-{service}-audit")]);
    }
}

#[test]
fn the_settings_in_the_manifests_are_settings_that_exist() {
    let Some(manifests) = rendered() else { return };
    for map in of_kind(&manifests, "ConfigMap") {
        let variables: Vec<(String, String)> = map["data"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect();
        keepworth_platform::settings::Settings::load(None, &[], &variables).unwrap();
    }
}

#[test]
fn services_are_known_to_each_other_and_nobody_else_is_let_in() {
    let Some(manifests) = rendered() else { return };
    let maps = of_kind(&manifests, "ConfigMap");
    let texts: Vec<&str> = maps
        .iter()
        .filter_map(|map| map["data"]["config.toml"].as_str())
        .collect();
    let [text] = texts[..] else {
        panic!("{texts:?}")
    };
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    let environment = maps
        .iter()
        .flat_map(|map| map["data"].as_object().unwrap())
        .filter(|(name, _)| name.starts_with("KEEPWORTH__"));
    let environment: Vec<_> = environment
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    let settings = Settings::load(Some(file.path()), &[], &environment).unwrap();
    assert!(!settings.access.insecure_open_to_all);
    let grants: Vec<_> = settings
        .access
        .issuers
        .iter()
        .flat_map(|it| &it.grants)
        .collect();
    for name in ["finance", "simulator"] {
        let account = format!("system:serviceaccount:keepworth:keepworth-{name}");
        let own: Vec<_> = grants.iter().filter(|it| it.value == account).collect();
        assert!(own.len() == 1 && own[0].role == Role::Service, "{name}");
    }
    for deployment in of_kind(&manifests, "Deployment") {
        let name = &deployment["metadata"]["name"];
        let pod = &deployment["spec"]["template"]["spec"];
        assert_eq!(&pod["serviceAccountName"], name);
        let identity = pod["volumes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["name"] == "identity");
        let token = &identity.unwrap()["projected"]["sources"][0]["serviceAccountToken"];
        assert_eq!(token["audience"], "keepworth", "{name}");
        assert_eq!(
            settings.access.token_file.to_str(),
            Some("/var/run/keepworth/token")
        );
    }
}
