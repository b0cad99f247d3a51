//! Every operation of GitLab's REST API, typed; generated.
