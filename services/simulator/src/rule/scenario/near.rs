//! What is like a name that is not there.

use strsim::damerau_levenshtein;

/// Those of some names that are most like the one that is wanted, for a sentence.
pub(crate) fn nearest<'a>(
    names: impl Iterator<Item = &'a str>,
    wanted: &str,
    most: usize,
) -> String {
    let mut names = Vec::from_iter(names.map(|it| (damerau_levenshtein(it, wanted), it)));
    names.sort();
    names.truncate(most);
    Vec::from_iter(names.into_iter().map(|it| it.1)).join("`, `")
}
