//! On Windows: version and manifest of the command.

#[path = "../build/resources.rs"]
mod resources;

use resources::File;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=../build/resources.rs");
    if resources::is_wanted() {
        let script = resources::write(&File {
            name: "trino-odbc.exe",
            description: env!("CARGO_PKG_DESCRIPTION"),
            kind: 1,
            manifest_id: 1,
            manifest: MANIFEST,
        });
        embed_resource::compile(script, embed_resource::NONE)
            .manifest_required()
            .expect("the resource compiler of the target (windres, rc.exe or llvm-rc) is there");
    }
}

/// It runs with the rights of the user, with long paths.
const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3">
    <security><requestedPrivileges><requestedExecutionLevel level="asInvoker" uiAccess="false"/></requestedPrivileges></security>
  </trustInfo>
  <compatibility xmlns="urn:schemas-microsoft-com:compatibility.v1">
    <application><supportedOS Id="{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"/></application>
  </compatibility>
  <application xmlns="urn:schemas-microsoft-com:asm.v3">
    <windowsSettings>
      <longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
    </windowsSettings>
  </application>
</assembly>
"#;
