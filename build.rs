//! Lets odbc-sys link without a Driver Manager's development files.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_UNIX").is_ok() {
        // odbc-sys asks the linker for libodbc. The driver uses its types only and must not need the manager's library,
        // so an archive without members satisfies the request.
        let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
        std::fs::write(Path::new(&out).join("libodbc.a"), "!<arch>\n")
            .expect("OUT_DIR is writable");
        println!("cargo:rustc-link-search=native={out}");
        // Names that the manager exports too must resolve to ours.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-Bsymbolic");
    }
}
