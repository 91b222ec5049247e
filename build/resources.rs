// Resources of Windows: who made a file and of what version, and its manifest. For the build scripts of the driver and of
// the command.

use std::path::PathBuf;
use std::{env, fs};

/// What a resource script describes.
pub struct File {
    /// With its extension.
    pub name: &'static str,
    pub description: &'static str,
    /// VFT_APP or VFT_DLL.
    pub kind: u32,
    /// Where Windows looks for the manifest: 1 in a program, 2 in a library.
    pub manifest_id: u32,
    pub manifest: &'static str,
}

/// Whether the build is for Windows.
pub fn is_wanted() -> bool {
    env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "windows")
}

/// Writes the resource script, with the version of the package.
pub fn write(file: &File) -> PathBuf {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let version = env::var("CARGO_PKG_VERSION").expect("cargo sets the version");
    let number = |part| env::var(part).expect("cargo sets the version's parts");
    let numbers = [
        "CARGO_PKG_VERSION_MAJOR",
        "CARGO_PKG_VERSION_MINOR",
        "CARGO_PKG_VERSION_PATCH",
    ]
    .map(number)
    .join(",");
    let manifest = out.join("manifest.xml");
    fs::write(&manifest, file.manifest).expect("cargo made the folder");
    let File {
        name,
        description,
        kind,
        manifest_id,
        ..
    } = file;
    // Backslashes would begin escape sequences.
    let manifest = manifest.display().to_string().replace('\\', "/");
    let text = format!(
        "#pragma code_page(65001)\n\
         1 VERSIONINFO\n\
         FILEVERSION {numbers},0\n\
         PRODUCTVERSION {numbers},0\n\
         FILEFLAGSMASK 0x3f\n\
         FILEFLAGS 0\n\
         FILEOS 0x40004\n\
         FILETYPE {kind}\n\
         BEGIN\n\
         BLOCK \"StringFileInfo\"\n\
         BEGIN\n\
         BLOCK \"040904b0\"\n\
         BEGIN\n\
         VALUE \"CompanyName\", \"trino-odbc\"\n\
         VALUE \"FileDescription\", \"{description}\"\n\
         VALUE \"FileVersion\", \"{version}\"\n\
         VALUE \"InternalName\", \"{name}\"\n\
         VALUE \"LegalCopyright\", \"Apache License 2.0\"\n\
         VALUE \"OriginalFilename\", \"{name}\"\n\
         VALUE \"ProductName\", \"ODBC driver for Trino\"\n\
         VALUE \"ProductVersion\", \"{version}\"\n\
         END\n\
         END\n\
         BLOCK \"VarFileInfo\"\n\
         BEGIN\n\
         VALUE \"Translation\", 0x409, 1200\n\
         END\n\
         END\n\
         {manifest_id} 24 \"{manifest}\"\n"
    );
    let script = out.join("resources.rc");
    fs::write(&script, text).expect("cargo made the folder");
    script
}
