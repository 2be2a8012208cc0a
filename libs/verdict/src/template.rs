//! Scenarios to begin with: what is usually done, through which levers it works, and what is known of how large that is.
//!
//! A template has no size of its own. Of few changes is published how large their effects are, and what is published was
//! learnt elsewhere: it stands above the scenario with its source, and the size is for its writer to fill in. Until
//! then the scenario is refused.

mod programme;
mod text;

use keepworth_contract::simulator::ScenarioTemplate;
use keepworth_contract::simulator::baseline::{Baseline, SegmentBaseline};

pub use programme::of_programme;

/// A template that is kept here.
struct Template {
    key: &'static str,
    title: &'static str,
    about: &'static str,
    sources: &'static [&'static str],
    effects: &'static [Change],
    costs: &'static [Cost],
}

/// An effect without its size.
struct Change {
    on: &'static str,
    /// What a customer, or the company, notices of it.
    about: &'static str,
    /// A part that it may act on alone, as a line of TOML.
    part: Option<&'static str>,
}

/// A cost without its amount.
struct Cost {
    kind: &'static str,
    recurrence: &'static str,
    about: &'static str,
}

const fn change(on: &'static str, about: &'static str, part: Option<&'static str>) -> Change {
    Change { on, about, part }
}

const fn once(kind: &'static str, about: &'static str) -> Cost {
    let recurrence = "once";
    Cost {
        kind,
        recurrence,
        about,
    }
}

const fn monthly(kind: &'static str, about: &'static str) -> Cost {
    let recurrence = "monthly";
    Cost {
        kind,
        recurrence,
        about,
    }
}

const DISSATISFACTION: Option<&str> = Some("cause = \"DISSATISFACTION\"");
const EFFORT: Option<&str> = Some("cause = \"EFFORT\"");
const ISSUE: Option<&str> = Some("issue = \"ISSUE\"");

/// In the order of their keys.
const TEMPLATES: &[Template] = &[
    Template {
        key: "callback-with-context",
        title: "Callback with context",
        about: "Customers who are stuck are called back by somebody who knows where they were: fewer call again, calls \
                are shorter, and fewer leave for the effort.",
        sources: &[],
        effects: &[
            change("contacts", "nobody has to call again", ISSUE),
            change("minutes", "nobody has to tell it again", ISSUE),
            change("hazard", "fewer give up", EFFORT),
        ],
        costs: &[
            once("technology", "from the page to the agent"),
            monthly("people", "who calls back"),
        ],
    },
    Template {
        key: "contact-reduction",
        title: "Contact reduction",
        about: "What customers have to call about is mended where it comes from: fewer contacts of one issue.",
        sources: &[],
        effects: &[change("contacts", "the reason to call is gone", ISSUE)],
        costs: &[
            once("process", "what has to be mended"),
            monthly("people", "who looks for the next reason"),
        ],
    },
    Template {
        key: "experience-premium",
        title: "Experience premium",
        about: "An experience that is worth a price of its own: customers pay more for the same service, come more often, \
                and bring others. How much more, nobody knows before they were asked to pay it: there is no default.",
        sources: &[],
        effects: &[
            change("price_premium", "paid for the same service", None),
            change("arpu", "they come more often", None),
            change(
                "referrals",
                "new customers per customer reached and month",
                None,
            ),
        ],
        costs: &[
            once("process", "design of the experience"),
            monthly("people", "who gives it"),
        ],
    },
    Template {
        key: "loyalty",
        title: "Loyalty programme",
        about: "Customers who stay are given something for it: fewer leave, and who stays buys more. What is given to those \
                who would have stayed anyway is a cost.",
        sources: &[],
        effects: &[
            change("hazard", "fewer leave", None),
            change("arpu", "who stays buys more", None),
        ],
        costs: &[
            once("technology", "the programme"),
            monthly(
                "treatment",
                "what members are given, whoever would have stayed",
            ),
        ],
    },
    Template {
        key: "onboarding",
        title: "Onboarding",
        about: "New customers are shown what they bought: fewer leave, and fewer ask.",
        sources: &[
            "Forrester Consulting for Intellum, 2024, table A: of customers who were offered training, 51.1% took it up, and \
             their retention is put 22.2% higher. It was paid for by who sells such training (grade D), has no interval, \
             and is of retention: what it makes of the hazard of leaving depends on how many stay as it is.",
        ],
        effects: &[
            change(
                "hazard",
                "fewer leave for what they did not find",
                DISSATISFACTION,
            ),
            change("contacts", "fewer ask how it works", ISSUE),
        ],
        costs: &[
            once("training", "material"),
            monthly("people", "who takes them by the hand"),
        ],
    },
    Template {
        key: "self-service-repair",
        title: "Self-service repair",
        about: "Where customers get lost in self-service is found and mended: fewer call after they have tried.",
        sources: &[],
        effects: &[
            change("contacts", "fewer call after trying by themselves", ISSUE),
            change("hazard", "fewer leave for the effort", EFFORT),
        ],
        costs: &[
            once("technology", "what has to be mended"),
            monthly("people", "who watches where they get lost"),
        ],
    },
    Template {
        key: "service-recovery",
        title: "Service recovery",
        about: "Who complained, or scored low, is called and helped: fewer of them leave.",
        sources: &[
            "Asked again after six weeks without a purchase between, 44% of dissatisfied customers were still dissatisfied \
             (over-time variation of individual satisfaction scores, figshare collection 4880418): more than half get \
             better with nothing done. A size from before and after, without others who were left alone, is mostly that.",
        ],
        effects: &[change(
            "hazard",
            "fewer leave for what went wrong",
            DISSATISFACTION,
        )],
        costs: &[
            monthly("people", "who calls and helps"),
            monthly("treatment", "what is made good"),
        ],
    },
];

