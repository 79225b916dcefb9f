//! Nothing but tests: see tests/contract.rs.
