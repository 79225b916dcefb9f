//! The JSON Schemas for `vcenter.vm.guest.customization.info`, the object in which vSphere's API reports the progress of a guest
//! customization, with their rules and test vectors.

/// Every file by its path, sorted. The README explains them. All are JSON, except for some of `vectors/text`, which are broken on
/// purpose and not always UTF-8.
pub static FILES: &[(&str, &[u8])] = &include!("files.rs");

/// The content of a file, such as `rules.json` or `vcenter.vm.guest.customization.info/7.0.3.0.schema.json`.
pub fn file(path: &str) -> Option<&'static [u8]> {
    let place = FILES.binary_search_by_key(&path, |(name, _)| *name).ok()?;
    Some(FILES[place].1)
}
