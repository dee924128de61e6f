//! Every use case an administrator has, as one typed API with error codes; the only thing that the
//! desktop and the command line call.

pub mod api;