/// Why no scenario can be written from a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// There is no such template.
    #[error("no template is called `{key}`; known: {}", known.join(", "))]
    Unknown {
        /// The key.
        key: String,
        /// Those there are.
        known: Vec<&'static str>,
    },
    /// A segment that the baseline does not hold.
    #[error("the baseline has no segment `{name}`; it has {}", known.join(", "))]
    UnknownSegment {
        /// The segment.
        name: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// A baseline without segments.
    #[error(
        "the baseline has no segment that a programme could reach; import customers with a segment, and build it again"
    )]
    NoSegment,
}

/// All templates, in the order of their keys.
pub fn all() -> impl Iterator<Item = ScenarioTemplate> {
    TEMPLATES.iter().map(|it| ScenarioTemplate {
        key: it.key.to_owned(),
        title: it.title.to_owned(),
        about: it.about.to_owned(),
        sources: it.sources.iter().map(|it| (*it).to_owned()).collect(),
    })
}

/// The text of a scenario from a template, for segments of a baseline: for all that have customers where none is named.
///
/// # Errors
/// [`TemplateError`].
pub fn write(key: &str, baseline: &Baseline, named: &[String]) -> Result<String, TemplateError> {
    let template = TEMPLATES.iter().find(|it| it.key == key);
    let template = template.ok_or_else(|| TemplateError::Unknown {
        key: key.to_owned(),
        known: TEMPLATES.iter().map(|it| it.key).collect(),
    })?;
    Ok(text::of(template, &segments(baseline, named)?))
}

fn segments<'a>(
    baseline: &'a Baseline,
    named: &[String],
) -> Result<Vec<&'a SegmentBaseline>, TemplateError> {
    let all = &baseline.segments;
    let find = |name: &String| {
        let found = all.iter().find(|it| it.name == *name);
        found.ok_or_else(|| TemplateError::UnknownSegment {
            name: name.clone(),
            known: all.iter().map(|it| it.name.clone()).collect(),
        })
    };
    let found = if named.is_empty() {
        all.iter().collect()
    } else {
        named.iter().map(find).collect::<Result<Vec<_>, _>>()?
    };
    if found.is_empty() {
        return Err(TemplateError::NoSegment);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use keepworth_sim::Scenario;

    use super::*;

    /// What a writer fills in.
    fn filled(text: &str) -> String {
        text.replace("# discount_rate = RATE", "discount_rate = 0.1")
            .replace("# amount = AMOUNT", "amount = 1000")
            .replace("# size = \"LOW to HIGH\"", "size = \"1% to 2%\"")
    }

    #[test]
    fn a_template_is_refused_until_it_is_filled_in_and_then_runs() {
        let baseline = crate::sample();
        for template in TEMPLATES {
            let text = write(template.key, &baseline, &[]).unwrap();
            assert!(Scenario::from_toml(&text).is_err(), "{text}");
            let sizeless = filled(&text).replace("size = \"1% to 2%\"", "");
            let scenario = Scenario::from_toml(&sizeless).unwrap();
            let refused = crate::prepare(&scenario, &baseline).unwrap_err();
            assert!(refused.to_string().contains("has no size"), "{refused}");
            let scenario = Scenario::from_toml(&filled(&text)).unwrap();
            crate::prepare(&scenario, &baseline).unwrap();
            assert_eq!(
                scenario.initiatives[0].effects.len(),
                template.effects.len()
            );
        }
    }

    #[test]
    fn templates_stand_in_the_order_of_their_keys() {
        assert!(TEMPLATES.is_sorted_by_key(|it| it.key));
        assert_eq!(all().count(), 7);
    }

    #[test]
    fn a_segment_that_is_missing_is_refused_with_those_there_are() {
        let baseline = crate::sample();
        let of = |segment: &str| write("loyalty", &baseline, &[segment.to_owned()]);
        assert!(of("home").unwrap().contains("reach = { \"home\" = 1.0 }"));
        let refused = of("public").unwrap_err().to_string();
        assert!(refused.contains("business, home"), "{refused}");
        let unknown = write("nothing", &baseline, &[]).unwrap_err().to_string();
        assert!(unknown.contains("service-recovery"), "{unknown}");
        let mut empty = baseline;
        empty.segments.clear();
        assert_eq!(write("loyalty", &empty, &[]), Err(TemplateError::NoSegment));
    }

    #[test]
    fn where_no_contact_is_recorded_none_is_to_be_saved() {
        let mut baseline = crate::sample();
        for segment in &mut baseline.segments {
            segment.channels.clear();
        }
        let text = write("onboarding", &baseline, &[]).unwrap();
        assert!(!text.contains("on = \"contacts\""), "{text}");
        assert!(text.contains("no contact is recorded"), "{text}");
    }
}
