//! What everybody else sells: the exact rank, live. Only here, as the control that shows the attacks work.

/// What the parents of the first `watchers` children of a class read: rank and number of children, for each.
pub fn read(class: &[i64], watchers: usize) -> Vec<(usize, usize)> {
    let mut sorted = class.to_vec();
    sorted.sort_unstable();
    let rank = |own: &i64| 1 + class.len() - sorted.partition_point(|other| other <= own);
    class.iter().take(watchers).map(|own| (rank(own), class.len())).collect()
}
