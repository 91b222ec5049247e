//! Generates the C header of the driver's own attributes, and on Windows version and manifest of the library.

#[path = "build/resources.rs"]
mod resources;

use std::path::Path;
use std::{env, fs};

use resources::File;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    header(Path::new(&out));
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        // Names that the manager exports too must resolve to ours.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-Bsymbolic");
    }
    println!("cargo:rerun-if-changed=build/resources.rs");
    if resources::is_wanted() {
        let script = resources::write(&File {
            name: "trinoodbc.dll",
            description: env!("CARGO_PKG_DESCRIPTION"),
            kind: 2,
            manifest_id: 2,
            manifest: MANIFEST,
        });
        embed_resource::compile_for_cdylib(script, embed_resource::NONE)
            .manifest_required()
            .expect("the resource compiler of the target (windres, rc.exe or llvm-rc) is there");
    }
}

/// The dialog has the controls of the current Windows, whatever the application has.
const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <dependency>
    <dependentAssembly>
      <assemblyIdentity type="win32" name="Microsoft.Windows.Common-Controls" version="6.0.0.0"
        processorArchitecture="*" publicKeyToken="6595b64144ccf1df" language="*"/>
    </dependentAssembly>
  </dependency>
</assembly>
"#;

/// The type of what one attribute is set to.
const CALLBACK: &str = "\
/**
 * Shows a person where to sign in: at `address`, where `code` has to be entered unless it is null. Both are UTF-8, and
 * gone when the function returns.
 */
typedef void (SQL_API *SQL_TRINO_SIGN_IN_CALLBACK)(void *context, const char *address, const char *code);";

/// Generates the header beside the build's other output; the committed one is touched only when asked for.
fn header(out: &Path) {
    const SOURCE: &str = "src/abi/driver_specific.rs";
    const COMMITTED: &str = "include/trino_odbc.h";
    println!("cargo:rerun-if-changed={SOURCE}");
    println!("cargo:rerun-if-env-changed=TRINO_ODBC_WRITE_HEADER");
    let fresh = out.join("trino_odbc.h");
    cbindgen::Builder::new()
        .with_src(SOURCE)
        .with_language(cbindgen::Language::C)
        .with_include_guard("TRINO_ODBC_H")
        .with_no_includes()
        .with_documentation(true)
        .with_after_include(CALLBACK)
        .with_header(
            "/* Attributes of connections and statements that only the ODBC driver for Trino has.\n \
             * Include sql.h and sqlext.h before. Generated from src/abi/driver_specific.rs. */",
        )
        .generate()
        .expect("the attributes are plain constants")
        .write_to_file(&fresh);
    if env::var("TRINO_ODBC_WRITE_HEADER").is_ok_and(|value| value == "1") {
        let text = fs::read(&fresh).expect("the header was just written");
        if fs::read(COMMITTED).ok().as_ref() != Some(&text) {
            fs::create_dir_all("include")
                .expect("the source tree is writable when it is asked for");
            fs::write(COMMITTED, text).expect("the source tree is writable when it is asked for");
        }
    }
}
