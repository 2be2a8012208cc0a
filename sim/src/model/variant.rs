//! The same model, asked another question: inputs keep their draws.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::{
    Confirmed, CurveId, EffectGroup, EffectGroups, Hazard, InitiativeId, Model, Segment, Term,
    Terminal, undecided,
};
use crate::scenario::Demography;

/// Most months beyond the horizon in which customers live out their hazards.
const LONGEST_RUN_OFF: usize = 600;

/// Share of today's value, of customers discounted, below which the rest of a run-off is left out.
const NEGLIGIBLE: f64 = 1e-3;

impl Model {
    /// The same model with only some initiatives done. Inputs keep their draws.
    ///
    /// # Panics
    /// If `active` has not one entry for each initiative.
    #[must_use]
    pub fn with_active(&self, active: &[bool]) -> Self {
        assert_eq!(
            active.len(),
            self.initiatives.len(),
            "one entry for each initiative"
        );
        self.changed(&|model| {
            for (initiative, &active) in model.initiatives.iter_mut().zip(active) {
                initiative.active = active;
            }
        })
    }

    /// The same model without stage gates: what follows a pilot is rolled out in every trial.
    #[must_use]
    pub fn without_gates(&self) -> Self {
        self.changed(&|model| {
            for initiative in &mut model.initiatives {
                initiative.gate = None;
            }
        })
    }

    /// The same model with one initiative rolled out whatever its pilot says.
    pub(crate) fn without_gate(&self, initiative: InitiativeId) -> Self {
        self.changed(&|model| model.initiatives[initiative].gate = None)
    }

    /// The same model with one initiative that is never given up.
    pub(crate) fn without_stop(&self, initiative: InitiativeId) -> Self {
        self.changed(&|model| model.initiatives[initiative].stop = None)
    }

    /// Whether a future of it takes long: customers differ, or are drawn one by one.
    pub(crate) fn is_slow(&self) -> bool {
        let differ = |segment: &Segment| {
            matches!(
                segment.hazard,
                Hazard::Heterogeneous(_) | Hazard::Mixture(..)
            )
        };
        self.demography == Demography::Binomial || self.segments.iter().any(differ)
    }

    /// Whether a run-off has a value: the discount rate is above 0 in every future.
    pub(crate) fn may_run_off(&self) -> bool {
        self.lowest(self.rate) >= 0.0 && self.rate != Term::Fixed(0.0)
    }

    /// The run-off as what counts beyond the horizon.
    pub(crate) fn run_off_terminal(&self, both_go_on: bool) -> Terminal {
        Terminal::RunOff(Arc::new(self.run_off(both_go_on)))
    }

    /// The same model, judged at another horizon and without any value beyond.
    pub(crate) fn at_horizon(&self, months: usize) -> Self {
        let mut model = self.clone();
        (model.horizon, model.last_entry) = (months, months);
        for currency in &mut model.currencies {
            currency.last = months;
        }
        model.terminal = Terminal::None;
        model
    }

    /// The same model if a share were saved of every cost of which finance has confirmed nothing; what is added is spent
    /// in full, as it is.
    pub(crate) fn with_avoidable(&self, share: f64) -> Self {
        self.changed(&|model| model.confirmed().for_each(|it| it.suppose(share)))
    }

    /// Whether there is a cost of which finance has confirmed nothing.
    pub(crate) fn has_unconfirmed(&self) -> bool {
        let of_segment = |it: &Segment| {
            let has_overhead = it.overhead != Term::Fixed(0.0);
            has_overhead && it.overhead_avoidable.is_open()
                || it
                    .channels
                    .iter()
                    .any(|channel| channel.avoidable.is_open())
        };
        let mut training = self.training.iter();
        self.segments.iter().any(of_segment) || training.any(|it| it.avoidable.is_open())
    }

    /// What finance has confirmed of each cost.
    fn confirmed(&mut self) -> impl Iterator<Item = &mut Confirmed> {
        let of_segments = self.segments.iter_mut().flat_map(|segment| {
            let channels = segment.channels.iter_mut();
            channels
                .map(|channel| &mut channel.avoidable)
                .chain([&mut segment.overhead_avoidable])
        });
        let of_training = self.training.iter_mut().map(|it| &mut it.avoidable);
        of_segments.chain(of_training)
    }

