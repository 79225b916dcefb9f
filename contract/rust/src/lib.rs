//! Only tests: see tests/contract.rs.
