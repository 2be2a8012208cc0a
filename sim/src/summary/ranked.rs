//! Order statistics of many values without sorting or copying them: values are counted in cells of
//! equal width, and only those in the cells that hold a wanted rank are looked at further.

use super::values::Values;

/// Quantiles, linear between order statistics (type 7 of Hyndman and Fan).
///
/// # Panics
/// If there is no value.
pub(crate) fn quantiles<const N: usize>(values: &Values<'_>, probabilities: [f64; N]) -> [f64; N] {
    let last = values.count() - 1;
    let positions = probabilities.map(|p| p.clamp(0.0, 1.0) * last as f64);
    let below = positions.map(|position| position.floor() as usize);
    let ranks = below.iter().flat_map(|&rank| [rank, (rank + 1).min(last)]);
    let found = Ranks::find(values, ranks);
    std::array::from_fn(|i| {
        let (low, high) = (found.at(below[i]), found.at((below[i] + 1).min(last)));
        low + (positions[i] - below[i] as f64) * (high - low)
    })
}

/// The values of some ranks, 0 the lowest, in the total order of IEEE 754 but for zeros of both
/// signs.
pub(crate) struct Ranks {
    /// Rank and value, by rank.
    found: Vec<(usize, f64)>,
}

impl Ranks {
    pub(crate) fn find(values: &Values<'_>, ranks: impl IntoIterator<Item = usize>) -> Self {
        let mut ranks: Vec<usize> = ranks.into_iter().collect();
        ranks.sort_unstable();
        ranks.dedup();
        let mut found = Vec::with_capacity(ranks.len());
        let [mut low, mut high] = [f64::INFINITY, f64::NEG_INFINITY];
        values.each(|slice| {
            for &value in slice {
                low = if value < low { value } else { low };
                high = if value > high { value } else { high };
            }
        });
        let all = Interval {
            low,
            high,
            below: 0,
            count: values.count(),
        };
        all.find(values, &ranks, &mut found);
        found.sort_unstable_by_key(|&(rank, _)| rank);
        Self { found }
    }

    /// The value of a rank that was looked for; NaN of one that there is not.
    pub(crate) fn at(&self, rank: usize) -> f64 {
        let place = self.found.binary_search_by_key(&rank, |&(rank, _)| rank);
        place.map_or(f64::NAN, |place| self.found[place].1)
    }
}

/// Values that are looked at together: those from `low` to `high`.
#[derive(Clone, Copy)]
struct Interval {
    low: f64,
    high: f64,
    /// Values below it.
    below: usize,
    /// Values in it.
    count: usize,
}

/// Fewest values that are counted rather than sorted.
const COUNTED: usize = 64;

/// Most values of a cell that are gathered; of more, the cell is an interval of its own.
const GATHERED: usize = 1 << 12;

impl Interval {
    /// Finds the values of ranks, increasing ones, that lie in the interval.
    fn find(self, values: &Values<'_>, ranks: &[usize], found: &mut Vec<(usize, f64)>) {
        if self.low == self.high {
            return found.extend(ranks.iter().map(|&rank| (rank, self.low)));
        }
        let Some(grid) = Grid::new(self).filter(|_| self.count >= COUNTED) else {
            let mut all = Vec::with_capacity(self.count);
            self.each(values, |value| all.push(value));
            return pick(all, self.below, ranks, found);
        };
        let mut counts = vec![0_u32; grid.cells];
        self.each(values, |value| counts[grid.cell(value)] += 1);
        let mut cells = self.cells_with(&counts, ranks);
        // By cell: the place in `cells`, and one past all where no rank is wanted.
        let mut places = vec![cells.len(); grid.cells];
        cells
            .iter()
            .enumerate()
            .for_each(|(place, cell)| places[cell.index] = place);
        self.each(values, |value| {
            if let Some(cell) = cells.get_mut(places[grid.cell(value)]) {
                cell.take(value);
            }
        });
        for cell in cells {
            if cell.interval.count <= GATHERED {
                pick(cell.gathered, cell.interval.below, cell.ranks, found);
            } else {
                cell.interval.find(values, cell.ranks, found);
            }
        }
    }

    fn each(self, values: &Values<'_>, mut show: impl FnMut(f64)) {
        values.each(|slice| {
            for &value in slice {
                if value >= self.low && value <= self.high {
                    show(value);
                }
            }
        });
    }

    /// The cells that hold the ranks.
    fn cells_with<'r>(self, counts: &[u32], mut ranks: &'r [usize]) -> Vec<Cell<'r>> {
        let mut cells = Vec::new();
        let mut below = self.below;
        for (index, &count) in counts.iter().enumerate() {
            let count = count as usize;
            let (inside, above) = ranks.split_at(ranks.partition_point(|&r| r < below + count));
            if !inside.is_empty() {
                cells.push(Cell::new(index, below, count, inside));
            }
            (below, ranks) = (below + count, above);
        }
        cells
    }
}

