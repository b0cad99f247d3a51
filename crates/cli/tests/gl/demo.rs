//! `gl demo`.

use crate::run;

#[test]
fn the_demonstration_explains_itself() {
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
fn sizes_and_concurrency_are_options() {
    let demo = run(&["demo", "--users", "5", "--projects", "0", "--concurrency", "1", "--latency-ms", "1"]).succeeded();
    assert!(demo.stdout.contains(" 0 projects "), "{}", demo.stdout);
    run(&["demo", "--concurrency", "0"]).failed(2);
}
