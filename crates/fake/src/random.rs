//! Repeatable randomness: numbers as a function of a seed and of their purpose.

/// Mixes a seed with the numbers that identify a fact. The same input gives the same number.
pub(crate) fn mix(seed: u64, names: &[u64]) -> u64 {
    names.iter().fold(scramble(seed), |state, name| scramble(state ^ name.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

fn scramble(mut state: u64) -> u64 {
    state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

/// Forty hexadecimal digits, like the id of a commit.
pub(crate) fn sha(seed: u64, names: &[u64]) -> String {
    let number = mix(seed, names);
    format!("{:016x}{:016x}{:08x}", number, scramble(number), scramble(!number) >> 32)
}

/// Picks one of several texts.
pub(crate) fn pick<'a>(texts: &[&'a str], dice: u64) -> &'a str {
    texts[(dice % texts.len() as u64) as usize]
}
