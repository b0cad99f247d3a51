//! The `glabflow-codegen` command.

fn main() {}
