//! Every operation and type of GitLab's REST API as data; generated.
