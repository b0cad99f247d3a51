//! `gl demo`.

use crate::run;

#[test]
fn demo_output_matches_the_snapshot() {
    let demo = run(&["demo", "--users", "120", "--projects", "12"]).succeeded();
    assert_eq!(demo.stderr, "");
    insta::with_settings!({filters => vec![
        (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        (r" +\d+\.\d{3} s +[\d,]+", "  TIME  RATE"),
    ]}, {
        insta::assert_snapshot!(demo.stdout);
    });
}

#[test]
fn demo_accepts_sizes_and_concurrency() {
    let demo = run(&["demo", "--users", "5", "--projects", "0", "--concurrency", "1", "--latency-ms", "1"]).succeeded();
    assert!(demo.stdout.contains(" 0 projects "), "{}", demo.stdout);
    run(&["demo", "--concurrency", "0"]).failed(2);
}
