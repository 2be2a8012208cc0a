//! Words of the contract as people type them: `by-touch` is `BY_TOUCH`.

use keepworth_contract::Word;

/// Reads a word, in any case, its parts joined by `-`, `_` or a blank.
///
/// # Errors
/// There is no such word; the reason names those that there are.
pub(crate) fn word<W: Word>(text: &str) -> Result<W, String> {
    let name = text.to_uppercase().replace(['-', ' '], "_");
    W::find(&name).ok_or_else(|| {
        let known = W::all().map(|it| it.name().to_lowercase().replace('_', "-"));
        let known: Vec<String> = known.collect();
        format!("there is no `{text}`; there are {}", known.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use keepworth_contract::finance::CostCategory;

    use super::word;

    #[test]
    fn words_are_said_as_people_say_them() {
        assert_eq!(word("cost-of-revenue"), Ok(CostCategory::CostOfRevenue));
        assert_eq!(word("SERVICE"), Ok(CostCategory::Service));
        let unknown = word::<CostCategory>("services").unwrap_err();
        assert!(unknown.contains("service, overhead"), "{unknown}");
    }
}
