//! Whether a run that was made again came to what was kept.

use keepworth_contract::simulator::RunResult;

/// What of a run that was made again is not as it was kept, to the last bit; none where all of it is.
///
/// Its ledger is not made again. What the records flagged and the input's hash are kept: the hash stays that of the
/// scenario as it was written, and a name in the scenario may have been erased since.
pub(crate) fn difference(kept: &RunResult, again: &RunResult) -> Option<&'static str> {
    let parts = [
        ("engine", kept.engine_version == again.engine_version),
        (
            "drawing",
            (kept.seed, kept.trials, kept.sampling) == (again.seed, again.trials, again.sampling),
        ),
        ("figures", kept.outcomes == again.outcomes),
        (
            "chances",
            kept.probabilities == again.probabilities && kept.cvar5 == again.cvar5,
        ),
        (
            "distribution",
            kept.npv_percentiles == again.npv_percentiles,
        ),
        ("months", kept.monthly == again.monthly),
        ("figures beside the verdict", kept.beside == again.beside),
    ];
    let unlike = parts.into_iter().find(|(_, is_alike)| !is_alike);
    unlike.map(|(part, _)| part)
}
