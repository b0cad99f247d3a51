//! Empty: this package consists of tests. They run GraphQL operations, streams, loaders and checks against the fake GitLab.
