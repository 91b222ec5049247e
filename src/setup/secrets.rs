//! Secrets of a data source that a person edits: legible in the dialog, encrypted where they are kept.

use super::Attributes;
use super::attributes::revealed;
use super::form::{Control, Field};
use crate::config::{self, Id, Keyword};

/// The attributes with their secrets legible. What cannot be decrypted is left out: the person enters it again.
pub fn open(mut attributes: Attributes) -> Attributes {
    let name = Id::ProtectedSecrets.to_string();
    let place = attributes
        .iter()
        .position(|(known, _)| known.eq_ignore_ascii_case(&name));
    let secrets = match place {
        None => Vec::new(),
        Some(place) => {
            let (_, text) = attributes.remove(place);
            revealed(&config::unprotect(&text).unwrap_or_default())
        }
    };
    for (name, value) in secrets {
        if !attributes.iter().any(|(known, _)| *known == name) {
            attributes.push((name, value));
        }
    }
    // They are kept if they were.
    if place.is_some() || attributes.iter().any(|(name, _)| is_secret(name)) {
        attributes.push((name, "true".to_owned()));
    }
    attributes
}

/// The attributes without the wish to keep the secrets.
pub fn legible(mut attributes: Attributes) -> Attributes {
    let name = Id::ProtectedSecrets.to_string();
    attributes.retain(|(known, _)| *known != name);
    attributes
}

/// The attributes with their secrets encrypted if the person wants them to be kept, else without.
pub fn seal(attributes: Attributes) -> Result<Attributes, String> {
    let name = Id::ProtectedSecrets.to_string();
    let is_kept = attributes
        .iter()
        .any(|(known, value)| *known == name && value == "true");
    let (secrets, mut others): (Attributes, Attributes) = attributes
        .into_iter()
        .filter(|(known, _)| *known != name)
        .partition(|(known, _)| is_secret(known));
    if is_kept && !secrets.is_empty() {
        let protected = config::protect(secrets).map_err(|error| {
            format!("Windows cannot encrypt the passwords: {error}. Enter them when you connect.")
        })?;
        others.push((name, protected));
    }
    Ok(others)
}

fn is_secret(name: &str) -> bool {
    Keyword::find(name)
        .and_then(|keyword| Field::of(keyword.id))
        .is_some_and(|field| field.control == Control::Secret)
}