    /// The model continued beyond its horizon: the customers of both worlds live out their hazards,
    /// nobody enters. An effect with recurring costs ends with them, and both end at the horizon
    /// unless they go on; an effect of one-off costs alone stays.
    pub(crate) fn run_off(&self, both_go_on: bool) -> Self {
        let mut model = self.clone();
        model.terminal = Terminal::None;
        // What customers owe is paid by the horizon.
        model.receivables = None;
        model.last_entry = self.horizon;
        // What is paid without an end is paid when hardly anybody is left, too.
        let months = if both_go_on {
            LONGEST_RUN_OFF
        } else {
            self.run_off_months()
        };
        model.horizon = self.horizon + months;
        let lives: Vec<Option<Vec<Range<usize>>>> = self
            .initiatives
            .iter()
            .map(|initiative| {
                let monthly = initiative.costs.iter().filter(|line| line.monthly);
                let paid = monthly.map(|line| line.months(usize::MAX));
                let mut lives: Vec<Range<usize>> = paid.collect();
                if lives.is_empty() {
                    return None;
                }
                if !both_go_on {
                    lives.clear();
                }
                lives.push(0..self.horizon + 1);
                Some(lives)
            })
            .collect();
        for initiative in &mut model.initiatives {
            for line in &mut initiative.costs {
                if !both_go_on {
                    line.last = line.last.min(self.horizon);
                }
            }
        }
        model.let_live(&lives);
        model
    }

    /// Months until customers, discounted, are negligible: by the lowest rate, and half the least hazard
    /// of any age and segment, so that neither a programme nor a low draw outlives them.
    fn run_off_months(&self) -> usize {
        let low_rate = self.lowest(self.rate).max(0.0);
        let hazard = self
            .segments
            .iter()
            .map(|segment| 0.5 * segment.lasting_hazard)
            .fold(f64::INFINITY, f64::min);
        let monthly = crate::math::ln_1p(low_rate) / 12.0 + hazard;
        let months = -crate::math::ln(NEGLIGIBLE) / monthly;
        if months < LONGEST_RUN_OFF as f64 {
            12 * (months / 12.0).ceil() as usize
        } else {
            LONGEST_RUN_OFF
        }
    }

    /// Lets the effects of each initiative act only in the months in which it lives; all where none are
    /// said.
    fn let_live(&mut self, lives: &[Option<Vec<Range<usize>>>]) {
        let mut curves = std::mem::take(&mut self.curves);
        let mut known: BTreeMap<(CurveId, InitiativeId), CurveId> = BTreeMap::new();
        let mut living = |curve: CurveId, initiative: InitiativeId| {
            if lives[initiative.0].is_none() {
                return curve;
            }
            *known.entry((curve, initiative)).or_insert_with(|| {
                let mut bounded = curves[curve].clone();
                bounded.lives.clone_from(&lives[initiative.0]);
                curves.push(bounded);
                CurveId(curves.len() - 1)
            })
        };
        let (effects, decided) = (&self.effects, &self.decided);
        let initiative_of = |effect| effects[undecided(effects, decided, effect)].initiative;
        let mut end = |groups: &mut EffectGroups| {
            let mut ended: EffectGroups = Vec::new();
            for group in groups.drain(..) {
                for member in group.members {
                    let curve = living(group.curve, initiative_of(member.0));
                    match ended.iter_mut().find(|group| group.curve == curve) {
                        Some(group) => group.members.push(member),
                        None => ended.push(EffectGroup {
                            curve,
                            members: vec![member],
                        }),
                    }
                }
            }
            *groups = ended;
        };
        for segment in &mut self.segments {
            segment.effect_groups_mut().for_each(&mut end);
        }
        if let Some(training) = &mut self.training {
            end(&mut training.effects);
        }
        self.curves = curves;
    }

    /// The same change to the model and to its continuation beyond the horizon.
    pub(super) fn changed(&self, change: &impl Fn(&mut Self)) -> Self {
        let mut model = self.clone();
        change(&mut model);
        if let Terminal::RunOff(beyond) = &model.terminal {
            model.terminal = Terminal::RunOff(Arc::new(beyond.changed(change)));
        }
        model
    }
}
