# Formula for a tap. Not run: no macOS was at hand, and Homebrew does not take projects without a release.
# A release replaces `url` and `sha256` with those of its source archive.
class TrinoOdbc < Formula
  desc "ODBC driver for Trino and Starburst, built around the spooling protocol"
  homepage "https://github.com/OWNER/trino-odbc"
  url "https://github.com/OWNER/trino-odbc/archive/refs/tags/vVERSION.tar.gz"
  sha256 "SHA256"
  license "Apache-2.0"

  depends_on "rust" => :build
  depends_on "unixodbc"

  def install
    system "cargo", "build", "--release", "--locked", "--package", "trino-odbc", "--lib"
    system "cargo", "install", *std_cargo_args(path: "command")
    lib.install "target/release/#{shared_library("libtrinoodbc")}"
    pkgshare.install "installer/linux/odbc.ini.example"
  end

  def caveats
    <<~EOS
      Register the driver with unixODBC:
        trino-odbc install --user --library #{opt_lib/shared_library("libtrinoodbc")}
      Unregister it before you uninstall the formula:
        trino-odbc uninstall --user
    EOS
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/trino-odbc --version")
    assert_path_exists lib/shared_library("libtrinoodbc")
  end
end
