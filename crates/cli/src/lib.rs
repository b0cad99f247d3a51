//! gl: GitLab on the command line.
