//! Scales: where a value stands on paper, and which round values are named beside it.

/// Values from one end to the other, spread evenly over a length.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// The values at both ends.
    pub(crate) values: [f64; 2],
    /// Where they stand.
    pub(crate) places: [f32; 2],
}

impl Scale {
    /// Where a value stands; one beyond an end stands at it.
    pub(crate) fn at(self, value: f64) -> f32 {
        let [low, high] = self.values;
        let [from, to] = self.places;
        let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
        from + (to - from) * share as f32
    }
}

impl Scale {
    /// How long a difference of values is.
    pub(crate) fn length_of(self, difference: f64) -> f32 {
        let [low, high] = self.values;
        let [from, to] = self.places;
        (to - from) * (difference / (high - low)) as f32
    }
}

/// Round values a step apart, from the last below all to the first above.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ticks {
    /// From one to the next.
    pub(crate) step: f64,
    /// All of them, ascending: at least two.
    pub(crate) values: Vec<f64>,
}

impl Ticks {
    /// About so many around values, no nearer to each other than `least`.
    pub(crate) fn around([low, high]: [f64; 2], about: usize, least: f64) -> Self {
        let step = round_step(((high - low) / about as f64).max(least));
        let first = (low / step).floor();
        let last = (high / step).ceil().max(first + 1.0);
        // Of amounts so large that a step is lost in their digits only the ends are told.
        let count = ((last - first).min(100.0)) as usize;
        Self {
            step,
            values: (0..=count)
                .map(|it| (first + it as f64) * step + 0.0)
                .collect(),
        }
    }

    /// The first and the last.
    pub(crate) fn ends(&self) -> [f64; 2] {
        let first = self.values.first().copied().unwrap_or(0.0);
        [
            first,
            self.values.last().copied().unwrap_or(first + self.step),
        ]
    }
}

/// A range that holds zero, too, unless it lies so far from zero that it would be one speck.
pub(crate) fn with_zero([low, high]: [f64; 2]) -> [f64; 2] {
    let wider = [low.min(0.0), high.max(0.0)];
    match wider[1] - wider[0] <= 3.0 * (high - low) {
        true => wider,
        false => [low, high],
    }
}

/// The next of 1, 2, 5 times a power of ten.
pub(crate) fn round_step(least: f64) -> f64 {
    if !(least > 0.0 && least.is_finite()) {
        return 1.0;
    }
    let power = 10_f64.powf(least.log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0];
    let factor = factors.into_iter().find(|it| it * power >= least);
    factor.unwrap_or(10.0) * power
}

/// Months between ticks, so that about a dozen stand on an axis.
pub(crate) fn month_step(horizon: usize) -> usize {
    let steps = [1, 2, 3, 6, 12, 24, 60, 120, 240];
    let step = steps.into_iter().find(|step| horizon / step <= 12);
    step.unwrap_or(600)
}

/// Places at least so far apart, each as near to where it was wanted as that allows; the wanted ones ascend.
pub(crate) fn apart(wanted: &[f32], gap: f32, [low, high]: [f32; 2]) -> Vec<f32> {
    let mut places = wanted.to_vec();
    for index in 1..places.len() {
        places[index] = places[index].max(places[index - 1] + gap);
    }
    // What was pushed out at the end comes back, and pushes the others.
    let mut bound = high;
    for place in places.iter_mut().rev() {
        *place = place.min(bound).max(low);
        bound = *place - gap;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_all_values() {
        let ticks = Ticks::around([-170.0, 460.0], 6, 1.0);
        assert_eq!(ticks.step, 200.0);
        assert_eq!(ticks.values, [-200.0, 0.0, 200.0, 400.0, 600.0]);
        let alike = Ticks::around([5.0, 5.0], 6, 1.0);
        assert_eq!(alike.values, [5.0, 6.0]);
        assert_eq!(Ticks::around([0.0, 0.2], 6, 1.0).values, [0.0, 1.0]);
    }

    #[test]
    fn no_value_stands_beyond_its_scale() {
        let scale = Scale {
            values: [-1.0, 1.0],
            places: [100.0, 0.0],
        };
        let places = [-9.0, -1.0, 0.0, 1.0, 9.0].map(|it| scale.at(it));
        assert_eq!(places, [100.0, 100.0, 50.0, 0.0, 0.0]);
    }

    #[test]
    fn labels_make_room_for_each_other() {
        assert_eq!(
            apart(&[0.0, 0.0, 50.0], 10.0, [0.0, 60.0]),
            [0.0, 10.0, 50.0]
        );
        assert_eq!(
            apart(&[58.0, 59.0, 60.0], 10.0, [0.0, 60.0]),
            [40.0, 50.0, 60.0]
        );
    }

    #[test]
    fn zero_is_shown_where_it_is_near() {
        assert_eq!(with_zero([10.0, 20.0]), [0.0, 20.0]);
        assert_eq!(with_zero([-900.0, -880.0]), [-900.0, -880.0]);
    }

    #[test]
    fn an_axis_has_a_dozen_months() {
        let steps = [1, 12, 24, 36, 60, 120, 600].map(month_step);
        assert_eq!(steps, [1, 1, 2, 3, 6, 12, 60]);
    }
}
