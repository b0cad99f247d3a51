//! A typed GitLab client.
