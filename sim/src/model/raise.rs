//! Initiatives that raise the readiness of others.

use super::InitiativeId;
use super::initiative::Programme;
use crate::scenario::{Initiative, Problem, Raise, ScenarioError};

/// Highest score of a P.
pub(super) const HIGHEST: f64 = 5.0;

/// A figure that readiness sets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ready {
    /// By the score as it is written.
    pub(crate) written: f64,
    /// Another one in the futures in which an initiative raises the score.
    pub(crate) raised: Option<Raised>,
}

/// What a raised score makes of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Raised {
    /// Whoever raises it, where it works.
    pub(crate) by: InitiativeId,
    /// What it is then.
    pub(crate) to: f64,
}

impl Ready {
    /// Months of delay as months from the decision.
    pub(super) fn after(self, start_month: u32) -> Self {
        let start = f64::from(start_month);
        Self {
            written: start + self.written,
            raised: self.raised.map(|raised| Raised {
                to: start + raised.to,
                ..raised
            }),
        }
    }

    /// One that nobody raises.
    pub(super) fn as_written(written: f64) -> Self {
        Self {
            written,
            raised: None,
        }
    }
}

/// One of the three Ps.
#[derive(Debug, Clone, Copy)]
pub(super) enum P {
    People,
    Process,
    Politics,
}

impl P {
    const ALL: [Self; 3] = [Self::People, Self::Process, Self::Politics];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Process => "process",
            Self::Politics => "politics",
        }
    }

    fn points(self, raise: &Raise) -> f64 {
        match self {
            Self::People => raise.people,
            Self::Process => raise.process,
            Self::Politics => raise.politics,
        }
    }
}

/// The initiatives that raise another, with what they raise.
pub(super) fn raisers<'a>(
    initiatives: &'a [Initiative],
    raised: &'a Initiative,
) -> impl Iterator<Item = (usize, &'a Raise)> {
    let raising = initiatives.iter().enumerate().filter_map(|(index, it)| {
        let raise = it.raises.as_ref()?;
        (raise.means(raised) && raise.shows_for(it, raised)).then_some((index, raise))
    });
    raising.filter(|_| raised.readiness.is_some())
}

impl Raise {
    fn means(&self, other: &Initiative) -> bool {
        self.of.is_empty() || self.of.contains(&other.name)
    }

    /// Whether it shows before another starts; then it is none that raises itself.
    fn shows_for(&self, own: &Initiative, other: &Initiative) -> bool {
        u64::from(other.start_month) >= self.shows_in(own)
    }

    /// First month in which it shows.
    fn shows_in(&self, own: &Initiative) -> u64 {
        u64::from(own.start_month) + u64::from(self.after_months)
    }
}

impl Programme<'_> {
    /// Who raises a P of an initiative, and by how many points.
    pub(super) fn raised(&self, written: &Initiative, p: P) -> Option<(InitiativeId, f64)> {
        let mut raisers = raisers(&self.scenario.initiatives, written);
        let (index, raise) = raisers.find(|(_, raise)| p.points(raise) > 0.0)?;
        let name = &self.scenario.initiatives[index].name;
        let position = self.initiatives.iter().position(|it| it.name == *name)?;
        Some((InitiativeId(position), p.points(raise)))
    }
}

/// Refuses raises of nothing, of nobody, and two of one P.
pub(super) fn check(initiatives: &[Initiative]) -> Result<(), ScenarioError> {
    for (index, initiative) in initiatives.iter().enumerate() {
        if let Some(raise) = &initiative.raises {
            check_raise(
                initiatives,
                initiative,
                raise,
                &format!("initiatives[{index}].raises"),
            )?;
        }
    }
    for (index, raised) in initiatives.iter().enumerate() {
        for p in P::ALL {
            let raising: Vec<String> = raisers(initiatives, raised)
                .filter(|(_, raise)| p.points(raise) > 0.0)
                .map(|(by, _)| format!("\"{}\"", initiatives[by].name))
                .collect();
            if raising.len() > 1 {
                let problem = format!(
                    "{} raise its {}; one initiative raises a P of another: say in their `of` whom each raises, or join them",
                    raising.join(" and "),
                    p.name()
                );
                let path = format!("initiatives[{index}].readiness.{}", p.name());
                return Err(Problem::Conflict(problem).at(path));
            }
        }
    }
    Ok(())
}

fn check_raise(
    initiatives: &[Initiative],
    own: &Initiative,
    raise: &Raise,
    path: &str,
) -> Result<(), ScenarioError> {
    for p in P::ALL {
        Problem::unless_within(p.points(raise), 0.0, HIGHEST, "give points from 0 to 5")
            .map_err(|problem| problem.at(format!("{path}.{}", p.name())))?;
    }
    let conflict = |problem: String| Problem::Conflict(problem).at(path);
    if P::ALL.iter().all(|p| p.points(raise) == 0.0) {
        let problem = "raises nothing; give points of people, process or politics, or leave it out";
        return Err(conflict(problem.to_owned()));
    }
    let months = f64::from(raise.after_months);
    Problem::unless_within(months, 1.0, 1200.0, "give months from its start, 1 to 1200")
        .map_err(|problem| problem.at(format!("{path}.after_months")))?;
    if own.stop.is_some() {
        let problem = "raises others, and has a stopping rule: what it raised would have to fall again; leave one of both out";
        return Err(conflict(problem.to_owned()));
    }
    for (place, name) in raise.of.iter().enumerate() {
        let named = initiatives.iter().find(|it| it.name == *name);
        check_named(initiatives, own, raise, name, named)
            .map_err(|problem| problem.at(format!("{path}.of[{place}]")))?;
    }
    let raises = |raised: &Initiative| raised.readiness.is_some() && raise.shows_for(own, raised);
    if raise.of.is_empty() && !initiatives.iter().any(raises) {
        let problem = format!(
            "raises nobody: no initiative with `readiness` starts in month {} or later",
            raise.shows_in(own)
        );
        return Err(conflict(problem));
    }
    Ok(())
}

fn check_named(
    initiatives: &[Initiative],
    own: &Initiative,
    raise: &Raise,
    name: &str,
    named: Option<&Initiative>,
) -> Result<(), Problem> {
    let Some(named) = named else {
        return Err(Problem::Unknown {
            what: "initiative",
            name: name.to_owned(),
            known: initiatives.iter().map(|it| it.name.clone()).collect(),
        });
    };
    if named.readiness.is_none() {
        return Err(Problem::Conflict(format!(
            "\"{name}\" has no readiness that could be raised; give it scores of people, process and politics"
        )));
    }
    if raise.shows_for(own, named) {
        return Ok(());
    }
    Err(Problem::Conflict(format!(
        "\"{name}\" starts in month {}, before what raises it shows, in month {}; start it later, or the other earlier",
        named.start_month,
        raise.shows_in(own)
    )))
}
