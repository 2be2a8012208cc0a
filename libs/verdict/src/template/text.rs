//! A template as the text of a scenario.

use std::collections::BTreeSet;
use std::fmt::Write;

use keepworth_contract::simulator::baseline::SegmentBaseline;

use super::{Change, Cost, Template};

/// Characters of a line of comment.
const WIDTH: usize = 100;

/// The text, for segments of a baseline.
pub(super) fn of(template: &Template, segments: &[&SegmentBaseline]) -> String {
    let mut text = head(template);
    let names = segments
        .iter()
        .map(|it| format!("{} = 1.0", quoted(&it.name)));
    let title = quoted(template.title);
    let _ = write!(
        text,
        "
name = {title}
horizon_months = 36            # how far you look, 1 to 600 months
# discount_rate = RATE         # a year, such as finance uses it for decisions like this one

[[initiatives]]
name = {title}
# sponsor = \"NAME\"             # who carries it
# process_owner = \"NAME\"       # who owns the process that it changes
start_month = 0                # months from the day of the baseline
# The share of each segment that it reaches:
reach = {{ {} }}
",
        Vec::from_iter(names).join(", ")
    );
    let channels = channels(segments);
    for change in template.effects {
        text.push_str(&effect(change, &channels));
    }
    for it in template.costs {
        text.push_str(&cost(it));
    }
    text
}

fn head(template: &Template) -> String {
    let mut text = comment(&format!("{}. {}", template.title, template.about));
    text.push_str("#\n");
    if template.sources.is_empty() {
        text.push_str(&comment(
            "How large its effects are, nobody has published so that it would hold for your customers.",
        ));
    }
    for source in template.sources {
        text.push_str(&comment(&format!(
            "Published, and no size as it stands: {source}"
        )));
    }
    text.push_str("#\n");
    text.push_str(&comment(
        "A size comes from a pilot of your own (keepworth pilot plan), from a link on your own records (keepworth link fit), \
         or from the library of evidence (keepworth evidence list). Fill in what is in capitals and take away the # \
         before it: until then the scenario is refused.",
    ));
    text
}

fn effect(change: &Change, channels: &BTreeSet<&str>) -> String {
    let is_of_contacts = matches!(change.on, "contacts" | "minutes");
    if is_of_contacts && channels.is_empty() {
        return format!(
            "\n# On {} ({}): no contact is recorded of these segments, so that there is none to save.\n",
            change.on, change.about
        );
    }
    let mut text = format!(
        "
[[initiatives.effects]]
on = \"{}\"
note = {}
# size = \"LOW to HIGH\"         # a 90% interval, as a fraction of what there is: \"4% to 13%\" is that much
# grade = \"A\"                  # how it is known, A to D; D, an assumption, when left out
# evidence = \"KEY\"             # in place of size and grade: what the library says
",
        change.on,
        quoted(change.about)
    );
    if let Some(part) = change.part {
        let _ = writeln!(
            text,
            "# {part:<27}  # only this part of it; the size is then a share of that"
        );
    }
    if is_of_contacts {
        let names = Vec::from_iter(channels.iter().copied()).join(", ");
        let _ = writeln!(
            text,
            "# channel = \"NAME\"             # only one of {names}"
        );
    }
    text
}

fn cost(cost: &Cost) -> String {
    format!(
        "
[[initiatives.costs]]
type = \"{}\"
note = {}
recurrence = \"{}\"
# amount = AMOUNT              # each time: 1000, or \"800 to 1200\" where it is not sure
",
        cost.kind,
        quoted(cost.about),
        cost.recurrence
    )
}

fn channels<'a>(segments: &[&'a SegmentBaseline]) -> BTreeSet<&'a str> {
    let all = segments.iter().flat_map(|it| &it.channels);
    let used = all.filter(|it| it.contacts.value.is_some_and(|contacts| contacts > 0.0));
    used.map(|it| it.name.as_str()).collect()
}

/// A text as TOML has it; what JSON escapes, TOML reads.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Lines of comment, broken between words.
pub(super) fn comment(text: &str) -> String {
    let mut lines = vec!["#".to_owned()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("# {word}")),
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}
