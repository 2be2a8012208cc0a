//! Which questions to a run cannot be.

mod pilot;

use keepworth_contract::simulator::{AskedQuestion, InformationQuestion, InputGroup};
use keepworth_contract::{FaultCode, InvalidParam};
use keepworth_intake::fault;

/// Most groups of inputs of one question.
const MOST_GROUPS: usize = 20;
/// Most inputs of a group: their products are regressed on, too.
const MOST_INPUTS: usize = 12;
/// Most characters of what is named in a question.
const LONGEST: usize = 200;

/// Everything that is wrong with a question, as far as that is known without its run.
pub(crate) fn faults(question: &AskedQuestion) -> Vec<InvalidParam> {
    match question {
        AskedQuestion::Information(it) => group_faults(it),
        AskedQuestion::BreakEven(it) => {
            let driver = fault::text("question/driver", &it.driver, LONGEST);
            let goal = it.goal.iter();
            let goal = goal.filter_map(|it| fault::text("question/goal", it, LONGEST));
            driver.into_iter().chain(goal).collect()
        }
        AskedQuestion::Pilot(it) => pilot::faults(it),
        AskedQuestion::Explanation | AskedQuestion::Portfolio(_) => Vec::new(),
    }
}

fn group_faults(it: &InformationQuestion) -> Vec<InvalidParam> {
    let mut faults = Vec::from_iter(count_fault("question/groups", it.groups.len(), MOST_GROUPS));
    for (place, group) in it.groups.iter().take(MOST_GROUPS).enumerate() {
        let name = format!("question/groups/{place}");
        faults.extend(count_fault(
            &format!("{name}/inputs"),
            group.inputs.len(),
            MOST_INPUTS,
        ));
        faults.extend(fault::text(&format!("{name}/name"), &group.name, LONGEST));
        faults.extend(twice(&name, &it.groups[..place], group));
    }
    faults
}

fn count_fault(name: &str, found: usize, most: usize) -> Option<InvalidParam> {
    let code = match found {
        0 => FaultCode::TooFew,
        _ if found > most => FaultCode::TooMany,
        _ => return None,
    };
    Some(InvalidParam::new(
        name,
        code,
        format!("names {found}; give 1 to {most}"),
    ))
}

/// What is named twice could not be told apart, or would count once.
fn twice(name: &str, before: &[InputGroup], group: &InputGroup) -> Vec<InvalidParam> {
    let mut faults = Vec::new();
    if before.iter().any(|it| it.name == group.name) {
        let reason = format!("`{}` is the name of another group, too", group.name);
        faults.push(InvalidParam::new(
            format!("{name}/name"),
            FaultCode::Duplicate,
            reason,
        ));
    }
    for (place, input) in group.inputs.iter().take(MOST_INPUTS).enumerate() {
        if group.inputs[..place].contains(input) {
            let reason = format!("`{input}` is named twice");
            let name = format!("{name}/inputs/{place}");
            faults.push(InvalidParam::new(name, FaultCode::Duplicate, reason));
        }
    }
    faults
}
