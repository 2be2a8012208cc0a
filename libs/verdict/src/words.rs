//! Figures in words: whether a programme pays, and chances as "27 in 100".

use keepworth_sim::explain::LifetimeEffect;
use keepworth_sim::scenario::Idle;
use keepworth_sim::{Difference, Estimate, Level, RunResult};

use crate::number::{Unit, whole};

/// Whether a programme pays, by its chance of loss.
///
/// The chance is rounded to the hundredths that are shown before the word is chosen, so that the two
/// never contradict each other; where the simulation's error spans two words, both are said. Where
/// every one of so many futures agrees that the chance of another is below one in a thousand, by the
/// rule of three (J. Hanley and A. Lippman-Hand, 1983), the word is "certain".
pub fn verdict(loss: Estimate, futures: u64) -> String {
    if is_certain(loss.value, futures) {
        let word = if loss.value == 0.0 {
            "Certainly"
        } else {
            "Certainly not"
        };
        return word.to_owned();
    }
    let word = |shift: f64| degree(hundredths((loss.value + shift).clamp(0.0, 1.0)));
    let words = [word(-1.96 * loss.mc_error), word(1.96 * loss.mc_error)];
    if words[0] == words[1] {
        return words[0].to_owned();
    }
    format!(
        "{} or {}, which {} futures do not tell apart",
        words[0],
        words[1].to_lowercase(),
        whole(futures as f64)
    )
}

/// A fixed table, so that words cannot drift from figures.
fn degree(loss_in_hundredths: f64) -> &'static str {
    match loss_in_hundredths {
        loss if loss < 5.0 => "Very likely",
        loss if loss < 20.0 => "Likely",
        loss if loss < 40.0 => "Probably",
        loss if loss < 60.0 => "A coin toss",
        loss if loss < 80.0 => "Probably not",
        _ => "Unlikely",
    }
}

/// Whether all futures agree, and so many that another is less likely than one in a thousand.
fn is_certain(share: f64, futures: u64) -> bool {
    (share == 0.0 || share == 1.0) && 3.0 / (futures as f64) < 0.001
}

fn hundredths(share: f64) -> f64 {
    (100.0 * share).round()
}

/// A chance in hundredths; finite samples prove neither never nor always, but many that agree say so.
pub fn chance(share: f64, futures: u64) -> String {
    if is_certain(share, futures) {
        let how_many = if share == 0.0 { "none" } else { "all" };
        return format!("{how_many} of {}", whole(futures as f64));
    }
    match 100.0 * share {
        hundredths if hundredths < 1.0 => "under 1 in 100".to_owned(),
        hundredths if hundredths > 99.0 => "over 99 in 100".to_owned(),
        hundredths => format!("{hundredths:.0} in 100"),
    }
}

/// A share of futures in hundredths, without a word for all or none of them.
pub fn share_of_futures(share: f64) -> String {
    chance(share, 0)
}

/// A figure without the digits that its own error makes meaningless: rounded to the power of ten that
/// is next below the error.
pub fn within_error(figure: f64, error: f64) -> f64 {
    if !(error > 0.0 && error.is_finite()) {
        return figure;
    }
    let unit = 10_f64.powf(error.log10().floor());
    let rounded = (figure / unit).round() * unit;
    if rounded == 0.0 {
        rounded.copysign(figure)
    } else {
        rounded
    }
}

/// Whether the programme of a run pays, or why nobody can say.
pub fn of_run(result: &RunResult) -> String {
    let loss = result.probabilities.npv_negative;
    no_verdict(&result.no_verdict).unwrap_or_else(|| verdict(loss, result.trials))
}

/// In how many futures one of two is worth more than the other; where the simulation's error spans a half, that is said.
pub fn compared([from, to]: [String; 2], difference: &Difference, futures: u64) -> String {
    let better = difference.better;
    let ends = [difference.npv.p5, difference.npv.p95].map(Level::number);
    if better.value == 0.0 && ends == [Some(0.0); 2] {
        return format!(
            "\u{201c}{to}\u{201d} is worth what \u{201c}{from}\u{201d} is in every future"
        );
    }
    let is_open = (better.value - 0.5).abs() <= 1.96 * better.mc_error;
    format!(
        "\u{201c}{to}\u{201d} is worth more than \u{201c}{from}\u{201d} in {} futures{}",
        chance(better.value, futures),
        if is_open {
            ", which does not tell them apart"
        } else {
            ""
        }
    )
}

/// Why there is no verdict, if there is none.
pub fn no_verdict(idle: &[Idle]) -> Option<String> {
    if idle.is_empty() {
        return None;
    }
    let reasons: Vec<String> = idle.iter().map(ToString::to_string).collect();
    Some(format!(
        "Nobody can say: no effect of it can do anything. {}.",
        reasons.join("; ")
    ))
}

/// How far what initiatives bring together is from the sum of each alone, in a sentence; none where futures do not tell it from
/// nothing.
#[must_use]
pub fn overlap(it: Estimate, currency: &str) -> Option<String> {
    let is_told = it.value.abs() > 1.96 * it.mc_error;
    let amount = within_error(it.value.abs(), it.mc_error);
    let money = Unit::of(amount).money(amount, currency);
    let than = match it.value > 0.0 {
        true => "more than each alone adds up to: one makes another worth more",
        false => "less than each alone adds up to: they overlap",
    };
    is_told.then(|| format!("Together its initiatives are worth {money} {than}."))
}

