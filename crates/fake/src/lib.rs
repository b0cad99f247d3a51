//! An embedded fake GitLab for demos and tests.