/// The values of ranks among all those above `below` others.
fn pick(mut values: Vec<f64>, below: usize, ranks: &[usize], found: &mut Vec<(usize, f64)>) {
    values.sort_unstable_by(f64::total_cmp);
    let at = |rank: usize| values.get(rank - below).map(|&value| (rank, value));
    found.extend(ranks.iter().filter_map(|&rank| at(rank)));
}

/// A cell that holds wanted ranks.
struct Cell<'r> {
    index: usize,
    interval: Interval,
    gathered: Vec<f64>,
    ranks: &'r [usize],
}

impl<'r> Cell<'r> {
    fn new(index: usize, below: usize, count: usize, ranks: &'r [usize]) -> Self {
        let interval = Interval {
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
            below,
            count,
        };
        let gathered = Vec::with_capacity(if count <= GATHERED { count } else { 0 });
        Self {
            index,
            interval,
            gathered,
            ranks,
        }
    }

    fn take(&mut self, value: f64) {
        let Interval {
            low, high, count, ..
        } = &mut self.interval;
        *low = low.min(value);
        *high = high.max(value);
        if *count <= GATHERED {
            self.gathered.push(value);
        }
    }
}

/// Cells of equal width over an interval. They are in the order of their values, because rounding is.
struct Grid {
    low: f64,
    per_unit: f64,
    cells: usize,
}

impl Grid {
    /// `None` where the interval is infinite or too narrow to be parted.
    fn new(interval: Interval) -> Option<Self> {
        let cells = (interval.count / 4).next_power_of_two().clamp(64, 1 << 16);
        let per_unit = (cells - 1) as f64 / (interval.high - interval.low);
        (per_unit > 0.0 && per_unit.is_finite()).then_some(Self {
            low: interval.low,
            per_unit,
            cells,
        })
    }

    fn cell(&self, value: f64) -> usize {
        // Adding 2⁵² rounds to a whole number, in the low bits of the sum: a conversion takes longer.
        let rounded = (value - self.low) * self.per_unit + 4_503_599_627_370_496.0;
        (rounded.to_bits() as u32 as usize).min(self.cells - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(mut values: Vec<f64>) -> Vec<f64> {
        values.sort_unstable_by(f64::total_cmp);
        values
    }

    /// Values of every size, many of them equal.
    fn any_value() -> impl Strategy<Value = f64> {
        prop_oneof![
            -1e6..1e6_f64,
            (-3_i8..3).prop_map(f64::from),
            (-300_i32..300).prop_map(|power| 10_f64.powi(power)),
            (1_i32..300).prop_map(|power| -(10_f64.powi(power))),
        ]
    }

    proptest! {
        #[test]
        fn ranks_are_those_of_a_sort(
            values in prop::collection::vec(any_value(), 1..700),
            length in 1_usize..90,
        ) {
            let found = Ranks::find(&Values::new(values.chunks(length)), 0..values.len());
            for (rank, value) in sorted(values).into_iter().enumerate() {
                prop_assert_eq!(found.at(rank), value);
            }
        }

        #[test]
        fn crowded_cells_are_searched(
            crowd in prop::collection::vec(0.0..1e-9_f64, 9_000..10_000),
            far in prop::collection::vec(-1e9..1e9_f64, 1..20),
            p in 0.0..1.0_f64,
        ) {
            let values: Vec<f64> = crowd.into_iter().chain(far).collect();
            let rank = (p * (values.len() - 1) as f64) as usize;
            let found = Ranks::find(&Values::from(&*values), [rank]);
            prop_assert_eq!(found.at(rank), sorted(values)[rank]);
        }
    }

    #[test]
    fn infinite_values_have_ranks() {
        let values: Vec<f64> = (0..200).map(f64::from).chain([f64::INFINITY]).collect();
        let found = Ranks::find(&Values::from(&*values), [0, 100, 200, 201]);
        assert_eq!(
            [0, 100, 200].map(|rank| found.at(rank)),
            [0.0, 100.0, f64::INFINITY]
        );
        assert!(found.at(201).is_nan());
    }

    #[test]
    fn quantiles_are_linear_between_ranks() {
        let values = [4.0, 1.0, 3.0, 2.0];
        let found = quantiles(&Values::from(&values[..]), [0.5, 0.0, 1.0, 0.1]);
        assert_eq!(found, [2.5, 1.0, 4.0, 1.3]);
    }
}