/// What a programme does to the lifetime value of a customer who is won, in a sentence.
#[must_use]
pub fn lifetime(it: &LifetimeEffect, currency: &str) -> String {
    let LifetimeEffect {
        as_is,
        with_programme,
        difference,
        ..
    } = it;
    let of =
        |it: &Estimate| Unit::of(it.value).money(within_error(it.value, it.mc_error), currency);
    let brings = format!("A customer won brings {} as things are", of(as_is));
    match difference.value.abs() > 1.96 * difference.mc_error {
        true => {
            let more = if difference.value > 0.0 {
                "more"
            } else {
                "less"
            };
            let [low, high] = [it.difference_p5, it.difference_p95]
                .map(|it| Unit::of(it).money(within_error(it, difference.mc_error), currency));
            format!(
                "{brings} and {} with the programme: {} {more} ({low} to {high} in 90 of 100 futures).",
                of(with_programme),
                of(&Estimate {
                    value: difference.value.abs(),
                    ..*difference
                })
            )
        }
        false => format!(
            "{brings}, and no more or less with the programme as far as these futures tell."
        ),
    }
}

/// The step of a waterfall from the sum of each initiative alone to the whole.
#[must_use]
pub fn overlap_name(value: f64) -> &'static str {
    match value > 0.0 {
        true => "what one makes of another",
        false => "overlap, counted twice",
    }
}

/// An input as people call it: `initiatives.care.hazard` is "care: hazard".
pub fn input_name(name: &str) -> String {
    let owned = name
        .strip_prefix("initiatives.")
        .or_else(|| name.strip_prefix("segments."));
    match owned.and_then(|rest| rest.rsplit_once('.')) {
        Some((owner, what)) => format!("{owner}: {what}"),
        None => name.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(value: f64, mc_error: f64) -> String {
        verdict(Estimate { value, mc_error }, 10_000)
    }

    #[test]
    fn words_follow_the_figure_that_is_shown() {
        let words = [0.044, 0.05, 0.2, 0.4, 0.6, 0.8].map(|loss| said(loss, 0.0));
        let table = [
            "Very likely",
            "Likely",
            "Probably",
            "A coin toss",
            "Probably not",
            "Unlikely",
        ];
        assert_eq!(words, table);
        // It is shown as 60 in 100.
        assert_eq!(said(0.596, 0.0), "Probably not");
    }

    #[test]
    fn both_words_are_said_where_the_error_spans_them() {
        let both = said(0.598, 0.005);
        assert!(both.starts_with("A coin toss or probably not"), "{both}");
        assert_eq!(said(0.5, 0.005), "A coin toss");
    }

    #[test]
    fn what_every_future_says_is_certain() {
        assert_eq!(
            [said(1.0, 1e-4), said(0.0, 1e-4)],
            ["Certainly not", "Certainly"]
        );
        let few = Estimate {
            value: 1.0,
            mc_error: 1e-3,
        };
        assert_eq!(
            verdict(few, 1_000),
            "Unlikely",
            "3 in 1,000 may be otherwise"
        );
        assert_eq!(chance(1.0, 10_000), "all of 10\u{202f}000");
        assert_eq!(chance(1.0, 1_000), "over 99 in 100");
    }

    #[test]
    fn an_overlap_is_told_where_futures_tell_it() {
        let of = |value, mc_error| overlap(Estimate { value, mc_error }, "EUR");
        let less = of(-12_345.0, 300.0).unwrap();
        assert!(less.contains("12k less than"), "{less}");
        let more = of(12_345.0, 300.0).unwrap();
        assert!(more.contains("12k more than"), "{more}");
        assert_eq!((of(500.0, 300.0), of(0.0, 0.0)), (None, None));
    }

    #[test]
    fn lifetimes_are_compared_where_futures_tell_them_apart() {
        let of = |value: f64, mc_error| Estimate { value, mc_error };
        let mut it = LifetimeEffect {
            as_is: of(812.3, 4.0),
            with_programme: of(853.9, 4.0),
            difference: of(41.62, 0.3),
            difference_p5: 12.34,
            difference_p95: 71.78,
        };
        let words = "A customer won brings EUR 812 as things are and EUR 854 with the programme: EUR 42 more (EUR 12 to \
                     EUR 72 in 90 of 100 futures).";
        assert_eq!(lifetime(&it, "EUR"), words);
        it.difference = of(0.0, 0.0);
        assert!(lifetime(&it, "EUR").contains("no more or less"));
    }

    #[test]
    fn chances_are_hundredths() {
        assert_eq!(chance(0.2734, 10_000), "27 in 100");
        assert_eq!(chance(0.0, 100), "under 1 in 100");
    }

    #[test]
    fn inputs_are_named_by_whose_they_are() {
        let names = [
            "initiatives.care.hazard causal share",
            "segments.A / B.revenue",
            "gross_margin",
        ];
        let shown = [
            "care: hazard causal share",
            "A / B: revenue",
            "gross margin",
        ];
        assert_eq!(names.map(input_name), shown);
    }

    #[test]
    fn an_error_limits_digits() {
        assert_eq!(within_error(5_123.0, 300.0), 5_100.0);
        assert_eq!(within_error(-21_345.0, 984.0), -21_300.0);
        assert_eq!(within_error(34.983, 0.46), 35.0);
        assert_eq!(within_error(12.5, 0.0), 12.5);
        assert!(within_error(-3.0, 400.0).is_sign_negative());
    }
}
