# SPDX-License-Identifier: MIT OR Apache-2.0
# A formula for Homebrew, to be put into a tap; docs/macos.md shows how. It builds the git checkout that HOMEBREW_ARCBOX_SOURCE names, as file://FOLDER.
class Arcbox < Formula
  desc "Virtual machines inside your own program, in C, and the command abx"
  license any_of: ["MIT", "Apache-2.0"]
  head ENV.fetch("HOMEBREW_ARCBOX_SOURCE", "file:///nowhere"), using: :git

  depends_on "acpica" => :build
  depends_on "meson" => :build
  depends_on "ninja" => :build
  depends_on "pkgconf" => :build
  depends_on "dtc"
  depends_on "jansson"
  depends_on "libuv"
  depends_on "lz4"
  depends_on macos: :big_sur
  depends_on "xz"
  depends_on "zstd"

  uses_from_macos "zlib"

  def install
    system "meson", "setup", "build", "-Dtests=false", "-Dwerror=false", *std_meson_args
    system "meson", "compile", "-C", "build", "--verbose"
    # Signs abx, too: without its entitlements macOS gives it no virtual machine.
    system "meson", "install", "-C", "build"
  end

  test do
    assert_match "abx ", shell_output("#{bin}/abx version")
    entitlements = shell_output("codesign --display --entitlements - #{bin}/abx 2>&1")
    assert_match "com.apple.security.virtualization", entitlements
  end
end
